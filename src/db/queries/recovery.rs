//! Recovery at start. Two keys in `meta` tell whether the last process died soon after its own recovery: which start
//! recovered when, and which start ended in order.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::deliveries::suspect_executing;
use super::meta;
use super::rows::{inbox_state, to_json};
use crate::db::Conn;
use crate::db::actor::{Access, Statement};
use crate::db::messages::{RecordOrderlyEnd, RecoverAfterStart, Recovered};
use crate::db::schema::{customers, inbox};

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

impl Statement for RecoverAfterStart {
    type Output = Recovered;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Recovered> {
        let last = last_recovery(conn)?;
        let recovery = match last {
            // The commit of the first try took effect after all.
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
        })
    }
}

impl RecoverAfterStart {
    fn recover(&self, conn: &mut Conn, now: DateTime<Utc>, last: Option<Recovery>) -> QueryResult<Recovery> {
        let is_attempt = match last {
            // Later than that nobody knows how long it lived; a row that kills the service kills it again at once.
            Some(last) if (TimeDelta::zero()..=self.quick_death).contains(&(now - last.at)) => {
                meta::get(conn, ENDED)?.is_none_or(|ended| ended != last.start)
            }
            _ => false,
        };
        let recovery = Recovery {
            start: self.start.clone(),
            at: now,
            maybe_sent: suspect_executing(conn, now, "restarted")?,
            is_attempt,
        };
        mark_waiting(conn, is_attempt)?;
        meta::set(conn, RECOVERY, &to_json(&recovery)?)?;
        Ok(recovery)
    }
}

/// What a start does to the chats with rows that wait.
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

/// A value that cannot be read is as good as none: then no attempt is counted.
fn last_recovery(conn: &mut Conn) -> QueryResult<Option<Recovery>> {
    let kept = meta::get(conn, RECOVERY)?;
    Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()))
}

impl Statement for RecordOrderlyEnd {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        meta::set(conn, ENDED, &self.start)
    }
}
