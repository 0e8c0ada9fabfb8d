//! InboxActor's vocabulary.

use crate::runtime::requests;

requests! {
    StopInbox => (),
}

/// Stops passing rows on. Answered when no turn is open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopInbox;
