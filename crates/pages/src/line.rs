//! One line of a dialog, and what became of it.

use chrono::{DateTime, Utc};

/// One line of a dialog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogLine {
    /// When it was stored.
    pub at: DateTime<Utc>,
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// It is the new wording of an earlier message.
    pub is_edit: bool,
    /// It is the model's own Markdown, which the customer saw as formatted text.
    pub is_markdown: bool,
}

impl DialogLine {
    /// Whether the customer said something; a command says nothing.
    pub fn has_words(&self) -> bool {
        self.speaker == Speaker::Customer && !is_command(&self.text)
    }

    /// Whether it did not arrive and never will.
    pub fn is_lost(&self) -> bool {
        self.speaker == Speaker::Us(Fate::NotDelivered)
    }
}

/// `/start avito3`; what merely begins with a slash is a word like any other.
fn is_command(text: &str) -> bool {
    let name = text.strip_prefix('/').and_then(|rest| rest.split_whitespace().next());
    name.is_some_and(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '@'))
}

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The customer.
    Customer,
    /// The model, or the service itself; whether it reached the customer.
    Us(Fate),
}

/// What became of a line of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// He has it, or it is on its way.
    Sent,
    /// It has failed so far and is tried again.
    Waiting,
    /// He did not get it and never will.
    NotDelivered,
}
