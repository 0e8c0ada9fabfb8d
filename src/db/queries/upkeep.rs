//! Recovery at start, the installation's name, counts for the status line.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::rows::{inbox_state, outbox_state as state, utc};
use crate::db::Conn;
use crate::db::actor::{Access, Statement};
use crate::db::messages::{CountTokens, CountWork, LoadInstallation, RecoverAfterStart, Recovered, Work};
use crate::db::schema::{customers, inbox, meta, outbox};

impl Statement for RecoverAfterStart {
    type Output = Recovered;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Recovered> {
        let maybe_sent = super::deliveries::suspect_executing(conn, now, "restarted")?;
        let pending = inbox::table.filter(inbox::state.eq(inbox_state::PENDING));
        let oldest: Vec<(i64, Option<i64>)> = pending
            .group_by(inbox::chat_id)
            .select((inbox::chat_id, diesel::dsl::min(inbox::id)))
            .load(conn)?;
        for (chat, row) in &oldest {
            diesel::update(inbox::table.filter(inbox::id.nullable().eq(row)))
                .set(inbox::attempts.eq(inbox::attempts + 1))
                .execute(conn)?;
            diesel::update(customers::table.find(chat))
                .set(customers::thread_suspect.eq(true))
                .execute(conn)?;
        }
        let waiting_rows: i64 = pending.count().get_result(conn)?;
        Ok(Recovered {
            waiting_rows: usize::try_from(waiting_rows).unwrap_or_default(),
            waiting_chats: oldest.len(),
            maybe_sent,
        })
    }
}

impl Statement for LoadInstallation {
    type Output = String;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<String> {
        diesel::insert_into(meta::table)
            .values((meta::key.eq("installation"), meta::value.eq(&self.proposal)))
            .on_conflict(meta::key)
            .do_nothing()
            .execute(conn)?;
        meta::table.find("installation").select(meta::value).first(conn)
    }
}

impl Statement for CountTokens {
    type Output = u64;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<u64> {
        // Asked once, at start, so it may walk the table.
        let turns: Vec<(i64, i64)> = inbox::table
            .filter(inbox::finished_at.ge(self.since.naive_utc()))
            .filter(inbox::runs.gt(0))
            .select((inbox::input_tokens, inbox::output_tokens))
            .load(conn)?;
        let tokens = turns.iter().map(|(read, written)| read.saturating_add(*written));
        Ok(tokens.map(i64::unsigned_abs).sum())
    }
}

impl Statement for CountWork {
    type Output = Work;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<Work> {
        let undelivered = outbox::table.filter(outbox::state.eq_any(state::UNFINISHED));
        let (count, oldest): (i64, Option<NaiveDateTime>) = undelivered
            .select((diesel::dsl::count_star(), diesel::dsl::min(outbox::created_at)))
            .first(conn)?;
        Ok(Work {
            waiting: inbox::table
                .filter(inbox::state.eq(inbox_state::PENDING))
                .count()
                .get_result(conn)?,
            undelivered: count,
            oldest_undelivered: oldest.map(utc),
            dead: outbox::table
                .filter(outbox::state.eq(state::DEAD))
                .count()
                .get_result(conn)?,
        })
    }
}
