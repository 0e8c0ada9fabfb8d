//! The threads of all customers, for the mirror in `threads.json`.

use domain::{ChatId, ThreadId};

/// Every customer's thread in use.
#[derive(Debug, Clone, Copy)]
pub struct LoadThreads;

/// Takes over entries the database does not know: no thread of that id was ever the chat's, and it has none now.
/// Answers how many that were.
#[derive(Debug, Clone)]
pub struct ImportThreads {
    /// What the file holds.
    pub entries: Vec<(ChatId, ThreadId)>,
}
