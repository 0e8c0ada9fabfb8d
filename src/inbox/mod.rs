//! The inbox: makes updates durable, then hands their rows to the conversations they belong to.

mod actor;
mod albums;
mod conversations;

pub mod messages;

pub use actor::{InboxActor, Ports, Settings};
pub use conversations::{Conversation, Conversations};
