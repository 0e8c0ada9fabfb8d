//! Deliveries: rows written together with the effect that caused them. The outbox passes them to couriers, one at a time
//! and in order within a lane, until each has a final verdict.

mod actor;
mod alarm;
mod courier;
mod couriers;
mod events;
mod in_flight;
pub(crate) mod messages;
mod policy;
mod refusals;
#[cfg(test)]
mod tests;

pub(crate) use actor::{OutboxActor, Ports};
pub(crate) use couriers::{Ports as CourierPorts, couriers};
