//! Deliveries: rows that were written with the effect that caused them are handed to an edge, one at a time and in
//! order within a lane, until each has its verdict.

mod actor;
mod alarm;
mod events;
mod in_hand;
pub(crate) mod messages;
mod policy;
mod post;
mod refusals;
mod standing;
#[cfg(test)]
mod tests;

pub(crate) use actor::{OutboxActor, Ports};
