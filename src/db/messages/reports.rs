//! The daily report: where its periods end, and when nobody fetched updates.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{AbsenceKind, Delivery, Period, SharedLeadRules};
use pages::Absence;

/// Opens the first period, which begins with the installation, and keeps since when reports are due by this schedule: a
/// schedule that is new makes no report due before its own time. What is kept already stays, unless a clock that was ahead has
/// put it into the future.
#[derive(Debug, Clone)]
pub struct BeginReporting {
    /// Pattern and zone, in words that are only compared.
    pub schedule: String,
}

/// Which due times have had their report.
#[derive(Debug, Clone, Copy)]
pub struct LoadReportLedger;

/// What is known of the reports so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLedger {
    /// No report is due for a time up to this one: the last due time that had its report, the installation, or a change of
    /// the schedule.
    pub reported: DateTime<Utc>,
    /// Due times after now that have had theirs: the clock was ahead once.
    pub ahead: Vec<DateTime<Utc>>,
}

/// Ends the open period at a due time and writes its letters, one an owner, in one transaction. Rows stamped at the due
/// time or later belong to the next period. A due time that has had its report gets no other.
#[derive(Debug, Clone)]
pub struct CloseReportPeriod {
    /// The due time.
    pub due: DateTime<Utc>,
    /// Earlier due times since the last report found nobody running.
    pub is_catch_up: bool,
    /// Who gets the report.
    pub rules: SharedLeadRules,
}

/// A period that has ended.
#[derive(Debug, Clone)]
pub struct ClosedPeriod {
    /// The period.
    pub period: Period,
    /// Letters whose lane was free, claimed.
    pub deliveries: Vec<Delivery>,
}

/// Keeps when updates were last fetched. Where that is longer after the time kept before than allowed, the time between
/// is an absence, which is answered. Told again, it changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct RecordPoll {
    /// When they were.
    pub at: DateTime<Utc>,
    /// What an absence would be.
    pub kind: AbsenceKind,
    /// The longest time without a poll that needs not be told.
    pub allowed: TimeDelta,
}
