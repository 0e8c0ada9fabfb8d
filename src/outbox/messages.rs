//! OutboxActor's vocabulary.

use store::Delivery;

use crate::runtime::requests;

requests! {
    DeliveriesQueued => (),
    StopDelivering => (),
}

/// A hint: these rows were just written and claimed. If it is lost, the next sweep finds them.
#[derive(Debug, Clone)]
pub(crate) struct DeliveriesQueued {
    /// Claimed rows, one per lane.
    pub deliveries: Vec<Delivery>,
}

/// Stops taking rows. Answered when no delivery is in flight.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopDelivering;
