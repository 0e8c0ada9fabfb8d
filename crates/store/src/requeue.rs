//! Requeues dead deliveries by hand and makes retryable ones due at once. It writes beside a running service, which finds the
//! rows on its own. Deliveries that are executing or completed are not changed.

use std::path::Path;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::DeliveryId;

use super::Conn;
use super::schema::outbox;
use super::sqlite::existing::{Mode, open_known};
use super::sqlite::read_only::QueryError;
use super::statements::times::{Stamp, Stamped as _};
use crate::DeliveryState;

/// The deliveries to requeue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadLetters {
    /// Only these.
    Of(Vec<DeliveryId>),
    /// All that are dead.
    All,
}

/// The outcome for one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requeued {
    /// It is due now; if it was dead, its age is counted from now.
    Due,
    /// Not changed, because it is in this state.
    Left(DeliveryState),
    /// The delivery does not exist.
    Unknown,
}

/// Requeues deliveries in one transaction; returns an outcome for each, in their order.
///
/// # Errors
/// The database is missing, foreign, of another version, or locked by another writer for too long. Then nothing was changed.
pub fn requeue(
    database: &Path,
    which: &DeadLetters,
    now: DateTime<Utc>,
) -> Result<Vec<(DeliveryId, Requeued)>, QueryError> {
    let mut conn = open_known(database, Mode::Write)?;
    conn.immediate_transaction(|conn| {
        let ids = match which {
            DeadLetters::Of(ids) => ids.clone(),
            DeadLetters::All => all_dead(conn)?,
        };
        ids.into_iter()
            .map(|id| Ok((id, requeue_one(conn, id, now)?)))
            .collect()
    })
    .map_err(|error: diesel::result::Error| QueryError::Refused(error.to_string()))
}

fn all_dead(conn: &mut Conn) -> QueryResult<Vec<DeliveryId>> {
    let ids: Vec<i64> = outbox::table
        .filter(outbox::state.eq(DeliveryState::Dead.word()))
        .order(outbox::id.asc())
        .select(outbox::id)
        .load(conn)?;
    Ok(ids.into_iter().map(DeliveryId).collect())
}

fn requeue_one(conn: &mut Conn, id: DeliveryId, now: DateTime<Utc>) -> QueryResult<Requeued> {
    // An unknown state counts as dead: such a row would never be claimed.
    let known = DeliveryState::ALL.map(DeliveryState::word);
    let dead = outbox::table.find(id.0).filter(
        outbox::state
            .eq(DeliveryState::Dead.word())
            .or(outbox::state.ne_all(known)),
    );
    let now = now.stamp();
    // The attempts stay: they distinguish a new attempt from a late verdict on an old one. `maybe_sent` stays as history.
    let count = diesel::update(dead)
        .set((
            outbox::state.eq(DeliveryState::Scheduled.word()),
            outbox::due_at.eq(now),
            outbox::requeued_at.eq(now),
            // If it dies again, it is reported again.
            outbox::report_id.eq(None::<i64>),
            outbox::reason.eq(None::<String>),
            outbox::finished_at.eq(None::<chrono::NaiveDateTime>),
        ))
        .execute(conn)?;
    if count > 0 || retry_now(conn, id, now)? {
        return Ok(Requeued::Due);
    }
    let state: Option<String> = outbox::table.find(id.0).select(outbox::state).first(conn).optional()?;
    let Some(state) = state else {
        return Ok(Requeued::Unknown);
    };
    DeliveryState::from_word(&state)
        .map(Requeued::Left)
        .ok_or_else(|| diesel::result::Error::DeserializationError("an unknown state of a delivery".into()))
}

/// Makes a delivery that waits for a retry due now.
fn retry_now(conn: &mut Conn, id: DeliveryId, now: Stamp) -> QueryResult<bool> {
    let waiting = outbox::table
        .find(id.0)
        .filter(outbox::state.eq(DeliveryState::Retryable.word()));
    let count = diesel::update(waiting).set(outbox::due_at.eq(now)).execute(conn)?;
    Ok(count > 0)
}
