//! Finds and removes rows that are no longer needed. They are found beside the writer, in chunks from the oldest on, and removed
//! by id, so that the write is short for a table of any size.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::lead_origins::forget_contents_between;
use super::meta;
use super::rows::{inbox_state, outbox_state as state};
use super::stored::{StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{absences, arrivals, dialogs, floods, gaps, inbox, outbox, reports, tool_effects};
use crate::{Access, Conn, SpentTable, Statement};

/// Reports of the last days may still be needed: a letter is retried for seven days.
const LETTERS_WAIT: TimeDelta = TimeDelta::days(8);
/// A report compares itself with those of the previous week.
const COMPARED: TimeDelta = TimeDelta::days(8);
/// By then the counting windows have ended, and Telegram redelivers nothing.
const ARRIVALS: TimeDelta = TimeDelta::days(3);

/// The limits below which rows are no longer needed.
struct Border {
    /// Rows that ended before it.
    ended: DateTime<Utc>,
    /// Rows of the long-lived tables.
    long_ended: DateTime<Utc>,
    arrived: DateTime<Utc>,
    /// Reports before this one, and the rows they listed, are no longer needed.
    report: i64,
    gap: i64,
    absence: i64,
}

impl FindSpent {
    fn border(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Border> {
        let recent = (now - LETTERS_WAIT).stamp();
        // Reports of periods that ended some days ago are no longer read.
        let reported: Option<i64> = reports::table
            .filter(reports::due_at.lt(recent))
            .order(reports::due_at.desc())
            .select(reports::id)
            .first(conn)
            .optional()?;
        let oldest: Option<(i64, StoredTime, StoredTime, i64, i64)> = reports::table
            .filter(reports::id.gt(reported.unwrap_or_default()))
            .order(reports::id.asc())
            .select((
                reports::id,
                reports::since,
                reports::opened_at,
                reports::after_gap,
                reports::after_absence,
            ))
            .first(conn)
            .optional()?;
        let ended = now - self.age;
        let (report, since, gap, absence) = oldest.map_or((0, ended, 0, 0), |(report, since, opened, gap, absence)| {
            // If the start of the period is unknown, nothing is removed.
            let since = since.utc().or(opened.utc()).unwrap_or(DateTime::UNIX_EPOCH);
            (report, since, gap, absence)
        });
        Ok(Border {
            ended: ended.min(since - COMPARED),
            long_ended: now - self.long_age,
            arrived: now - ARRIVALS,
            report,
            gap,
            absence,
        })
    }
}

/// The next rows by id, and those of them that are old enough and no longer needed.
macro_rules! spent {
    ($find:expr, $conn:expr, $table:ident, $id:ident, $row:ty, $columns:expr, $is_old:expr, $is_spent:expr) => {{
        let most = i64::from($find.rows);
        let rows: Vec<$row> = $table::table
            .filter($table::$id.gt($find.after))
            .order($table::$id.asc())
            .limit(most)
            .select($columns)
            .load($conn)?;
        let is_more = i64::try_from(rows.len()).unwrap_or(most) == most && rows.iter().all($is_old);
        let next = rows.last().map(|row| row.0).filter(|_| is_more);
        let old = rows.iter().filter(|row| ($is_old)(row) && ($is_spent)(row));
        Ok(Spent {
            rows: old.map(|row| row.0).collect(),
            next,
        })
    }};
}

type Ended = (i64, StoredText, StoredTime, Option<StoredTime>, Option<i64>);
type Stamped = (i64, StoredTime);
type Arrived = (i64, StoredTime, Option<StoredTime>);

/// A time that does not parse does not block the rows after it.
fn may_be_before(time: StoredTime, border: DateTime<Utc>) -> bool {
    time.utc().is_none_or(|time| time < border)
}

/// A row whose age is unknown is kept.
fn is_known(row: &Stamped) -> bool {
    row.1.utc().is_some()
}

/// Finds rows that can be removed, from the oldest on. Rows that a report or a letter may still need are kept.
#[derive(Debug, Clone, Copy)]
pub struct FindSpent {
    /// The table.
    pub table: SpentTable,
    /// Start after this id.
    pub after: i64,
    /// Maximum rows to check.
    pub rows: u32,
    /// Age from which a row may be removed.
    pub age: TimeDelta,
    /// The age for questions and borders of periods.
    pub long_age: TimeDelta,
}

/// Rows that can be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// Their ids.
    pub rows: Vec<i64>,
    /// The id after which to continue; `None` at the end.
    pub next: Option<i64>,
}

impl Statement for FindSpent {
    type Output = Spent;
    const ACCESS: Access = Access::LongRead;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Spent> {
        let border = self.border(conn, now)?;
        match self.table {
            SpentTable::Inbox => self.updates(conn, &border),
            SpentTable::Outbox => self.deliveries(conn, &border),
            SpentTable::Effects => {
                let columns = (tool_effects::id, tool_effects::created_at);
                let is_old = |row: &Stamped| may_be_before(row.1, border.ended);
                let found: QueryResult<Spent> =
                    spent!(self, conn, tool_effects, id, Stamped, columns, is_old, is_known);
                let mut spent = found?;
                if !spent.rows.is_empty() {
                    keep_open(conn, &mut spent.rows)?;
                }
                Ok(spent)
            }
            SpentTable::Gaps => {
                let is_old = |row: &Stamped| may_be_before(row.1, border.long_ended) && row.0 <= border.gap;
                let columns = (gaps::id, gaps::created_at);
                spent!(self, conn, gaps, id, Stamped, columns, is_old, is_known)
            }
            SpentTable::Absences => {
                let is_old = |row: &Stamped| may_be_before(row.1, border.ended) && row.0 <= border.absence;
                let columns = (absences::id, absences::ended_at);
                spent!(self, conn, absences, id, Stamped, columns, is_old, is_known)
            }
            SpentTable::Reports => {
                let is_old = |row: &Stamped| may_be_before(row.1, border.long_ended) && row.0 + 1 < border.report;
                let columns = (reports::id, reports::opened_at);
                spent!(self, conn, reports, id, Stamped, columns, is_old, is_known)
            }
            SpentTable::Floods => {
                let is_old = |row: &(i64, i64)| row.0 < border.report;
                let columns = (floods::report_id, floods::messages);
                spent!(
                    self,
                    conn,
                    floods,
                    report_id,
                    (i64, i64),
                    columns,
                    is_old,
                    |_: &(i64, i64)| true
                )
            }
            SpentTable::Arrivals => {
                let is_over = |time: StoredTime| time.utc().is_some_and(|time| time < border.arrived);
                let is_spent = |row: &Arrived| is_over(row.1) && row.2.is_none_or(is_over);
                let columns = (arrivals::chat_id, arrivals::day_began, arrivals::counted_at);
                spent!(
                    self,
                    conn,
                    arrivals,
                    chat_id,
                    Arrived,
                    columns,
                    |_: &Arrived| true,
                    is_spent
                )
            }
            SpentTable::OldInbox | SpentTable::OldOutbox => {
                let upto = match meta::get(conn, marker(self.table))? {
                    Some(upto) => Some(self.still_full(conn, &upto)?),
                    None => None,
                };
                Ok(Spent {
                    rows: upto.into_iter().collect(),
                    next: upto.map(|_| 0),
                })
            }
        }
    }
}

impl FindSpent {
    /// The newest row to clear. If the marker is damaged, all rows are checked again.
    fn still_full(&self, conn: &mut Conn, upto: &str) -> QueryResult<i64> {
        let newest: Option<i64> = match self.table {
            SpentTable::OldInbox => inbox::table.select(diesel::dsl::max(inbox::id)).first(conn)?,
            _ => outbox::table.select(diesel::dsl::max(outbox::id)).first(conn)?,
        };
        Ok(newest.unwrap_or_default().min(upto.parse().unwrap_or(i64::MAX)))
    }

    fn updates(&self, conn: &mut Conn, border: &Border) -> QueryResult<Spent> {
        let columns = (
            inbox::id,
            inbox::state,
            inbox::received_at,
            inbox::finished_at,
            inbox::turn_id,
        );
        let is_old = |row: &Ended| may_be_before(row.2, border.ended);
        let is_spent = |row: &Ended| row.1 != inbox_state::PENDING && border.is_over(row.3);
        spent!(self, conn, inbox, id, Ended, columns, is_old, is_spent)
    }

    fn deliveries(&self, conn: &mut Conn, border: &Border) -> QueryResult<Spent> {
        let columns = (
            outbox::id,
            outbox::state,
            outbox::created_at,
            outbox::finished_at,
            outbox::report_id,
        );
        let is_old = |row: &Ended| may_be_before(row.2, border.ended);
        let is_reported = |row: &Ended| match row.1.as_str() {
            // Not listed in a report yet, or in one not sent yet.
            state::DEAD => row.4.is_some_and(|report| report < border.report),
            state => !state::UNFINISHED.contains(&state),
        };
        let is_spent = |row: &Ended| border.is_over(row.3) && is_reported(row);
        spent!(self, conn, outbox, id, Ended, columns, is_old, is_spent)
    }
}

impl Border {
    fn is_over(&self, ended: Option<StoredTime>) -> bool {
        ended.and_then(StoredTime::utc).is_some_and(|ended| ended < self.ended)
    }
}

/// Keeps the effects of unfinished turns, which need them if they are repeated.
fn keep_open(conn: &mut Conn, effects: &mut Vec<i64>) -> QueryResult<()> {
    let turns: Vec<(i64, i64)> = tool_effects::table
        .filter(tool_effects::id.eq_any(effects.iter()))
        .select((tool_effects::id, tool_effects::turn_id))
        .load(conn)?;
    let open: Vec<i64> = inbox::table
        .filter(inbox::id.eq_any(turns.iter().map(|(_, turn)| *turn)))
        .filter(inbox::state.eq(inbox_state::PENDING))
        .select(inbox::id)
        .load(conn)?;
    let is_open = |effect: i64| turns.iter().any(|(id, turn)| *id == effect && open.contains(turn));
    effects.retain(|effect| !is_open(*effect));
    Ok(())
}

/// Removes rows. A row that was requeued meanwhile is kept.
#[derive(Debug, Clone)]
pub struct RemoveSpent {
    /// The table.
    pub table: SpentTable,
    /// Their ids.
    pub rows: Vec<i64>,
    /// Maximum rows to clear, for tables whose rows are only cleared.
    pub most: u32,
}

impl Statement for RemoveSpent {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        let rows = &self.rows;
        match self.table {
            SpentTable::Inbox => {
                let ended = inbox::table.filter(inbox::id.eq_any(rows));
                diesel::delete(ended.filter(inbox::state.ne(inbox_state::PENDING))).execute(conn)?;
            }
            SpentTable::Outbox => remove_deliveries(conn, rows)?,
            SpentTable::Effects => {
                diesel::delete(tool_effects::table.filter(tool_effects::id.eq_any(rows))).execute(conn)?;
            }
            SpentTable::Gaps => {
                diesel::delete(gaps::table.filter(gaps::id.eq_any(rows))).execute(conn)?;
            }
            SpentTable::Absences => {
                diesel::delete(absences::table.filter(absences::id.eq_any(rows))).execute(conn)?;
            }
            SpentTable::Reports => {
                diesel::delete(reports::table.filter(reports::id.eq_any(rows))).execute(conn)?;
            }
            SpentTable::Floods => {
                diesel::delete(floods::table.filter(floods::report_id.eq_any(rows))).execute(conn)?;
            }
            SpentTable::Arrivals => {
                diesel::delete(arrivals::table.filter(arrivals::chat_id.eq_any(rows))).execute(conn)?;
            }
            SpentTable::OldInbox | SpentTable::OldOutbox => self.empty(conn)?,
        }
        Ok(())
    }
}

/// Marks undelivered replies in the dialog, because the customer's next lead letter shows that.
fn remove_deliveries(conn: &mut Conn, rows: &[i64]) -> QueryResult<()> {
    let ended = [state::COMPLETED, state::CANCELLED, state::DEAD];
    let lost: Vec<Option<i64>> = outbox::table
        .filter(outbox::id.eq_any(rows))
        .filter(outbox::state.eq_any([state::CANCELLED, state::DEAD]))
        .select(outbox::dialog_id)
        .load(conn)?;
    let lost: Vec<i64> = lost.into_iter().flatten().collect();
    if !lost.is_empty() {
        let replies = dialogs::table.filter(dialogs::id.eq_any(lost));
        diesel::update(replies.filter(dialogs::delivered_at.is_null()))
            .set(dialogs::lost.eq(true))
            .execute(conn)?;
    }
    let spent = outbox::table.filter(outbox::id.eq_any(rows));
    diesel::delete(spent.filter(outbox::state.eq_any(ended))).execute(conn)?;
    Ok(())
}

impl RemoveSpent {
    /// Clears the content that earlier versions left in finished rows, from the newest to the oldest.
    fn empty(&self, conn: &mut Conn) -> QueryResult<()> {
        let Some(upto) = self.rows.first().copied() else {
            return Ok(());
        };
        let after = upto.saturating_sub(i64::from(self.most));
        if self.table == SpentTable::OldInbox {
            let kept = inbox::reason.eq("unreadable").assume_not_null();
            let some = inbox::table.filter(inbox::id.gt(after)).filter(inbox::id.le(upto));
            diesel::update(some.filter(inbox::reason.is_null().or(diesel::dsl::not(kept))))
                .set(inbox::raw.eq(""))
                .execute(conn)?;
            forget_contents_between(conn, after, upto)?;
        } else {
            let some = outbox::table.filter(outbox::id.gt(after)).filter(outbox::id.le(upto));
            diesel::update(some.filter(outbox::state.eq_any([state::COMPLETED, state::CANCELLED])))
                .set(outbox::payload.eq(""))
                .execute(conn)?;
        }
        match after > 0 {
            true => meta::set(conn, marker(self.table), &after.to_string()),
            false => meta::remove(conn, marker(self.table)),
        }
    }
}

/// The key in `meta` of the newest row that may still have content of an earlier version.
fn marker(table: SpentTable) -> &'static str {
    match table {
        SpentTable::OldInbox => "inbox_to_empty",
        _ => "outbox_to_empty",
    }
}
