//! What OutboxActor is told.

use store::Delivery;

use crate::runtime::requests;

requests! {
    DeliveriesQueued => (),
    StopDelivering => (),
}

/// A hint: these rows were just written and claimed. Lost, they are found by the next sweep.
#[derive(Debug, Clone)]
pub(crate) struct DeliveriesQueued {
    /// Claimed rows, one a lane.
    pub deliveries: Vec<Delivery>,
}

/// Takes nothing new and answers when no delivery is under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopDelivering;
