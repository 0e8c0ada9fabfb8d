//! Start, status and the installation's own values.

use chrono::{DateTime, TimeDelta, Utc};
use domain::InboxId;

use super::UnreadableDelivery;

/// Cleans up after the last process, once nothing can refuse the start any more and before any actor takes work:
/// `executing` deliveries may have been sent, and the thread of every chat with a waiting row is suspect. If the last
/// process did not end in order and recovered less than `quick_death` ago, the oldest waiting row of each chat counts one
/// attempt. Asked again with the same start id, it changes nothing.
#[derive(Debug, Clone)]
pub struct RecoverAfterStart {
    /// This start's own random name.
    pub start: String,
    /// See [`crate::config::Limits::quick_death`].
    pub quick_death: TimeDelta,
}

/// The process ends in order: the next start counts no attempt.
#[derive(Debug, Clone)]
pub struct RecordOrderlyEnd {
    /// The name of the start that ends.
    pub start: String,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Rows that wait.
    pub waiting_rows: usize,
    /// Chats they belong to.
    pub waiting_chats: usize,
    /// Deliveries that may have been sent.
    pub maybe_sent: usize,
    /// The waiting rows counted an attempt: the last process ended soon after its start, and not in order.
    pub is_attempt: bool,
    /// Inbox rows whose state did not parse.
    pub unreadable_rows: Vec<InboxId>,
    /// Deliveries whose state did not parse: they are dead.
    pub unreadable_deliveries: Vec<UnreadableDelivery>,
}

/// The installation's random name, made at the first start; salts what stands for a customer elsewhere.
#[derive(Debug, Clone)]
pub struct LoadInstallation {
    /// Taken if there is none yet.
    pub proposal: String,
}

/// Tokens read and written by all turns that ended since then.
#[derive(Debug, Clone, Copy)]
pub struct CountTokens {
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What is unfinished, for the status line.
#[derive(Debug, Clone, Copy)]
pub struct CountWork;

/// Unfinished rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Inbox rows in state `pending`.
    pub waiting: i64,
    /// Outbox rows not yet at an end.
    pub undelivered: i64,
    /// When the oldest of those was made.
    pub oldest_undelivered: Option<DateTime<Utc>>,
    /// Dead letters.
    pub dead: i64,
}

/// Tables from which rows go when nobody reads them any more. `dialogs`, leads, customers and threads stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpentTable {
    /// Ended updates.
    Inbox,
    /// Ended deliveries; dead ones once a report has told of them.
    Outbox,
    /// What tools did in turns that have ended.
    Effects,
    /// Questions that a report has told.
    Gaps,
    /// Absences that a report has told.
    Absences,
    /// Borders of periods that are long over.
    Reports,
    /// Counts of floods that a report has told.
    Floods,
    /// Windows of customers who wrote nothing lately.
    Arrivals,
    /// What an earlier version left in ended updates.
    OldInbox,
    /// What an earlier version left in ended deliveries.
    OldOutbox,
}

impl SpentTable {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Inbox,
        Self::Outbox,
        Self::Effects,
        Self::Gaps,
        Self::Absences,
        Self::Reports,
        Self::Floods,
        Self::Arrivals,
        Self::OldInbox,
        Self::OldOutbox,
    ];

    /// The word that is logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Outbox => "outbox",
            Self::Effects => "tool_effects",
            Self::Gaps => "gaps",
            Self::Absences => "absences",
            Self::Reports => "reports",
            Self::Floods => "floods",
            Self::Arrivals => "arrivals",
            Self::OldInbox => "old_inbox",
            Self::OldOutbox => "old_outbox",
        }
    }
}

/// Looks for rows that can go, from the oldest on. What a report or a letter may still read is not among them.
#[derive(Debug, Clone, Copy)]
pub struct FindSpent {
    /// Where.
    pub table: SpentTable,
    /// Behind this id.
    pub after: i64,
    /// Rows that are looked at.
    pub rows: u32,
    /// Age at which a row goes.
    pub age: TimeDelta,
    /// The same for questions and for borders of periods.
    pub long_age: TimeDelta,
}

/// Rows that can go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// Their ids.
    pub rows: Vec<i64>,
    /// Behind which id to go on; `None`: there is nothing more.
    pub next: Option<i64>,
}

/// Removes them. A row that somebody has put back meanwhile stays.
#[derive(Debug, Clone)]
pub struct RemoveSpent {
    /// From where.
    pub table: SpentTable,
    /// Their ids.
    pub rows: Vec<i64>,
    /// Of rows that are only emptied, how many at most.
    pub most: u32,
}

/// Ends the writer after what is queued, with a checkpoint; writes after it are refused. Answered when the file is
/// closed.
#[derive(Debug, Clone, Copy)]
pub struct CloseDatabase;
