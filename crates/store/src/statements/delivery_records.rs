//! Rows of `outbox` as a person reads them.

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
    /// What keeps it from being written twice.
    pub key: String,
    /// The order it belongs to.
    pub lane: Lane,
    /// The chat it goes to or is about; 0 for none.
    pub chat: ChatId,
    /// What goes there; `None` once it has been delivered or given up for good: a finished row keeps none.
    pub payload: Option<Payload>,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it did not work the last time.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// How often the far side may have got it without our knowing.
    pub maybe_sent: u32,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was last taken in hand.
    pub claimed_at: Option<DateTime<Utc>>,
    /// When it came to its end.
    pub finished_at: Option<DateTime<Utc>>,
    /// When it was last put back by hand.
    pub requeued_at: Option<DateTime<Utc>>,
    /// Telegram's id of what was sent.
    pub remote_id: Option<i64>,
    /// The dialog row whose words it carries.
    pub dialog: Option<DialogId>,
    /// The update whose answer it is.
    pub update: Option<i64>,
    /// The lead that a letter is about.
    pub lead: Option<LeadId>,
    /// The address of a letter.
    pub address: Option<Email>,
    /// The leads in a letter that gathers several.
    pub gathered: Vec<LeadId>,
}

/// The newest in one of these states, oldest first.
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

/// One row.
pub(crate) fn find(conn: &mut Conn, id: DeliveryId) -> QueryResult<Option<DeliveryRecord>> {
    let row: Option<Row> = outbox::table
        .find(id.0)
        .select(Row::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(Row::into_record))
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
    /// What does not parse is left empty, and a state that is no word of ours is as good as dead: one row must not hide the
    /// others.
    fn into_record(self) -> DeliveryRecord {
        let time = |time: Option<StoredTime>| time.and_then(StoredTime::utc);
        let created_at = self.created_at.utc().unwrap_or(DateTime::UNIX_EPOCH);
        DeliveryRecord {
            id: DeliveryId(self.id),
            key: self.key.into(),
            lane: Lane(self.lane.into()),
            chat: ChatId(self.chat_id),
            // Empty once it is delivered; one that cannot be read must not hide the others.
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
