//! EDGE to OpenAI; async-openai is named nowhere else.

pub mod messages;

mod breaker;
mod errors;
mod wire;
