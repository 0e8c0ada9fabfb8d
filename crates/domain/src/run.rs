//! The vocabulary of a run, one call of the model: what it is told, what it may call, what it says back.
//! Shared by the conversation that decides and the edge that speaks to OpenAI.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who said a line of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The customer.
    User,
    /// The model.
    Assistant,
    /// We ourselves: the time, a tool's effect, an edit. Never holds a customer's words.
    Developer,
}

/// One line of what a run is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
}

impl HistoryLine {
    /// A line of the customer.
    pub fn user(text: impl Into<String>) -> Self {
        Self {
            role: Role::User,
            text: text.into(),
        }
    }

    /// A line of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self {
            role: Role::Assistant,
            text: text.into(),
        }
    }

    /// A note of ours.
    pub fn developer(text: impl Into<String>) -> Self {
        Self {
            role: Role::Developer,
            text: text.into(),
        }
    }
}

/// A tool the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolDefinition {
    /// Its name on the wire.
    pub name: &'static str,
    /// When and how to use it, for the model.
    pub description: &'static str,
    /// Strict JSON schema of its arguments (every property required, nothing additional).
    pub parameters: Value,
}

/// The model asks for a tool. Name and arguments are untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// The id its output must carry.
    pub call_id: String,
    /// The tool.
    pub name: String,
    /// JSON, if the model kept to it.
    pub arguments: String,
}

/// The result of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolOutput {
    /// Whose result it is.
    pub call_id: String,
    /// JSON for the model.
    pub output: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// As it should; text, tool calls, or nothing at all.
    Completed,
    /// It ran out of `max_output_tokens`.
    Incomplete,
    /// The model declined.
    Refused,
}

/// What a run cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read, the whole thread included.
    pub input_tokens: i64,
    /// Tokens written, reasoning included.
    pub output_tokens: i64,
}
