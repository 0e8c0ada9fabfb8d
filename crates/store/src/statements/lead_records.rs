//! Leads for the command line: rows of `successful_dialogs` with their customers.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, EarlierLead, LeadFacts, LeadId, LeadSource, Letter, Profile};
use serde::Deserialize;

use super::delivery_records::{DeliveryRecord, letters_about};
use super::lead_rows::earlier_than;
use super::rows::{CustomerRow, USER, from_json};
use super::stored::{StoredNumber, StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{customers, successful_dialogs};
use crate::{Conn, Customer, Payload};

/// A lead and its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRecord {
    /// Its row.
    pub id: LeadId,
    /// The customer's chat.
    pub chat: ChatId,
    /// The customer's newest profile.
    pub profile: Profile,
    /// The deep-link payload they came with.
    pub came_from: Option<String>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
    /// Number of notified changes, from 1.
    pub revision: u32,
    /// How it was recorded.
    pub source: LeadSource,
    /// The facts.
    pub facts: LeadFacts,
}

/// A lead with its letters, dialog and earlier leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadStory {
    /// The lead.
    pub lead: LeadRecord,
    /// The customer's leads before it, newest first.
    pub earlier: Vec<EarlierLead>,
    /// Its letters, including those about several leads; oldest first.
    pub letters: Vec<DeliveryRecord>,
    /// The dialog stored with it, oldest first.
    pub dialog: Vec<TranscriptLine>,
}

/// One line of the dialog stored with a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptLine {
    /// When.
    pub at: DateTime<Utc>,
    /// `true`: from the customer; `false`: from the bot.
    pub is_customers: bool,
    /// The text.
    pub text: String,
}

/// The last changed first.
pub(crate) fn list(conn: &mut Conn, since: Option<DateTime<Utc>>, limit: Option<u32>) -> QueryResult<Vec<LeadRecord>> {
    let since = since.unwrap_or(DateTime::UNIX_EPOCH).stamp();
    let rows: Vec<(Row, Option<CustomerRow>)> = with_customers()
        .filter(successful_dialogs::updated_at.ge(since))
        .order((successful_dialogs::updated_at.desc(), successful_dialogs::id.desc()))
        .limit(limit.map_or(i64::MAX, i64::from))
        .select((Row::as_select(), Option::<CustomerRow>::as_select()))
        .load(conn)?;
    Ok(rows.into_iter().map(record).collect())
}

pub(crate) fn find(conn: &mut Conn, id: LeadId) -> QueryResult<Option<LeadStory>> {
    let row: Option<(Row, Option<CustomerRow>)> = with_customers()
        .filter(successful_dialogs::id.eq(id.0))
        .select((Row::as_select(), Option::<CustomerRow>::as_select()))
        .first(conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let lead = record(row);
    let messages: StoredText = successful_dialogs::table
        .find(id.0)
        .select(successful_dialogs::messages)
        .first(conn)?;
    let mut letters = letters_about(conn, id)?;
    letters.retain(|letter| mentions(letter, id));
    Ok(Some(LeadStory {
        earlier: earlier_than(conn, lead.chat, id.0)?,
        letters,
        dialog: dialog(&messages),
        lead,
    }))
}

#[diesel::dsl::auto_type]
fn with_customers() -> _ {
    successful_dialogs::table.left_join(customers::table.on(customers::chat_id.eq(successful_dialogs::user_id)))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = successful_dialogs)]
struct Row {
    id: i64,
    user_id: i64,
    username: StoredText,
    contact_info: StoredText,
    created_at: StoredTime,
    updated_at: StoredTime,
    revision: StoredNumber,
    source: StoredText,
}

/// Values that do not parse stay empty, so that one lead does not hide the others.
fn record((row, customer): (Row, Option<CustomerRow>)) -> LeadRecord {
    let created_at = row.created_at.utc().or(row.updated_at.utc());
    let created_at = created_at.unwrap_or(DateTime::UNIX_EPOCH);
    let customer = customer.map(Customer::from);
    let unnamed = || Profile {
        first_name: row.username.to_string(),
        ..Profile::default()
    };
    LeadRecord {
        id: LeadId(row.id),
        chat: ChatId(row.user_id),
        came_from: customer.as_ref().and_then(|customer| customer.source.clone()),
        profile: customer.map_or_else(unnamed, |customer| customer.profile),
        created_at,
        changed_at: row.updated_at.utc().unwrap_or(created_at),
        revision: row.revision.count(),
        source: LeadSource::from_word(&row.source).unwrap_or(LeadSource::Text),
        facts: from_json(&row.contact_info).unwrap_or_default(),
    }
}

/// The lines stored with a lead; lines that do not parse are skipped.
fn dialog(messages: &str) -> Vec<TranscriptLine> {
    let messages: Vec<serde_json::Value> = from_json(messages).unwrap_or_default();
    let messages = messages
        .into_iter()
        .filter_map(|message| serde_json::from_value(message).ok());
    messages.map(line).collect()
}

fn mentions(letter: &DeliveryRecord, lead: LeadId) -> bool {
    if let Some(Letter::Leads(notices)) = letter.payload.as_ref().and_then(Payload::letter) {
        return notices.iter().any(|notice| notice.lead == lead);
    }
    letter.lead == Some(lead) || letter.gathered.contains(&lead)
}

/// One message as `snapshot` stores it.
#[derive(Deserialize)]
struct Message {
    role: String,
    message: String,
    timestamp: DateTime<Utc>,
}

fn line(message: Message) -> TranscriptLine {
    TranscriptLine {
        at: message.timestamp,
        is_customers: message.role == USER,
        text: message.message,
    }
}
