//! A customer's leads: the open one, and the earlier ones for a letter.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, EarlierLead, LeadFacts, LeadId};

use super::rows::from_json;
use super::stored::{StoredNumber, StoredText, StoredTime};
use crate::schema::successful_dialogs;
use crate::{Conn, LeadRules};

/// Maximum earlier leads listed in a letter.
const EARLIER: i64 = 5;

/// A row of `successful_dialogs`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = successful_dialogs)]
pub(super) struct LeadRow {
    pub id: i64,
    contact_info: StoredText,
    created_at: StoredTime,
    updated_at: StoredTime,
    revision: StoredNumber,
}

impl LeadRow {
    /// The facts, if they parse.
    pub(super) fn facts(&self) -> Option<LeadFacts> {
        from_json(&self.contact_info).ok()
    }
}

/// A lead that accepts new facts.
pub(super) struct OpenLead {
    pub id: i64,
    pub revision: u32,
    pub known: LeadFacts,
}

pub(super) fn newest(conn: &mut Conn, chat: ChatId) -> QueryResult<Option<LeadRow>> {
    successful_dialogs::table
        .filter(successful_dialogs::user_id.eq(chat.0))
        .order(successful_dialogs::id.desc())
        .select(LeadRow::as_select())
        .first(conn)
        .optional()
}

/// The lead that accepts new facts: the customer's newest, for `open_for` after its last change. If it does not parse, new facts
/// become a new lead with its own letter.
pub(super) fn open_lead(
    conn: &mut Conn,
    chat: ChatId,
    rules: &LeadRules,
    now: DateTime<Utc>,
) -> QueryResult<Option<OpenLead>> {
    let newest = newest(conn, chat)?;
    let is_open = |lead: &LeadRow| lead.updated_at.utc().is_some_and(|at| now - at < rules.open_for);
    Ok(newest.filter(is_open).and_then(|lead| {
        Some(OpenLead {
            id: lead.id,
            revision: lead.revision.count().max(1),
            known: lead.facts()?,
        })
    }))
}

pub(super) fn earlier_than(conn: &mut Conn, chat: ChatId, lead: i64) -> QueryResult<Vec<EarlierLead>> {
    let rows: Vec<LeadRow> = successful_dialogs::table
        .filter(successful_dialogs::user_id.eq(chat.0))
        .filter(successful_dialogs::id.lt(lead))
        .order(successful_dialogs::id.desc())
        .limit(EARLIER)
        .select(LeadRow::as_select())
        .load(conn)?;
    let leads = rows.into_iter().filter_map(|row| {
        let facts = row.facts().unwrap_or_default();
        Some(EarlierLead {
            lead: LeadId(row.id),
            at: row.created_at.utc().or(row.updated_at.utc())?,
            phone: facts.phone().map(|known| known.number.clone()),
            request: facts.request,
        })
    });
    Ok(leads.collect())
}
