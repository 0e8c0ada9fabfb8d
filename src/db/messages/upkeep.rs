//! Start, status and the installation's own values.

use actix::Message;
use chrono::{DateTime, Utc};

use crate::db::DbError;

/// Puts right what the last process left: `executing` deliveries may have been sent, a chat's oldest waiting row
/// counts the start as an attempt, its thread is suspect. Made once, before any actor takes work.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Result<Recovered, DbError>")]
pub struct RecoverAfterStart;

/// What was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Rows that wait.
    pub waiting_rows: usize,
    /// Chats they belong to.
    pub waiting_chats: usize,
    /// Deliveries that may have been sent.
    pub maybe_sent: usize,
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
