//! What OutboxActor is told.

use actix::Message;
use domain::Delivery;

/// A hint: these rows were just written and claimed. Lost, they are found by the next sweep.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub(crate) struct DeliveriesQueued {
    /// Claimed rows, one a lane.
    pub deliveries: Vec<Delivery>,
}

/// Takes nothing new and answers when no delivery is under way.
#[derive(Debug, Clone, Copy, Message)]
#[rtype(result = "()")]
pub(crate) struct StopDelivering;
