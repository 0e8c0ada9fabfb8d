//! EDGE to OpenAI; async-openai is named nowhere else.

pub mod messages;

mod actor;
mod answer;
mod breaker;
mod errors;
mod openai;
mod wire;

#[cfg(test)]
mod tests;

pub use actor::AssistantActor;
pub use openai::{CheckedModel, OpenAi, check};
