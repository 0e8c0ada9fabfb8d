//! What InboxActor is told.

use crate::runtime::requests;

requests! {
    StopInbox => (),
}

/// Take nothing more; answered when no turn is open any more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopInbox;
