//! The composition root: starts the actors in the order of dependence, hands each its ports, and stops them in the
//! order a message travels. A service is a value; several run in one process.

mod lock;
mod parts;
mod start;
mod status;
mod stop;

pub use parts::StartError;
pub use start::Service;
