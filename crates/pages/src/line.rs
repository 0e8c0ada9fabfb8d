//! One line of a dialog with its delivery state.

use chrono::{DateTime, Utc};

/// One line of a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogLine {
    /// When it was stored.
    pub at: DateTime<Utc>,
    /// The author.
    pub speaker: Speaker,
    /// The text.
    pub text: String,
    /// It is the new wording of an earlier message.
    pub is_edit: bool,
    /// The text is the model's Markdown; the customer saw it formatted.
    pub is_markdown: bool,
}

impl DialogLine {
    /// Whether the customer said something; a command says nothing.
    pub fn has_words(&self) -> bool {
        self.speaker == Speaker::Customer && !is_command(&self.text)
    }

    /// Whether it was not delivered and is not retried.
    pub fn is_lost(&self) -> bool {
        self.speaker == Speaker::Us(Fate::NotDelivered)
    }
}

/// Whether it is a command such as `/start avito3`; a leading slash alone is not enough.
fn is_command(text: &str) -> bool {
    let name = text.strip_prefix('/').and_then(|rest| rest.split_whitespace().next());
    name.is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@'))
}

/// The author of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// The model or the service, with the delivery state.
    Us(Fate),
}

/// The delivery state of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Delivered or being delivered.
    Sent,
    /// It has failed so far and is tried again.
    Waiting,
    /// Not delivered and not retried.
    NotDelivered,
}
