//! Lanes. Only the oldest unfinished row of a lane may be claimed. A new delivery is claimed at once if it is due and its lane
//! is free.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, max, min, not};
use diesel::prelude::*;
use domain::{ChatId, DeliveryId, Email, LeadId, Letter, UpdateId};

use super::rows::{UNREADABLE, from_json, outbox_state as state, to_json};
use super::stored::{StoredNumber, StoredText, StoredTime};
use super::times::{Stamp, Stamped as _};
use crate::schema::{dialogs, outbox};
use crate::sqlite::last_write::inserted_id;
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Conn, Delivery, Lane, Payload, UnreadableDelivery, Way};

/// A delivery to write in the transaction that causes it.
pub(crate) struct NewDelivery {
    /// Its idempotency key.
    pub key: String,
    pub lane: Lane,
    /// The chat it goes to or is about.
    pub chat: ChatId,
    pub payload: Payload,
    pub due: DateTime<Utc>,
    /// It carries the chat's newest dialog line or a part of it.
    pub has_newest_line: bool,
    pub update: Option<UpdateId>,
    /// The lead it is about.
    pub lead: Option<LeadId>,
    /// The customer stopped the bot: the row is stored as cancelled.
    pub is_blocked: bool,
}

impl NewDelivery {
    /// A delivery that is not a reply and not about a single lead.
    pub(super) fn new(key: String, lane: Lane, chat: ChatId, payload: Payload, due: DateTime<Utc>) -> Self {
        Self {
            key,
            lane,
            chat,
            payload,
            due,
            has_newest_line: false,
            update: None,
            lead: None,
            is_blocked: false,
        }
    }
}

/// Writes a delivery; returns it claimed, for the outbox, if it is due and its lane is free. Writes nothing if the key is
/// known.
pub(super) fn enqueue(conn: &mut Conn, now: DateTime<Utc>, new: NewDelivery) -> QueryResult<Option<Delivery>> {
    let written = insert(conn, now, &new, !new.is_blocked && new.due <= now)?;
    let claimed = written.filter(|(_, is_claimed)| *is_claimed);
    Ok(claimed.map(|(id, _)| Delivery {
        id: DeliveryId(id),
        lane: new.lane,
        chat: new.chat,
        payload: new.payload,
        attempt: 1,
        created_at: now,
        update: new.update.map(|update| update.0),
    }))
}

/// Writes a delivery that the outbox finds when it is due, for callers that cannot pass it to the outbox.
pub(crate) fn schedule(conn: &mut Conn, now: DateTime<Utc>, new: &NewDelivery) -> QueryResult<()> {
    insert(conn, now, new, false).map(|_waiting| ())
}

/// The row's id, and whether it is claimed.
fn insert(conn: &mut Conn, now: DateTime<Utc>, new: &NewDelivery, may_claim: bool) -> QueryResult<Option<(i64, bool)>> {
    let in_lane = outbox::table.filter(outbox::lane.eq(&new.lane.0));
    let [scheduled, executing, retryable] = state::unfinished().map(|state| outbox::state.eq(state));
    let unfinished = in_lane.filter(scheduled.or(executing).or(retryable)).select(outbox::id);
    let lines = dialogs::table.filter(dialogs::user_id.eq(new.chat.0));
    let newest_line = lines.select(max(dialogs::id)).single_value();
    let known = outbox::table.filter(outbox::key.eq(&new.key)).select(outbox::id);
    let (is_known, is_lane_free, newest_line): (bool, bool, Option<i64>) =
        diesel::select((exists(known), not(exists(unfinished)), newest_line))
            .once(here!())
            .get_result(conn)?;
    if is_known {
        return Ok(None);
    }
    let is_claimed = may_claim && is_lane_free;
    let now = now.stamp();
    let state = match is_claimed {
        true => state::EXECUTING,
        false if new.is_blocked => state::CANCELLED,
        false => state::SCHEDULED,
    };
    let payload = match new.is_blocked {
        true => String::new(),
        false => to_json(&new.payload)?,
    };
    diesel::insert_into(outbox::table)
        .values((
            outbox::key.eq(&new.key),
            outbox::lane.eq(&new.lane.0),
            outbox::chat_id.eq(new.chat.0),
            outbox::payload.eq(payload),
            outbox::state.eq(state),
            outbox::reason.eq(new.is_blocked.then_some("blocked")),
            outbox::attempts.eq(i32::from(is_claimed)),
            outbox::due_at.eq(new.due.stamp()),
            outbox::created_at.eq(now),
            outbox::claimed_at.eq(is_claimed.then_some(now)),
            outbox::finished_at.eq(new.is_blocked.then_some(now)),
            outbox::dialog_id.eq(newest_line.filter(|_| new.has_newest_line)),
            outbox::update_id.eq(new.update.map(|update| update.0)),
            outbox::address.eq(new.payload.address().map(Email::as_str)),
            outbox::lead_id.eq(new.lead.map(|lead| lead.0)),
            outbox::lead_ids.eq(gathered(&new.payload)?),
        ))
        .once(here!())
        .run(conn)?;
    let id = diesel::select(inserted_id()).once(here!()).get_result(conn)?;
    Ok(Some((id, is_claimed)))
}

/// The leads of a letter that gathers several.
pub(super) fn gathered(payload: &Payload) -> QueryResult<Option<String>> {
    let Some(Letter::Leads(notices)) = payload.letter() else {
        return Ok(None);
    };
    let ids: Vec<i64> = notices.iter().map(|notice| notice.lead.0).collect();
    to_json(&ids).map(Some)
}

/// Claims the lane's oldest unfinished row if it is due and not already claimed. A row that does not parse is skipped; the next
/// claim of due rows ends it ([`take_head`]).
pub(super) fn claim_next(conn: &mut Conn, lane: &str, now: DateTime<Utc>) -> QueryResult<Option<Delivery>> {
    match due_head(conn, lane, now)?.map(DeliveryRow::claimed) {
        Some(Ok(delivery)) => mark(conn, delivery, now).map(Some),
        Some(Err(_ended_later)) => Ok(None),
        None => Ok(None),
    }
}

/// Claims the lane's oldest due row that parses; ends those before it and adds them to `ended`.
pub(super) fn take_head(
    conn: &mut Conn,
    head: DeliveryRow,
    now: DateTime<Utc>,
    ended: &mut Vec<UnreadableDelivery>,
) -> QueryResult<Option<Delivery>> {
    let mut head = Some(head);
    while let Some(row) = head {
        let lane = row.lane.clone();
        match row.claimed() {
            Ok(delivery) => return mark(conn, delivery, now).map(Some),
            Err(unreadable) => ended.push(end_unreadable(conn, unreadable, now)?),
        }
        head = due_head(conn, &lane, now)?;
    }
    Ok(None)
}

/// The lane's oldest unfinished row, if it is due and no row of the lane is executing.
fn due_head(conn: &mut Conn, lane: &str, now: DateTime<Utc>) -> QueryResult<Option<DeliveryRow>> {
    // One index lookup per state; a query over all states would sort.
    let [scheduled, executing, retryable] = state::unfinished().map(|state| {
        let of_state = outbox::table
            .filter(outbox::lane.eq(lane))
            .filter(outbox::state.eq(state));
        of_state.select(min(outbox::id)).single_value()
    });
    let oldest: (Option<i64>, Option<i64>, Option<i64>) = diesel::select((scheduled, executing, retryable))
        .once(here!())
        .get_result(conn)?;
    // A requeued dead letter may be older than the executing row.
    let (scheduled, None, retryable) = oldest else {
        return Ok(None);
    };
    let Some(head) = scheduled.into_iter().chain(retryable).min() else {
        return Ok(None);
    };
    let head = outbox::table.find(head).select(DeliveryRow::as_select());
    let head: Option<DeliveryRow> = head.first(conn).optional()?;
    Ok(head.filter(|row| row.due_at.utc().is_some_and(|due| due <= now)))
}

/// Marks a row as being worked on.
fn mark(conn: &mut Conn, delivery: Delivery, now: DateTime<Utc>) -> QueryResult<Delivery> {
    diesel::update(outbox::table.find(delivery.id.0))
        .set((
            outbox::state.eq(state::EXECUTING),
            outbox::attempts.eq(i32::try_from(delivery.attempt).unwrap_or(i32::MAX)),
            outbox::claimed_at.eq(now.stamp()),
        ))
        .once(here!())
        .run(conn)?;
    Ok(delivery)
}

/// Ends a row that cannot be delivered because it does not parse. Its content stays for an operator to read.
pub(super) fn end_unreadable(
    conn: &mut Conn,
    unreadable: UnreadableDelivery,
    now: DateTime<Utc>,
) -> QueryResult<UnreadableDelivery> {
    diesel::update(outbox::table.find(unreadable.id.0))
        .set((
            outbox::state.eq(state::DEAD),
            outbox::reason.eq(UNREADABLE),
            outbox::finished_at.eq(now.stamp()),
        ))
        .execute(conn)?;
    Ok(unreadable)
}

/// Ends the lane's unfinished rows in these states: the customer stopped the bot.
pub(super) fn cancel(conn: &mut Conn, lane: &Lane, states: &[&str], now: DateTime<Utc>) -> QueryResult<()> {
    let [scheduled, executing, retryable] = state::unfinished().map(|state| outbox::state.eq(state));
    let in_lane = outbox::table.filter(outbox::lane.eq(&lane.0));
    let rows = in_lane.filter(scheduled.or(executing).or(retryable));
    let ended = cancelled(now);
    diesel::update(rows.filter(outbox::state.eq_any(states)))
        .set(ended)
        .execute(conn)?;
    Ok(())
}

/// Ends one row, for the same reason.
pub(super) fn cancel_one(conn: &mut Conn, row: DeliveryId, now: DateTime<Utc>) -> QueryResult<()> {
    diesel::update(outbox::table.find(row.0))
        .set(cancelled(now))
        .execute(conn)?;
    Ok(())
}

#[diesel::dsl::auto_type]
fn cancelled(now: DateTime<Utc>) -> _ {
    let (state, payload, reason): (&'static str, &'static str, &'static str) = (state::CANCELLED, "", "blocked");
    let finished_at: Stamp = now.stamp();
    (
        outbox::state.eq(state),
        outbox::payload.eq(payload),
        outbox::reason.eq(reason),
        outbox::finished_at.eq(finished_at),
    )
}

/// A row of `outbox`; each column is parsed separately.
#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(super) struct DeliveryRow {
    pub id: i64,
    lane: StoredText,
    chat_id: StoredNumber,
    payload: StoredText,
    attempts: StoredNumber,
    pub due_at: StoredTime,
    created_at: StoredTime,
    pub claimed_at: Option<StoredTime>,
    requeued_at: Option<StoredTime>,
    update_id: Option<i64>,
}

impl DeliveryRow {
    pub(super) fn way(&self) -> Way {
        Way::of_lane(&self.lane)
    }

    /// The row as a delivery in its current attempt.
    pub(super) fn into_executing(self) -> Result<Delivery, UnreadableDelivery> {
        let attempt = self.attempts.counted();
        self.delivery(attempt)
    }

    /// The row as a delivery in its next attempt. A count that does not parse starts again at 1.
    fn claimed(self) -> Result<Delivery, UnreadableDelivery> {
        let attempt = self.attempts.count().saturating_add(1);
        self.delivery(Some(attempt))
    }

    fn delivery(self, attempt: Option<u32>) -> Result<Delivery, UnreadableDelivery> {
        let unreadable = self.unreadable();
        let written = match self.requeued_at {
            Some(requeued) => requeued.utc(),
            None => self.created_at.utc(),
        };
        let parsed = (self.chat_id.get(), attempt, written, from_json(&self.payload));
        let (Some(chat), Some(attempt), Some(created_at), Ok(payload)) = parsed else {
            return Err(unreadable);
        };
        Ok(Delivery {
            id: DeliveryId(self.id),
            lane: Lane(self.lane.into()),
            chat: ChatId(chat),
            payload,
            attempt,
            created_at,
            update: self.update_id,
        })
    }

    pub(super) fn unreadable(&self) -> UnreadableDelivery {
        UnreadableDelivery {
            id: DeliveryId(self.id),
            chat: self.chat_id.get().map(ChatId),
            update: self.update_id,
            attempt: self.attempts.count(),
            way: self.way(),
        }
    }
}
