//! Deliveries for the command line: rows of `outbox`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, DeliveryId, DialogId, Email, LeadId};

use super::rows::from_json;
use super::stored::{StoredNumber, StoredText, StoredTime};
use crate::schema::outbox;
use crate::{Conn, DeliveryState, Lane, Payload};

/// A row of `outbox`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its row.
    pub id: DeliveryId,
    /// Its idempotency key.
    pub key: String,
    /// Deliveries of one lane leave in order.
    pub lane: Lane,
    /// The chat it goes to or is about; 0 if none.
    pub chat: ChatId,
    /// The content; `None` after it was delivered or cancelled.
    pub payload: Option<Payload>,
    /// Its state.
    pub state: DeliveryState,
    /// Why the last attempt failed.
    pub reason: Option<String>,
    /// Number of attempts.
    pub attempts: u32,
    /// Number of attempts that may have been sent without a confirmed result.
    pub maybe_sent: u32,
    /// The earliest time of the next attempt.
    pub due_at: DateTime<Utc>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last claimed.
    pub claimed_at: Option<DateTime<Utc>>,
    /// When it reached a final state.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was last requeued by hand.
    pub requeued_at: Option<DateTime<Utc>>,
    /// Telegram's message id.
    pub remote_id: Option<i64>,
    /// The `dialogs` row of its text.
    pub dialog: Option<DialogId>,
    /// The update it answers.
    pub update: Option<i64>,
    /// The lead that a letter is about.
    pub lead: Option<LeadId>,
    /// The address of a letter.
    pub address: Option<Email>,
    /// The leads in a letter about several.
    pub gathered: Vec<LeadId>,
}

/// The newest deliveries in these states, oldest first.
pub(crate) fn list(conn: &mut Conn, states: &[DeliveryState], limit: u32) -> QueryResult<Vec<DeliveryRecord>> {
    let mut rows: Vec<Row> = outbox::table
        .filter(outbox::state.eq_any(states.iter().map(|state| state.word())))
        .order(outbox::id.desc())
        .limit(i64::from(limit))
        .select(Row::as_select())
        .load(conn)?;
    rows.reverse();
    Ok(rows.into_iter().map(Row::into_record).collect())
}

pub(crate) fn find(conn: &mut Conn, id: DeliveryId) -> QueryResult<Option<DeliveryRecord>> {
    let row: Option<Row> = outbox::table
        .find(id.0)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Row::into_record))
}

/// The letters about this lead alone and those about several leads, oldest first.
pub(super) fn letters_about(conn: &mut Conn, lead: LeadId) -> QueryResult<Vec<DeliveryRecord>> {
    let own = outbox::lead_id.eq(lead.0);
    let gathered = outbox::lead_id.is_null().and(outbox::key.like("leads:%"));
    let rows: Vec<Row> = outbox::table
        .filter(outbox::address.is_not_null())
        .filter(own.assume_not_null().or(gathered))
        .order(outbox::id.asc())
        .select(Row::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Row::into_record).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Row {
    id: i64,
    key: StoredText,
    lane: StoredText,
    chat_id: i64,
    payload: StoredText,
    state: StoredText,
    reason: Option<StoredText>,
    attempts: StoredNumber,
    maybe_sent: StoredNumber,
    due_at: StoredTime,
    created_at: StoredTime,
    claimed_at: Option<StoredTime>,
    finished_at: Option<StoredTime>,
    requeued_at: Option<StoredTime>,
    remote_id: Option<i64>,
    dialog_id: Option<i64>,
    update_id: Option<i64>,
    lead_id: Option<i64>,
    address: Option<StoredText>,
    lead_ids: Option<StoredText>,
}

impl Row {
    /// Values that do not parse stay empty and an unknown state counts as dead, so that one row does not hide the others.
    fn into_record(self) -> DeliveryRecord {
        let time = |time: Option<StoredTime>| time.and_then(StoredTime::utc);
        let created_at = self.created_at.utc().unwrap_or(DateTime::UNIX_EPOCH);
        DeliveryRecord {
            id: DeliveryId(self.id),
            key: self.key.into(),
            lane: Lane(self.lane.into()),
            chat: ChatId(self.chat_id),
            // Empty after delivery; an unreadable payload must not hide the row.
            payload: from_json(&self.payload).ok(),
            state: DeliveryState::from_word(&self.state).unwrap_or(DeliveryState::Dead),
            reason: self.reason.map(Into::into),
            attempts: self.attempts.count(),
            maybe_sent: self.maybe_sent.count(),
            due_at: self.due_at.utc().unwrap_or(created_at),
            created_at,
            claimed_at: time(self.claimed_at),
            finished_at: time(self.finished_at),
            requeued_at: time(self.requeued_at),
            remote_id: self.remote_id,
            dialog: self.dialog_id.map(DialogId),
            update: self.update_id,
            lead: self.lead_id.map(LeadId),
            address: self.address.as_deref().map(Email::normalised),
            gathered: self
                .lead_ids
                .as_deref()
                .and_then(|ids| from_json(ids).ok())
                .unwrap_or_default(),
        }
    }
}
