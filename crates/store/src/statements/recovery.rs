//! Recovery at start. Two keys in `meta` show whether the last process died soon after its own recovery: the last recovery, and
//! the start that ended in order.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::InboxId;
use serde::{Deserialize, Serialize};

use super::deliveries::retry_executing;
use super::lanes::{DeliveryRow, end_unreadable};
use super::meta;
use super::rows::{UNREADABLE, inbox_state, to_json};
use super::stored::StoredTime;
use super::times::Stamped as _;
use crate::schema::{customers, inbox, outbox};
use crate::{Access, Conn, DeliveryState, Statement, UnreadableDelivery};

/// The key in `meta` of the last recovery.
const RECOVERY: &str = "recovery";
/// The key in `meta` of the start that ended in order.
const ENDED: &str = "ended_in_order";

/// The last recovery.
#[derive(Serialize, Deserialize)]
struct Recovery {
    start: String,
    at: DateTime<Utc>,
    maybe_sent: usize,
    is_attempt: bool,
}

/// Cleans up after the last process, when the start can no longer fail and before any actor works. `executing` deliveries may
/// have been sent, and the thread of every chat with a waiting row is suspect. If the last process did not end in order and
/// recovered less than `quick_death` ago, the oldest waiting row of each chat counts an attempt. A repeat with the same start id
/// changes nothing.
#[derive(Debug, Clone)]
pub struct RecoverAfterStart {
    /// This start's random id.
    pub start: String,
    /// A process that ends within this time after its recovery died quickly.
    pub quick_death: TimeDelta,
}

/// The result of a recovery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Waiting inbox rows.
    pub waiting_rows: usize,
    /// Their chats.
    pub waiting_chats: usize,
    /// Deliveries that may have been sent.
    pub maybe_sent: usize,
    /// The waiting rows counted an attempt: the last process died soon after its start.
    pub is_attempt: bool,
    /// Inbox rows whose state did not parse.
    pub unreadable_rows: Vec<InboxId>,
    /// Deliveries whose state did not parse; they are now dead.
    pub unreadable_deliveries: Vec<UnreadableDelivery>,
}

impl Statement for RecoverAfterStart {
    type Output = Recovered;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Recovered> {
        let last = last_recovery(conn)?;
        let unreadable_rows = end_unknown_rows(conn, now)?;
        let unreadable_deliveries = end_unknown_deliveries(conn, now)?;
        let recovery = match last {
            // The commit of the first attempt took effect.
            Some(last) if last.start == self.start => last,
            last => self.recover(conn, now, last)?,
        };
        let pending = inbox::table.filter(inbox::state.eq(inbox_state::PENDING));
        let (rows, chats): (i64, i64) = pending
            .select((
                diesel::dsl::count_star(),
                diesel::dsl::count(inbox::chat_id).aggregate_distinct(),
            ))
            .first(conn)?;
        Ok(Recovered {
            waiting_rows: usize::try_from(rows).unwrap_or_default(),
            waiting_chats: usize::try_from(chats).unwrap_or_default(),
            maybe_sent: recovery.maybe_sent,
            is_attempt: recovery.is_attempt,
            unreadable_rows,
            unreadable_deliveries,
        })
    }
}

impl RecoverAfterStart {
    fn recover(&self, conn: &mut Conn, now: DateTime<Utc>, last: Option<Recovery>) -> QueryResult<Recovery> {
        let is_attempt = match last {
            // After a longer time the row is not suspected: a row that kills the service does so again at once.
            Some(last) if (TimeDelta::zero()..=self.quick_death).contains(&(now - last.at)) => {
                meta::get(conn, ENDED)?.is_none_or(|ended| ended != last.start)
            }
            _ => false,
        };
        let recovery = Recovery {
            start: self.start.clone(),
            at: now,
            maybe_sent: retry_executing(conn, now, "restarted")?,
            is_attempt,
        };
        mark_waiting(conn, is_attempt)?;
        meta::set(conn, RECOVERY, &to_json(&recovery)?)?;
        Ok(recovery)
    }
}

/// The ranges between these words, which contain every other word. Each range is one index lookup.
fn between<'a>(words: &mut [&'a str]) -> Vec<(Option<&'a str>, Option<&'a str>)> {
    words.sort_unstable();
    let lower = std::iter::once(None).chain(words.iter().copied().map(Some));
    let upper = words.iter().copied().map(Some).chain(std::iter::once(None));
    lower.zip(upper).collect()
}

/// Repairs inbox rows in an unknown state. An unfinished row becomes `pending`; a finished one becomes `failed (unreadable)`.
fn end_unknown_rows(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Vec<InboxId>> {
    let mut ended = Vec::new();
    for (after, before) in between(&mut inbox_state::ALL.to_vec()) {
        let mut rows = inbox::table.select((inbox::id, inbox::finished_at)).into_boxed();
        if let Some(after) = after {
            rows = rows.filter(inbox::state.gt(after));
        }
        if let Some(before) = before {
            rows = rows.filter(inbox::state.lt(before));
        }
        for (id, finished) in rows.load::<(i64, Option<StoredTime>)>(conn)? {
            let (state, reason, finished) = match finished {
                None => (inbox_state::PENDING, None, None),
                Some(_ended) => (inbox_state::FAILED, Some(UNREADABLE), Some(now.stamp())),
            };
            diesel::update(inbox::table.find(id))
                .set((
                    inbox::state.eq(state),
                    inbox::reason.eq(reason),
                    inbox::finished_at.eq(finished),
                ))
                .execute(conn)?;
            ended.push(InboxId(id));
        }
    }
    Ok(ended)
}

/// Ends deliveries in an unknown state, which would never be claimed.
fn end_unknown_deliveries(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Vec<UnreadableDelivery>> {
    let mut ended = Vec::new();
    for (after, before) in between(&mut DeliveryState::ALL.map(DeliveryState::word)) {
        let mut rows = outbox::table.select(DeliveryRow::as_select()).into_boxed();
        if let Some(after) = after {
            rows = rows.filter(outbox::state.gt(after));
        }
        if let Some(before) = before {
            rows = rows.filter(outbox::state.lt(before));
        }
        for row in rows.load::<DeliveryRow>(conn)? {
            ended.push(end_unreadable(conn, row.unreadable(), now)?);
        }
    }
    Ok(ended)
}

/// Marks the threads of chats with waiting rows as suspect; counts the attempt.
fn mark_waiting(conn: &mut Conn, is_attempt: bool) -> QueryResult<()> {
    let oldest: Vec<(i64, Option<i64>)> = inbox::table
        .filter(inbox::state.eq(inbox_state::PENDING))
        .group_by(inbox::chat_id)
        .select((inbox::chat_id, diesel::dsl::min(inbox::id)))
        .load(conn)?;
    for (chat, row) in &oldest {
        if is_attempt {
            diesel::update(inbox::table.filter(inbox::id.nullable().eq(row)))
                .set(inbox::attempts.eq(inbox::attempts + 1))
                .execute(conn)?;
        }
        diesel::update(customers::table.find(chat))
            .set(customers::thread_suspect.eq(true))
            .execute(conn)?;
    }
    Ok(())
}

/// An unreadable value counts as none; then no attempt is counted.
fn last_recovery(conn: &mut Conn) -> QueryResult<Option<Recovery>> {
    let kept = meta::get(conn, RECOVERY)?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
}

/// Records an orderly end, so that the next start counts no attempt.
#[derive(Debug, Clone)]
pub struct RecordOrderlyEnd {
    /// The id of the start that ends.
    pub start: String,
}

impl Statement for RecordOrderlyEnd {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        meta::set(conn, ENDED, &self.start)
    }
}
