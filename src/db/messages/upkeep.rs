//! Start, status and the installation's own values.

use actix::Message;
use chrono::{DateTime, TimeDelta, Utc};

use crate::db::DbError;

/// Cleans up after the last process, once nothing can refuse the start any more and before any actor takes work:
/// `executing` deliveries may have been sent, and the thread of every chat with a waiting row is suspect. If the last
/// process did not end in order and recovered less than `quick_death` ago, the oldest waiting row of each chat counts one
/// attempt. Asked again with the same start id, it changes nothing.
#[derive(Debug, Clone, Message)]
#[rtype(result = "Result<Recovered, DbError>")]
pub struct RecoverAfterStart {
    /// This start's own random name.
    pub start: String,
    /// See [`crate::config::Limits::quick_death`].
    pub quick_death: TimeDelta,
}

/// The process ends in order: the next start counts no attempt.
#[derive(Debug, Clone, Message)]
#[rtype(result = "Result<(), DbError>")]
pub struct RecordOrderlyEnd {
    /// The name of the start that ends.
    pub start: String,
}

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Rows that wait.
    pub waiting_rows: usize,
    /// Chats they belong to.
    pub waiting_chats: usize,
    /// Deliveries that may have been sent.
    pub maybe_sent: usize,
    /// The waiting rows counted an attempt: the last process ended soon after its start, and not in order.
    pub is_attempt: bool,
}

/// The installation's random name, made at the first start; salts what stands for a customer elsewhere.
#[derive(Debug, Clone, Message)]
#[rtype(result = "Result<String, DbError>")]
pub struct LoadInstallation {
    /// Taken if there is none yet.
    pub proposal: String,
}

/// Tokens read and written by all turns that ended since then.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Result<u64, DbError>")]
pub struct CountTokens {
    /// Since when.
    pub since: DateTime<Utc>,
}

/// What is unfinished, for the status line.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Result<Work, DbError>")]
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

/// Ends the writer after what is queued, with a checkpoint; writes after it are refused. Answered when the file is
/// closed.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct CloseDatabase;
