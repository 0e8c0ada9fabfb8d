//! EDGE to OpenAI; async-openai is named nowhere else.

pub(crate) mod messages;

mod actor;
mod answer;
mod breaker;
mod errors;
mod openai;
mod wire;

#[cfg(test)]
mod tests;

pub(crate) use actor::AssistantActor;
pub(crate) use openai::{OpenAi, check};
