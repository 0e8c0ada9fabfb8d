//! Output formats of deliveries: table, page, JSON. Scripts depend on the JSON names: add names, never rename them.

use chrono_tz::Tz;
use contacts::phone::with_extension;
use domain::{LeadField, LeadNotice, Letter};
use serde_json::{Value, json};
use store::read_only::{Cell, Table};
use store::records::DeliveryRecord;
use store::{Payload, ToChat, Way};

use super::output::{EXTENSION, fields};
use super::place::local;

/// The table of `outbox list`.
pub(super) fn overview(records: &[DeliveryRecord], zone: Tz) -> Table {
    let columns = [
        "id",
        "kind",
        "to",
        "state",
        "attempts",
        "maybe sent",
        "due or finished",
        "reason",
    ];
    let rows = records.iter().map(|record| {
        vec![
            Cell::Integer(record.id.0),
            Cell::Text(kind(record)),
            Cell::Text(to(record)),
            Cell::Text(record.state.word().to_owned()),
            Cell::Integer(i64::from(record.attempts)),
            Cell::Integer(i64::from(record.maybe_sent)),
            Cell::Text(local(record.finished_at.unwrap_or(record.due_at), zone)),
            Cell::Text(record.reason.clone().unwrap_or_default()),
        ]
    });
    Table {
        columns: columns.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}

/// An array of objects; times are RFC 3339 in UTC.
///
/// # Errors
/// None known.
pub(super) fn json(records: &[DeliveryRecord]) -> serde_json::Result<String> {
    let records: Vec<Value> = records.iter().map(object).collect();
    serde_json::to_string_pretty(&records)
}

/// One object.
///
/// # Errors
/// None known.
pub(super) fn record_json(record: &DeliveryRecord) -> serde_json::Result<String> {
    serde_json::to_string_pretty(&object(record))
}

fn object(record: &DeliveryRecord) -> Value {
    json!({
        "id": record.id,
        "kind": kind(record),
        "to": to(record),
        "chat_id": record.chat,
        "address": record.address,
        "state": record.state,
        "reason": record.reason,
        "attempts": record.attempts,
        "maybe_sent": record.maybe_sent,
        "created_at": record.created_at,
        "due_at": record.due_at,
        "claimed_at": record.claimed_at,
        "requeued_at": record.requeued_at,
        "finished_at": record.finished_at,
        "key": record.key,
        "lane": record.lane,
        "lead_id": record.lead,
        "dialog_id": record.dialog,
        "update_id": record.update,
        "remote_id": record.remote_id,
        "says": content(record),
    })
}

/// The page of `outbox show`.
pub(super) fn page(record: &DeliveryRecord, zone: Tz) -> String {
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| local(at, zone));
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let doubt =
        (record.maybe_sent > 0).then(|| format!("{} times; the recipient may have received it", record.maybe_sent));
    let lines = [
        ("kind", Some(kind(record))),
        ("to", Some(to(record))),
        ("state", Some(record.state.word().to_owned())),
        ("reason", record.reason.clone()),
        ("attempts", Some(record.attempts.to_string())),
        ("maybe sent", doubt),
        ("created", time(Some(record.created_at))),
        ("due", time(Some(record.due_at))),
        ("last claimed", time(record.claimed_at)),
        ("requeued", time(record.requeued_at)),
        ("finished", time(record.finished_at)),
        ("lane", Some(record.lane.0.clone())),
        ("key", Some(record.key.clone())),
        ("chat", (record.chat.0 != 0).then(|| record.chat.to_string())),
        ("lead", number(record.lead.map(|lead| lead.0))),
        ("dialog row", number(record.dialog.map(|row| row.0))),
        ("update", number(record.update)),
        ("message id", number(record.remote_id)),
        ("content", Some(content(record))),
    ];
    let shown = lines
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let shown: Vec<(String, String)> = shown.collect();
    format!("delivery {}\n{}", record.id, fields(&shown))
}

/// The kind of delivery.
pub(super) fn kind(record: &DeliveryRecord) -> String {
    match record.payload.as_ref().and_then(Payload::letter) {
        Some(Letter::Leads(notices)) => format!("letter of {} leads", notices.len()),
        _ => kind_of_key(record),
    }
}

/// The key starts with the kind. It remains when the payload is deleted.
fn kind_of_key(record: &DeliveryRecord) -> String {
    let mut parts = record.key.split(':');
    let (kind, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (kind, second) {
        ("notice", "leave") => "leaving a group".to_owned(),
        ("lead", lead) => format!("letter of lead {lead}"),
        ("leads", _) => format!("letter of {} leads", record.gathered.len()),
        ("report" | "report-extra", _) => "report".to_owned(),
        ("alert", kind) => format!("alert ({kind})"),
        (kind, _) => kind.to_owned(),
    }
}

fn to(record: &DeliveryRecord) -> String {
    match &record.address {
        Some(address) => address.to_string(),
        None if Way::of_lane(&record.lane.0) == Way::Chat => format!("chat {}", record.chat),
        None => record.lane.0.clone(),
    }
}

/// The payload as text.
fn content(record: &DeliveryRecord) -> String {
    let Some(payload) = &record.payload else {
        return "deleted, because the delivery is finished".to_owned();
    };
    match (payload.to_chat(), payload.letter()) {
        (Some(ToChat::Message(message)), _) => message.reply.text.clone(),
        (Some(ToChat::Leave), _) => "the bot leaves the chat: it serves private chats only".to_owned(),
        (None, None) => json!(payload).to_string(),
        (None, Some(Letter::Lead(notice))) => about(notice),
        (None, Some(Letter::Leads(notices))) => notices.iter().map(about).collect::<Vec<_>>().join("\n"),
        (None, Some(Letter::Report(notice))) => {
            let period = notice.period;
            format!(
                "report for {} to {} (UTC)",
                period.since.format("%F %T"),
                period.until.format("%F %T")
            )
        }
        (None, Some(Letter::Alert(alert))) => format!("problem with {}: {}", alert.kind.word(), alert.reason),
    }
}

fn about(notice: &LeadNotice) -> String {
    let facts = &notice.facts;
    let mut parts = vec![format!("lead {}, revision {}", notice.lead, notice.revision)];
    parts.extend(facts.name.clone());
    parts.extend(facts.phone().map(|known| with_extension(&known.number, EXTENSION)));
    parts.extend(facts.emails.first().map(ToString::to_string));
    parts.extend(facts.request.clone());
    if !notice.changes.is_empty() {
        let fields: Vec<&str> = notice.changes.iter().map(|change| field_word(change.field)).collect();
        parts.push(format!("new: {}", fields.join(" and ")));
    }
    parts.join("; ")
}

fn field_word(field: LeadField) -> &'static str {
    match field {
        LeadField::Name => "name",
        LeadField::Phone => "phone",
        LeadField::Email => "email",
        LeadField::Telegram => "preference for Telegram",
        LeadField::Request => "request",
        LeadField::PreferredTime => "preferred time",
        LeadField::Note => "note",
    }
}

#[cfg(test)]
#[path = "outbox_forms_tests.rs"]
mod tests;
