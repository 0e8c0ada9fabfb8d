//! Lanes: a delivery is born claimed when its lane is free and it is due, and a lane's oldest unfinished row alone may be
//! claimed.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::rows::{from_json, outbox_state as state, to_json, utc};
use crate::db::Conn;
use crate::db::schema::outbox;
use crate::domain::{ChatId, Delivery, DeliveryId, DialogId, Lane, LeadId, Letter, Payload, UpdateId};

/// A delivery to be written with the effect that causes it.
pub(super) struct NewDelivery<'a> {
    /// Its idempotency key.
    pub key: String,
    pub lane: Lane,
    /// The chat it goes to or is about.
    pub chat: ChatId,
    pub payload: &'a Payload,
    pub due: DateTime<Utc>,
    pub dialog: Option<DialogId>,
    pub update: Option<UpdateId>,
    /// The lead a letter is about.
    pub lead: Option<LeadId>,
    /// The customer stopped the bot: the row is kept, and nothing is sent.
    pub is_blocked: bool,
}

/// Writes a delivery; returns it claimed if its lane was free. A known key writes nothing.
pub(super) fn enqueue(conn: &mut Conn, now: DateTime<Utc>, new: &NewDelivery<'_>) -> QueryResult<Option<Delivery>> {
    let is_claimed = !new.is_blocked && new.due <= now && is_free(conn, &new.lane)?;
    let state = match (new.is_blocked, is_claimed) {
        (true, _) => state::CANCELLED,
        (false, true) => state::EXECUTING,
        (false, false) => state::SCHEDULED,
    };
    let now = now.naive_utc();
    let row = diesel::insert_into(outbox::table)
        .values((
            outbox::key.eq(&new.key),
            outbox::lane.eq(&new.lane.0),
            outbox::chat_id.eq(new.chat.0),
            outbox::payload.eq(if new.is_blocked {
                String::new()
            } else {
                to_json(new.payload)?
            }),
            outbox::state.eq(state),
            outbox::reason.eq(new.is_blocked.then_some("blocked")),
            outbox::attempts.eq(i32::from(is_claimed)),
            outbox::due_at.eq(new.due.naive_utc()),
            outbox::created_at.eq(now),
            outbox::claimed_at.eq(is_claimed.then_some(now)),
            outbox::finished_at.eq(new.is_blocked.then_some(now)),
            outbox::dialog_id.eq(new.dialog.map(|dialog| dialog.0)),
            outbox::update_id.eq(new.update.map(|update| update.0)),
            outbox::address.eq(address(new.payload)),
            outbox::lead_id.eq(new.lead.map(|lead| lead.0)),
            outbox::lead_ids.eq(gathered(new.payload)?),
        ))
        .on_conflict(outbox::key)
        .do_nothing()
        .returning(DeliveryRow::as_returning())
        .get_result(conn)
        .optional()?;
    match row {
        Some(row) if is_claimed => row.into_delivery().map(Some),
        _ => Ok(None),
    }
}

/// The leads of a letter that gathers several.
pub(super) fn gathered(payload: &Payload) -> QueryResult<Option<String>> {
    match payload {
        Payload::Letter {
            letter: Letter::Leads(notices),
            ..
        } => {
            let ids: Vec<i64> = notices.iter().map(|notice| notice.lead.0).collect();
            to_json(&ids).map(Some)
        }
        _ => Ok(None),
    }
}

fn address(payload: &Payload) -> Option<&str> {
    match payload {
        Payload::Letter { to, .. } => Some(to.as_str()),
        Payload::Message(_) | Payload::LeaveChat => None,
    }
}

/// Claims the lane's oldest unfinished row if it is due and not already claimed.
pub(super) fn claim_next(conn: &mut Conn, lane: &str, now: DateTime<Utc>) -> QueryResult<Option<Delivery>> {
    let head = outbox::table
        .filter(outbox::lane.eq(lane))
        .filter(outbox::state.eq_any(state::UNFINISHED))
        .order(outbox::id.asc())
        .select((outbox::id, outbox::due_at))
        .first::<(i64, NaiveDateTime)>(conn)
        .optional()?;
    let in_hand = outbox::table
        .filter(outbox::lane.eq(lane))
        .filter(outbox::state.eq(state::EXECUTING));
    match head {
        // A dead letter that was put back may be older than what is in hand.
        Some((id, due))
            if due <= now.naive_utc() && !diesel::select(diesel::dsl::exists(in_hand)).get_result::<bool>(conn)? =>
        {
            claim(conn, id, now).map(Some)
        }
        _ => Ok(None),
    }
}

/// Marks a row as being worked on.
pub(super) fn claim(conn: &mut Conn, id: i64, now: DateTime<Utc>) -> QueryResult<Delivery> {
    diesel::update(outbox::table.find(id))
        .set((
            outbox::state.eq(state::EXECUTING),
            outbox::attempts.eq(outbox::attempts + 1),
            outbox::claimed_at.eq(now.naive_utc()),
        ))
        .returning(DeliveryRow::as_returning())
        .get_result(conn)?
        .into_delivery()
}

/// Ends the lane's rows in these states: the customer stopped the bot.
pub(super) fn cancel(conn: &mut Conn, lane: &Lane, states: &[&str], now: DateTime<Utc>) -> QueryResult<()> {
    let rows = outbox::table
        .filter(outbox::lane.eq(&lane.0))
        .filter(outbox::state.eq_any(states));
    diesel::update(rows)
        .set((
            outbox::state.eq(state::CANCELLED),
            outbox::payload.eq(""),
            outbox::reason.eq("blocked"),
            outbox::finished_at.eq(now.naive_utc()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Reads a claimed row.
pub(super) fn find(conn: &mut Conn, id: i64) -> QueryResult<Delivery> {
    let row = outbox::table.find(id).select(DeliveryRow::as_select()).first(conn)?;
    row.into_delivery()
}

fn is_free(conn: &mut Conn, lane: &Lane) -> QueryResult<bool> {
    let unfinished = outbox::table
        .filter(outbox::lane.eq(&lane.0))
        .filter(outbox::state.eq_any(state::UNFINISHED));
    diesel::select(diesel::dsl::exists(unfinished))
        .get_result::<bool>(conn)
        .map(|is_busy| !is_busy)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct DeliveryRow {
    id: i64,
    lane: String,
    chat_id: i64,
    payload: String,
    attempts: i32,
    created_at: NaiveDateTime,
    requeued_at: Option<NaiveDateTime>,
    update_id: Option<i64>,
}

impl DeliveryRow {
    fn into_delivery(self) -> QueryResult<Delivery> {
        Ok(Delivery {
            id: DeliveryId(self.id),
            lane: Lane(self.lane),
            chat: ChatId(self.chat_id),
            payload: from_json(&self.payload)?,
            attempt: self.attempts.unsigned_abs(),
            created_at: utc(self.requeued_at.unwrap_or(self.created_at)),
            update: self.update_id,
        })
    }
}
