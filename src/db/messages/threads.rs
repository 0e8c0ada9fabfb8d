//! The threads of all customers, for the mirror in `threads.json`.

use actix::Message;
use domain::{ChatId, ThreadId};

use crate::db::DbError;

/// Every customer's thread in use.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "Result<Vec<(ChatId, ThreadId)>, DbError>")]
pub struct LoadThreads;

/// Takes over entries the database does not know: no thread of that id was ever the chat's, and it has none now.
/// Answers how many that were.
#[derive(Debug, Clone, Message)]
#[rtype(result = "Result<usize, DbError>")]
pub struct ImportThreads {
    /// What the file holds.
    pub entries: Vec<(ChatId, ThreadId)>,
}
