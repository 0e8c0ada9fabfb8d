//! Which due times already had their report: the start of the first period, and the time of the last schedule change.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::Border;

use super::meta;
use super::reports::{LOOK_BACK, first_period, open};
use super::stored::StoredTime;
use super::times::Stamped as _;
use crate::schema::{inbox, reports};
use crate::{Access, Conn, Statement};

/// The key in `meta` of the schedule; the value is the time of its last change and the schedule.
const SCHEDULE: &str = "report_schedule";

/// Opens the first period, which begins with the installation, and stores when this schedule started: a new schedule makes no
/// report due before its start. A stored start stays, unless it is in the future because the clock was ahead.
#[derive(Debug, Clone)]
pub struct BeginReporting {
    /// Pattern and zone; only compared.
    pub schedule: String,
}

impl Statement for BeginReporting {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<()> {
        open_first(conn, now)?;
        let is_kept = schedule_since(conn, now)?.is_some_and(|(_, schedule)| schedule == self.schedule);
        if !is_kept {
            meta::set(conn, SCHEDULE, &format!("{} {}", now.to_rfc3339(), self.schedule))?;
        }
        Ok(())
    }
}

fn open_first(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<()> {
    let Some(first) = first_period(conn)? else {
        // Rows may be older than the first report: they were stored by an earlier version.
        let first: Option<StoredTime> = inbox::table
            .order(inbox::id.asc())
            .select(inbox::received_at)
            .first(conn)
            .optional()?;
        let since = first.and_then(StoredTime::utc).map_or(now, |first| first.min(now));
        return open(conn, since, now, Border::default());
    };
    if first.due_at.is_none() && first.opened() > now {
        // It was opened while the clock was ahead: no report would be due until then.
        diesel::update(reports::table.find(first.id))
            .set((
                reports::opened_at.eq(now.stamp()),
                reports::since.eq(first.since().min(now).stamp()),
            ))
            .execute(conn)?;
    }
    Ok(())
}

/// The stored schedule and its start; `None` if none is stored or the start is in the future.
fn schedule_since(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Option<(DateTime<Utc>, String)>> {
    let kept = meta::get(conn, SCHEDULE)?;
    let read = |kept: String| {
        let (since, schedule) = kept.split_once(' ')?;
        Some((meta::time(since)?, schedule.to_owned()))
    };
    Ok(kept.and_then(read).filter(|(since, _)| *since <= now))
}

/// Loads which due times already had their report.
#[derive(Debug, Clone, Copy)]
pub struct LoadReportLedger;

/// The due times that already had their report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLedger {
    /// No report is due up to this time: the last reported due time, the installation, or the last change of the schedule.
    pub reported: DateTime<Utc>,
    /// Due times in the future that already had their report, because the clock was ahead.
    pub ahead: Vec<DateTime<Utc>>,
}

impl Statement for LoadReportLedger {
    type Output = ReportLedger;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<ReportLedger> {
        let due = reports::table.filter(reports::due_at.le(now.stamp()));
        let last: Vec<Option<StoredTime>> = due
            .order(reports::due_at.desc())
            .limit(LOOK_BACK)
            .select(reports::due_at)
            .load(conn)?;
        let last = last.into_iter().flatten().find_map(StoredTime::utc);
        let begun = first_period(conn)?.ok_or(diesel::result::Error::NotFound)?.opened();
        let ahead: Vec<Option<StoredTime>> = reports::table
            .filter(reports::due_at.gt(now.stamp()))
            .select(reports::due_at)
            .load(conn)?;
        let reported = last.unwrap_or(begun);
        let scheduled = schedule_since(conn, now)?.map(|(since, _)| since);
        Ok(ReportLedger {
            reported: scheduled.map_or(reported, |since| reported.max(since)),
            ahead: ahead.into_iter().flatten().filter_map(StoredTime::utc).collect(),
        })
    }
}
