//! What InboxActor is told.

use actix::Message;

/// Take nothing more; answered when no turn is open any more.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub struct StopInbox;
