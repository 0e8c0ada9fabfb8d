//! The installation's name, and counts for the status line and the daily budget.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::rows::{inbox_state, outbox_state as state};
use super::stored::{StoredText, StoredTime};
use super::threads;
use super::times::Stamped as _;
use crate::schema::{inbox, meta, outbox};
use crate::{Access, Conn, Statement};

/// Loads the installation's own values, creating its name at the first start.
#[derive(Debug, Clone)]
pub struct LoadInstallation {
    /// The name to use if none is stored yet.
    pub proposal: String,
}

/// The installation's stored values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its random name; the salt for hashes of customer ids.
    pub name: String,
    /// The mark of `threads.json` at the last orderly end ([`RecordThreadsMark`](crate::RecordThreadsMark)).
    pub threads_mark: Option<String>,
}

impl Statement for LoadInstallation {
    type Output = Installation;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<Installation> {
        diesel::insert_into(meta::table)
            .values((meta::key.eq("installation"), meta::value.eq(&self.proposal)))
            .on_conflict(meta::key)
            .do_nothing()
            .execute(conn)?;
        let name: StoredText = meta::table.find("installation").select(meta::value).first(conn)?;
        Ok(Installation {
            name: name.into(),
            threads_mark: threads::mark(conn)?,
        })
    }
}

/// Counts the input and output tokens of all turns that ended since a time.
#[derive(Debug, Clone, Copy)]
pub struct CountTokens {
    /// The start time.
    pub since: DateTime<Utc>,
}

impl Statement for CountTokens {
    type Output = u64;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<u64> {
        let turns: Vec<(i64, i64)> = inbox::table
            .filter(inbox::finished_at.ge(self.since.stamp()))
            // Literal, because SQLite does not use the partial index for a bound value.
            .filter(inbox::runs.gt(diesel::dsl::sql("0")))
            .select((inbox::input_tokens, inbox::output_tokens))
            .load(conn)?;
        let tokens = turns.iter().map(|(read, written)| read.saturating_add(*written));
        Ok(tokens.map(i64::unsigned_abs).sum())
    }
}

/// Counts unfinished rows for the status line.
#[derive(Debug, Clone, Copy)]
pub struct CountWork;

/// Unfinished rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Inbox rows in state `pending`.
    pub waiting: i64,
    /// Unfinished outbox rows.
    pub undelivered: i64,
    /// When the oldest unfinished outbox row was created.
    pub oldest_undelivered: Option<DateTime<Utc>>,
    /// Dead letters.
    pub dead: i64,
}

impl Statement for CountWork {
    type Output = Work;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<Work> {
        let undelivered = outbox::table.filter(outbox::state.eq_any(state::UNFINISHED));
        let (count, oldest): (i64, Option<StoredTime>) = undelivered
            .select((diesel::dsl::count_star(), diesel::dsl::min(outbox::created_at)))
            .first(conn)?;
        Ok(Work {
            waiting: inbox::table
                .filter(inbox::state.eq(inbox_state::PENDING))
                .count()
                .get_result(conn)?,
            undelivered: count,
            oldest_undelivered: oldest.and_then(StoredTime::utc),
            dead: outbox::table
                .filter(outbox::state.eq(state::DEAD))
                .count()
                .get_result(conn)?,
        })
    }
}
