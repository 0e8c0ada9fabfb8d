//! The rules for leads, and the outcome of recording one.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{Email, LeadId, LeadSource};

/// When a lead is open and when its letters leave; the same for every lead of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadRules {
    /// Recipients of the letters: one delivery per address.
    pub owners: Vec<Email>,
    /// Recipients of technical alerts.
    pub operators: Vec<Email>,
    /// How long after its last change a lead accepts new facts; after that the customer becomes a new lead.
    pub open_for: TimeDelta,
    /// How long a letter waits for the end of its turn.
    pub letter_delay: TimeDelta,
    /// Maximum lead letters to one address within an hour; further leads are sent together in one letter.
    pub letters_per_hour: u32,
    /// Minimum time between two alerts of one kind.
    pub alert_pause: TimeDelta,
    /// Maximum dialog lines stored with a lead and shown in its letter: the newest ones.
    pub dialog_lines: usize,
}

/// Every write that may change a lead carries the rules.
pub type SharedLeadRules = Arc<LeadRules>;

/// What happened to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeadOutcome {
    /// A new lead was created.
    New,
    /// The open lead got new facts.
    Updated,
    /// Nothing was new.
    Known,
    /// The facts contain no contact: nothing was recorded.
    NoContact,
}

impl LeadOutcome {
    /// The word stored as the tool's output and logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Known => "known",
            Self::NoContact => "no_contact",
        }
    }

    /// The outcome of that word; any other word means [`Self::Known`].
    pub fn from_word(word: &str) -> Self {
        [Self::New, Self::Updated, Self::NoContact]
            .into_iter()
            .find(|outcome| outcome.word() == word)
            .unwrap_or(Self::Known)
    }
}

/// A lead recorded in another statement (when an update is stored or a turn ends), for the log and the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadEvent {
    /// The lead.
    pub lead: LeadId,
    /// How the contact was given.
    pub source: LeadSource,
    /// New, or with new facts.
    pub outcome: LeadOutcome,
}
