//! Rows of `outbox` as a person reads them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rows::{from_json, utc};
use crate::db::Conn;
use crate::db::records::DeliveryRecord;
use crate::db::schema::outbox;
use crate::domain::{ChatId, DeliveryId, DeliveryState, DialogId, Email, Lane, LeadId};

/// The newest in one of these states, oldest first.
pub(in crate::db) fn list(conn: &mut Conn, states: &[DeliveryState], limit: u32) -> QueryResult<Vec<DeliveryRecord>> {
    let mut rows: Vec<Row> = outbox::table
        .filter(outbox::state.eq_any(states.iter().map(|state| state.word())))
        .order(outbox::id.desc())
        .limit(i64::from(limit))
        .select(Row::as_select())
        .load(conn)?;
    rows.reverse();
    rows.into_iter().map(Row::into_record).collect()
}

/// One row.
pub(in crate::db) fn find(conn: &mut Conn, id: DeliveryId) -> QueryResult<Option<DeliveryRecord>> {
    let row: Option<Row> = outbox::table
        .find(id.0)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    row.map(Row::into_record).transpose()
}

/// The letters about a lead alone, and those that tell of several leads; oldest first.
pub(super) fn letters_about(conn: &mut Conn, lead: LeadId) -> QueryResult<Vec<DeliveryRecord>> {
    let own = outbox::lead_id.eq(lead.0);
    let gathered = outbox::lead_id.is_null().and(outbox::key.like("leads:%"));
    let rows: Vec<Row> = outbox::table
        .filter(outbox::address.is_not_null())
        .filter(own.assume_not_null().or(gathered))
        .order(outbox::id.asc())
        .select(Row::as_select())
        .load(conn)?;
    rows.into_iter().map(Row::into_record).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Row {
    id: i64,
    key: String,
    lane: String,
    chat_id: i64,
    payload: String,
    state: String,
    reason: Option<String>,
    attempts: i32,
    maybe_sent: i32,
    due_at: NaiveDateTime,
    created_at: NaiveDateTime,
    claimed_at: Option<NaiveDateTime>,
    finished_at: Option<NaiveDateTime>,
    requeued_at: Option<NaiveDateTime>,
    remote_id: Option<i64>,
    dialog_id: Option<i64>,
    update_id: Option<i64>,
    lead_id: Option<i64>,
    address: Option<String>,
    lead_ids: Option<String>,
}

impl Row {
    fn into_record(self) -> QueryResult<DeliveryRecord> {
        let state = DeliveryState::from_word(&self.state)
            .ok_or_else(|| diesel::result::Error::DeserializationError("an unknown state of a delivery".into()))?;
        Ok(DeliveryRecord {
            id: DeliveryId(self.id),
            key: self.key,
            lane: Lane(self.lane),
            chat: ChatId(self.chat_id),
            // Empty once it is delivered; one that cannot be read must not hide the others.
            payload: from_json(&self.payload).ok(),
            state,
            reason: self.reason,
            attempts: self.attempts.unsigned_abs(),
            maybe_sent: self.maybe_sent.unsigned_abs(),
            due_at: utc(self.due_at),
            created_at: utc(self.created_at),
            claimed_at: self.claimed_at.map(utc),
            finished_at: self.finished_at.map(utc),
            requeued_at: self.requeued_at.map(utc),
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
        })
    }
}
