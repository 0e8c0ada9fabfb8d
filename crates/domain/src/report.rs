//! What a report covers, as its row and its letter keep it. Borders are row ids, so whatever a clock does, each row belongs
//! to exactly one period.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ReportId;

/// The last rows of a period, of each table that is reported on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Border {
    /// `dialogs`; with the reply of a turn go its figures.
    pub dialog: i64,
    /// `successful_dialogs`.
    pub lead: i64,
    /// `gaps`.
    pub gap: i64,
    /// `absences`.
    pub absence: i64,
}

/// The period of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// Its row; `None` while it is open.
    pub report: Option<ReportId>,
    /// The end of the previous period, or the installation.
    pub since: DateTime<Utc>,
    /// Its due time; of an open one, when it was read.
    pub until: DateTime<Utc>,
    /// The last rows before it.
    pub after: Border,
    /// Its last rows.
    pub upto: Border,
    /// The service was not running at earlier due times: this report makes up for theirs.
    #[serde(default)]
    pub is_catch_up: bool,
}

/// A report as its letter keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportNotice {
    /// The period.
    pub period: Period,
    /// Why it is sent.
    pub occasion: Occasion,
}

/// Why a report is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It was due.
    Due,
    /// Requested with `report send`; ends no period.
    Extra,
}

/// The cause of a polling gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AbsenceKind {
    /// The service did not run.
    Stopped,
    /// It ran and did not get through to Telegram, or the machine slept.
    Unreachable,
}

// The word stored in `absences.kind` and logged.
base::words! { AbsenceKind {
    Stopped = "stopped",
    Unreachable = "unreachable",
} }
