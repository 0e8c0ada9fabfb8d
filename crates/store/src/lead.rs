//! When a lead is open, who is told of it, and what became of the facts of one.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{Email, LeadId, LeadSource};

/// When a lead is open and when its letters leave; the same for every lead of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRules {
    /// Who gets the letters: one delivery an address.
    pub owners: Vec<Email>,
    /// Who gets technical alerts.
    pub operators: Vec<Email>,
    /// How long after its last change a lead takes up new facts; after that the customer is a new lead.
    pub open_for: TimeDelta,
    /// How long a letter waits for the end of its turn.
    pub letter_delay: TimeDelta,
    /// Lead letters to one address within an hour; the others leave together in one.
    pub letters_per_hour: u32,
    /// At most one alert of a kind in this time.
    pub alert_pause: TimeDelta,
    /// Lines of dialog that are kept with a lead and shown in its letter; the newest.
    pub dialog_lines: usize,
}

/// Rules are handed on with every write that may touch a lead.
pub type SharedLeadRules = Arc<LeadRules>;

/// What happened to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeadOutcome {
    /// There is a new one.
    New,
    /// The open one has new facts.
    Updated,
    /// Nothing was new.
    Known,
    /// Nobody could be reached by these facts: nothing was recorded.
    NoContact,
}

impl LeadOutcome {
    /// The word kept as the tool's output and logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Known => "known",
            Self::NoContact => "no_contact",
        }
    }

    /// The outcome of that word; whatever else was kept means that the facts are known.
    pub fn from_word(word: &str) -> Self {
        [Self::New, Self::Updated, Self::NoContact]
            .into_iter()
            .find(|outcome| outcome.word() == word)
            .unwrap_or(Self::Known)
    }
}

/// A lead that was recorded beside something else (an update's arrival, a turn's end), for the log and for the
/// conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadEvent {
    /// Which.
    pub lead: LeadId,
    /// How it came.
    pub source: LeadSource,
    /// New, or with new facts.
    pub outcome: LeadOutcome,
}
