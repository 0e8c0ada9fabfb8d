//! Report periods. One write closes a period: its borders, the next period, the letters, and the dead deliveries it lists.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{Border, ChatId, Email, Letter, Occasion, Period, ReportId, ReportNotice};

use super::lanes::{NewDelivery, enqueue};
use super::rows::outbox_state as state;
use super::stored::StoredTime;
use super::times::Stamped as _;
use crate::schema::{absences, dialogs, gaps, outbox, reports, successful_dialogs};
use crate::{Access, Conn, Delivery, Lane, Payload, SharedLeadRules, Statement};

/// How many periods are searched for one with a readable time.
pub(super) const LOOK_BACK: i64 = 8;

/// Closes the open period at a due time and writes its letters in one transaction, one per owner. Rows stamped at the due time or
/// later belong to the next period. A due time that already had its report gets no second one.
#[derive(Debug, Clone)]
pub struct CloseReportPeriod {
    /// The due time.
    pub due: DateTime<Utc>,
    /// The service missed earlier due times since the last report.
    pub is_catch_up: bool,
    /// The recipients of the report.
    pub rules: SharedLeadRules,
}

/// A period that has ended.
#[derive(Debug, Clone)]
pub struct ClosedPeriod {
    /// The period.
    pub period: Period,
    /// Claimed letters: those whose lane was free.
    pub deliveries: Vec<Delivery>,
}

impl Statement for CloseReportPeriod {
    type Output = Option<ClosedPeriod>;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Option<ClosedPeriod>> {
        let known = reports::table.filter(reports::due_at.eq(self.due.stamp()));
        if diesel::select(diesel::dsl::exists(known)).get_result::<bool>(conn)? {
            return Ok(None);
        }
        let open_row = newest(conn)?;
        let upto = border_before(conn, self.due, open_row.after())?;
        let since = match open_row.since() {
            since if since < self.due => since,
            // The clock was ahead when the previous period was closed.
            _ => end_before(conn, self.due)?,
        };
        let period = Period {
            report: Some(ReportId(open_row.id)),
            since,
            until: self.due,
            after: open_row.after(),
            upto,
            is_catch_up: self.is_catch_up,
        };
        self.close(conn, &period, now)?;
        open(conn, self.due, now, upto)?;
        Ok(Some(ClosedPeriod {
            period,
            deliveries: self.write_letters(conn, period, now)?,
        }))
    }
}

impl CloseReportPeriod {
    fn close(&self, conn: &mut Conn, period: &Period, now: DateTime<Utc>) -> QueryResult<()> {
        let id = period.report.map(|report| report.0).unwrap_or_default();
        diesel::update(reports::table.find(id))
            .set((
                reports::since.eq(period.since.stamp()),
                reports::due_at.eq(period.until.stamp()),
                reports::closed_at.eq(now.stamp()),
                reports::is_catch_up.eq(period.is_catch_up),
                reports::upto_dialog.eq(period.upto.dialog),
                reports::upto_lead.eq(period.upto.lead),
                reports::upto_gap.eq(period.upto.gap),
                reports::upto_absence.eq(period.upto.absence),
            ))
            .execute(conn)?;
        // Neither time nor id reliably orders the deaths of deliveries, so each is marked with the report that lists it.
        let untold = outbox::table
            .filter(outbox::state.eq(state::dead()))
            .filter(outbox::report_id.is_null());
        diesel::update(untold).set(outbox::report_id.eq(id)).execute(conn)?;
        Ok(())
    }

    fn write_letters(&self, conn: &mut Conn, period: Period, now: DateTime<Utc>) -> QueryResult<Vec<Delivery>> {
        let occasion = Occasion::Due;
        let notice = ReportNotice { period, occasion };
        let mut deliveries = Vec::new();
        for to in &self.rules.owners {
            let key = format!("report:{}:{to}", self.due.timestamp());
            deliveries.extend(enqueue(conn, now, report_letter(now, key, to, notice))?);
        }
        Ok(deliveries)
    }
}

/// The letter of a report to one owner.
pub(crate) fn report_letter(now: DateTime<Utc>, key: String, to: &Email, notice: ReportNotice) -> NewDelivery {
    let payload = Payload::by_mail(to, Letter::Report(notice));
    NewDelivery::new(key, Lane::reports(to), ChatId(0), payload, now)
}

/// A row of `reports`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = reports)]
pub(super) struct PeriodRow {
    pub(super) id: i64,
    since: StoredTime,
    opened_at: StoredTime,
    pub(super) due_at: Option<StoredTime>,
    is_catch_up: bool,
    after_dialog: i64,
    after_lead: i64,
    after_gap: i64,
    after_absence: i64,
    upto_dialog: Option<i64>,
    upto_lead: Option<i64>,
    upto_gap: Option<i64>,
    upto_absence: Option<i64>,
}

impl PeriodRow {
    pub(super) fn since(&self) -> DateTime<Utc> {
        let since = self.since.utc().or(self.opened_at.utc());
        since.unwrap_or(DateTime::UNIX_EPOCH)
    }

    pub(super) fn opened(&self) -> DateTime<Utc> {
        self.opened_at.utc().unwrap_or_else(|| self.since())
    }

    fn after(&self) -> Border {
        Border {
            dialog: self.after_dialog,
            lead: self.after_lead,
            gap: self.after_gap,
            absence: self.after_absence,
        }
    }

    /// The period; an open one has no end.
    fn period(&self, now: DateTime<Utc>) -> Period {
        Period {
            report: self.due_at.map(|_| ReportId(self.id)),
            since: self.since(),
            until: self.due_at.and_then(StoredTime::utc).unwrap_or(now),
            after: self.after(),
            upto: Border {
                dialog: self.upto_dialog.unwrap_or(i64::MAX),
                lead: self.upto_lead.unwrap_or(i64::MAX),
                gap: self.upto_gap.unwrap_or(i64::MAX),
                absence: self.upto_absence.unwrap_or(i64::MAX),
            },
            is_catch_up: self.is_catch_up,
        }
    }
}

/// The open period, up to the current rows.
pub(crate) fn open_period(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Option<Period>> {
    let Some(row) = newest(conn).optional()? else {
        return Ok(None);
    };
    let mut period = row.period(now);
    period.upto = last_rows(conn, period.after)?;
    period.since = period.since.min(now);
    Ok(Some(period))
}

/// The last period that was due between these times.
pub(crate) fn period_due(conn: &mut Conn, from: DateTime<Utc>, to: DateTime<Utc>) -> QueryResult<Option<Period>> {
    let row: Option<PeriodRow> = reports::table
        .filter(reports::due_at.ge(from.stamp()))
        .filter(reports::due_at.lt(to.stamp()))
        .order(reports::due_at.desc())
        .select(PeriodRow::as_select())
        .first(conn)
        .optional()?;
    Ok(row.map(|row| row.period(to)))
}

/// The periods that were due after one time and not after another, oldest first.
pub(super) fn periods_due(conn: &mut Conn, after: DateTime<Utc>, upto: DateTime<Utc>) -> QueryResult<Vec<Period>> {
    let rows: Vec<PeriodRow> = reports::table
        .filter(reports::due_at.gt(after.stamp()))
        .filter(reports::due_at.le(upto.stamp()))
        .order(reports::due_at.asc())
        .select(PeriodRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| row.period(upto)).collect())
}

pub(super) fn first_period(conn: &mut Conn) -> QueryResult<Option<PeriodRow>> {
    let first = reports::table.order(reports::id.asc());
    first.select(PeriodRow::as_select()).first(conn).optional()
}

fn newest(conn: &mut Conn) -> QueryResult<PeriodRow> {
    reports::table
        .order(reports::id.desc())
        .select(PeriodRow::as_select())
        .first(conn)
}

pub(super) fn open(conn: &mut Conn, since: DateTime<Utc>, now: DateTime<Utc>, after: Border) -> QueryResult<()> {
    diesel::insert_into(reports::table)
        .values((
            reports::since.eq(since.stamp()),
            reports::opened_at.eq(now.stamp()),
            reports::after_dialog.eq(after.dialog),
            reports::after_lead.eq(after.lead),
            reports::after_gap.eq(after.gap),
            reports::after_absence.eq(after.absence),
        ))
        .execute(conn)?;
    Ok(())
}

/// The last reported due time before this one, or the start of the first period.
fn end_before(conn: &mut Conn, due: DateTime<Utc>) -> QueryResult<DateTime<Utc>> {
    let last: Vec<Option<StoredTime>> = reports::table
        .filter(reports::due_at.lt(due.stamp()))
        .order(reports::due_at.desc())
        .limit(LOOK_BACK)
        .select(reports::due_at)
        .load(conn)?;
    let last = last.into_iter().flatten().find_map(StoredTime::utc);
    let end = match last {
        Some(last) => last,
        None => first_period(conn)?.map_or(due, |first| first.since()),
    };
    Ok(end.min(due))
}

/// The last rows stamped before the due time. Searched from the newest, because few are later. A row stamped too late by a clock
/// that was ahead belongs to the same period as the rows after it.
fn border_before(conn: &mut Conn, due: DateTime<Utc>, after: Border) -> QueryResult<Border> {
    let due = due.stamp();
    macro_rules! last_before {
        ($table:ident, $stamp:ident, $after:expr) => {
            $table::table
                .filter($table::id.gt($after))
                .filter($table::$stamp.lt(due))
                .order($table::id.desc())
                .select($table::id)
                .first::<i64>(conn)
                .optional()?
                .unwrap_or($after)
        };
    }
    Ok(Border {
        dialog: last_before!(dialogs, timestamp, after.dialog),
        lead: last_before!(successful_dialogs, created_at, after.lead),
        gap: last_before!(gaps, created_at, after.gap),
        // All absences that have ended, so that they are reported as soon as possible.
        absence: last_rows(conn, after)?.absence,
    })
}

/// The newest rows.
fn last_rows(conn: &mut Conn, after: Border) -> QueryResult<Border> {
    macro_rules! last {
        ($table:ident, $after:expr) => {
            $table::table
                .select(diesel::dsl::max($table::id))
                .first::<Option<i64>>(conn)?
                .unwrap_or_default()
                .max($after)
        };
    }
    Ok(Border {
        dialog: last!(dialogs, after.dialog),
        lead: last!(successful_dialogs, after.lead),
        gap: last!(gaps, after.gap),
        absence: last!(absences, after.absence),
    })
}
