//! What a conversation is told and asked.

use domain::{ChatId, InboxId, LeadSource};
use store::{Edit, WaitingRow};

use crate::runtime::requests;

requests! {
    TakeRow => (),
    LookForWork => (),
    Rested => (),
    Retire => bool,
    StopTurns => (),
    ThreadsChanged => (),
    MirrorThreads => (),
}

/// A hint that a row of this chat was stored. Lost or seen before, it does no harm: rows are the truth.
#[derive(Debug, Clone)]
pub(crate) struct TakeRow {
    /// The row.
    pub arrived: Arrived,
    /// The chat's row before it: if that was not seen, the rows are read again.
    pub previous: Option<InboxId>,
    /// The lead it made or changed.
    pub lead: Option<LeadSource>,
}

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) enum Arrived {
    /// A message that waits for its turn.
    Row(WaitingRow),
    /// An edit.
    Edit(Edit),
    /// A row that needs no answer and yet held a contact.
    Lead(InboxId),
}

/// A row of this chat waits: if it is not known here, the rows are read again. Answered at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LookForWork {
    /// The oldest row that waits.
    pub oldest: InboxId,
}

/// A hint of a conversation that it has nothing to do: it may be retired.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rested {
    /// Whose conversation.
    pub chat: ChatId,
}

/// Retire, unless there is work. The answer says whether it did; then the address may be dropped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retire;

/// Begin no further turn; answered when none is open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopTurns;

/// A hint that some customer's thread changed; the mirror is written anew.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThreadsChanged;

/// Writes the mirror now; answered when the file is there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MirrorThreads;
