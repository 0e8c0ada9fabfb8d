//! Putting dead deliveries back by hand, and trying at once what waits for its next try. The rows are written beside a
//! running service, which finds them by itself; what is in hand or at a good end is left as it is.

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

/// Which deliveries are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadLetters {
    /// These.
    Of(Vec<DeliveryId>),
    /// All that are dead.
    All,
}

/// What became of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requeued {
    /// It is due now; if it was dead, its age is counted from now.
    Due,
    /// It is in this state, and is left in it.
    Left(DeliveryState),
    /// There is no such delivery.
    Unknown,
}

/// Puts dead deliveries back, in one transaction; answers each of those that were meant, in their order.
///
/// # Errors
/// The database is missing, not ours, of another version, or somebody else writes for too long. Then nothing was done.
pub fn requeue(
    database: &Path,
    meant: &DeadLetters,
    now: DateTime<Utc>,
) -> Result<Vec<(DeliveryId, Requeued)>, QueryError> {
    let mut conn = open_known(database, Mode::Write)?;
    conn.immediate_transaction(|conn| {
        let ids = match meant {
            DeadLetters::Of(ids) => ids.clone(),
            DeadLetters::All => all_dead(conn)?,
        };
        ids.into_iter().map(|id| Ok((id, put_back(conn, id, now)?))).collect()
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

fn put_back(conn: &mut Conn, id: DeliveryId, now: DateTime<Utc>) -> QueryResult<Requeued> {
    // A state that is no word of ours is as good as dead: nobody else will ever take it in hand.
    let known = DeliveryState::ALL.map(DeliveryState::word);
    let dead = outbox::table.find(id.0).filter(
        outbox::state
            .eq(DeliveryState::Dead.word())
            .or(outbox::state.ne_all(known)),
    );
    let now = now.stamp();
    // Its attempts stay, because the service tells a new attempt from a late echo of an old one by them; its marks stay,
    // because they tell what happened before.
    let count = diesel::update(dead)
        .set((
            outbox::state.eq(DeliveryState::Scheduled.word()),
            outbox::due_at.eq(now),
            outbox::requeued_at.eq(now),
            // If it dies again it is told of again.
            outbox::report_id.eq(None::<i64>),
            outbox::reason.eq(None::<String>),
            outbox::finished_at.eq(None::<chrono::NaiveDateTime>),
        ))
        .execute(conn)?;
    if count > 0 || hurried(conn, id, now)? {
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

/// One that failed and waits for its next try has it now.
fn hurried(conn: &mut Conn, id: DeliveryId, now: Stamp) -> QueryResult<bool> {
    let waiting = outbox::table
        .find(id.0)
        .filter(outbox::state.eq(DeliveryState::Retryable.word()));
    let count = diesel::update(waiting).set(outbox::due_at.eq(now)).execute(conn)?;
    Ok(count > 0)
}
