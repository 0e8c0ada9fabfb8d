//! Deliveries: rows that were written with the effect that caused them are handed to a courier, one at a time and in
//! order within a lane, until each has its verdict.

mod actor;
mod alarm;
mod courier;
mod couriers;
mod events;
mod in_hand;
pub(crate) mod messages;
mod policy;
mod refusals;
#[cfg(test)]
mod tests;

pub(crate) use actor::{OutboxActor, Ports};
pub(crate) use couriers::{Ports as CourierPorts, couriers};
