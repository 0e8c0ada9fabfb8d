//! The inbox: makes updates durable, then passes their rows to the conversations.

mod actor;
mod albums;
mod conversations;

pub(crate) mod messages;

pub(crate) use actor::{InboxActor, Ports, Settings};
pub(crate) use conversations::{Conversation, Conversations};
