//! Rows of `successful_dialogs` as a person reads them, together with their customers.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::Deserialize;

use super::delivery_records::letters_about;
use super::leads::earlier_than;
use super::rows::{CustomerRow, USER, from_json, utc};
use crate::db::Conn;
use crate::db::records::{DeliveryRecord, LeadRecord, LeadStory, SaidLine};
use crate::db::schema::{customers, successful_dialogs};
use crate::domain::{ChatId, Customer, LeadId, LeadSource, Letter, Payload, Profile};

/// The last changed first.
pub(in crate::db) fn list(
    conn: &mut Conn,
    since: Option<DateTime<Utc>>,
    limit: Option<u32>,
) -> QueryResult<Vec<LeadRecord>> {
    let since = since.unwrap_or(DateTime::UNIX_EPOCH).naive_utc();
    let rows: Vec<(Row, Option<CustomerRow>)> = with_customers()
        .filter(successful_dialogs::updated_at.ge(since))
        .order((successful_dialogs::updated_at.desc(), successful_dialogs::id.desc()))
        .limit(limit.map_or(i64::MAX, i64::from))
        .select((Row::as_select(), Option::<CustomerRow>::as_select()))
        .load(conn)?;
    rows.into_iter().map(record).collect()
}

/// One lead with everything around it.
pub(in crate::db) fn find(conn: &mut Conn, id: LeadId) -> QueryResult<Option<LeadStory>> {
    let row: Option<(Row, Option<CustomerRow>)> = with_customers()
        .filter(successful_dialogs::id.eq(id.0))
        .select((Row::as_select(), Option::<CustomerRow>::as_select()))
        .first(conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let lead = record(row)?;
    let messages: String = successful_dialogs::table
        .find(id.0)
        .select(successful_dialogs::messages)
        .first(conn)?;
    let mut letters = letters_about(conn, id)?;
    letters.retain(|letter| tells_of(letter, id));
    Ok(Some(LeadStory {
        earlier: earlier_than(conn, lead.chat, id.0)?,
        letters,
        dialog: from_json::<Vec<Message>>(&messages)?.into_iter().map(line).collect(),
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
    username: String,
    contact_info: String,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    revision: i32,
    source: String,
}

fn record((row, customer): (Row, Option<CustomerRow>)) -> QueryResult<LeadRecord> {
    let customer = customer.map(Customer::from);
    let unnamed = || Profile {
        first_name: row.username.clone(),
        ..Profile::default()
    };
    Ok(LeadRecord {
        id: LeadId(row.id),
        chat: ChatId(row.user_id),
        came_from: customer.as_ref().and_then(|customer| customer.source.clone()),
        profile: customer.map_or_else(unnamed, |customer| customer.profile),
        created_at: utc(row.created_at),
        changed_at: utc(row.updated_at),
        revision: row.revision.unsigned_abs(),
        source: LeadSource::from_word(&row.source)
            .ok_or_else(|| diesel::result::Error::DeserializationError("an unknown source of a lead".into()))?,
        facts: from_json(&row.contact_info)?,
    })
}

fn tells_of(letter: &DeliveryRecord, lead: LeadId) -> bool {
    match &letter.payload {
        Some(Payload::Letter {
            letter: Letter::Leads(notices),
            ..
        }) => notices.iter().any(|notice| notice.lead == lead),
        _ => letter.lead == Some(lead) || letter.gathered.contains(&lead),
    }
}

/// One message as `snapshot` keeps it.
#[derive(Deserialize)]
struct Message {
    role: String,
    message: String,
    timestamp: DateTime<Utc>,
}

fn line(message: Message) -> SaidLine {
    SaidLine {
        at: message.timestamp,
        is_customers: message.role == USER,
        text: message.message,
    }
}
