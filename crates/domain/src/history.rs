//! The history for the model.

use serde::{Deserialize, Serialize};

/// The author of a line of history.
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

/// One line of history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLine {
    /// The author.
    pub role: Role,
    /// The text.
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

    /// A developer note.
    pub fn developer(text: impl Into<String>) -> Self {
        Self {
            role: Role::Developer,
            text: text.into(),
        }
    }
}
