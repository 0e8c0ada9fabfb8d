//! The vocabulary of conversations and of the threads mirror.

use domain::{ChatId, InboxId, LeadSource};
use store::{Edit, WaitingRow};

use crate::runtime::requests;

requests! {
    TakeRow => (),
    CheckRows => (),
    BecameIdle => (),
    Retire => bool,
    StopTurns => (),
    ThreadsChanged => (),
    MirrorThreads => (),
}

/// A hint that a row of this chat was stored. A lost or duplicate hint is harmless: the rows are the truth.
#[derive(Debug, Clone)]
pub(crate) struct TakeRow {
    /// The row.
    pub arrived: Arrived,
    /// The chat's previous row: if its hint was lost, the rows are read again.
    pub previous: Option<InboxId>,
    /// The lead it created or changed.
    pub lead: Option<LeadSource>,
}

/// The kind of a stored row.
#[derive(Debug, Clone)]
pub(crate) enum Arrived {
    /// A message that waits for its turn.
    Row(WaitingRow),
    /// An edit.
    Edit(Edit),
    /// A row that needs no answer but contained a contact.
    Lead(InboxId),
}

/// A row of this chat waits: if the conversation does not know it, it reads the rows again. Answered at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CheckRows {
    /// The oldest waiting row.
    pub oldest: InboxId,
}

/// A hint that a conversation is idle and may be retired.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BecameIdle {
    /// The conversation's chat.
    pub chat: ChatId,
}

/// Retires the conversation unless it has work. The answer is whether it did; then the address may be dropped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retire;

/// Starts no further turn. Answered when no turn is open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopTurns;

/// A hint that a customer's thread changed and the mirror must be rewritten.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadsChanged;

/// Writes the mirror now. Answered when the file is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MirrorThreads;
