//! Leads: recording one, and reading what a letter tells of it.

use domain::{
    ChatId, Delivery, DeliveryId, Email, LeadFacts, LeadId, LeadSource, Letter, Payload, SharedLeadRules, TurnId,
};
use pages::LetterPage;

/// Records what `save_contact` was told, in one transaction: the lead, its letters, the tool's effect. The same facts
/// in a repeated turn find their effect and change nothing.
#[derive(Debug, Clone)]
pub struct RecordLead {
    /// Whose.
    pub chat: ChatId,
    /// In which turn; its end makes the letters due.
    pub turn: TurnId,
    /// Hash of the normalised facts.
    pub fingerprint: String,
    /// The facts.
    pub facts: LeadFacts,
    /// Who is told, and when.
    pub rules: SharedLeadRules,
}

/// What became of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedLead {
    /// The lead; `None` if there is none.
    pub lead: Option<LeadId>,
    /// What happened.
    pub outcome: LeadOutcome,
}

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
pub struct LeadNews {
    /// Which.
    pub lead: LeadId,
    /// How it came.
    pub source: LeadSource,
    /// New, or with new facts.
    pub outcome: LeadOutcome,
}

/// Reads everything a letter tells.
#[derive(Debug, Clone)]
pub struct LoadLetter {
    /// Its row.
    pub delivery: DeliveryId,
    /// Who gets it.
    pub to: Email,
    /// What it is about.
    pub letter: Letter,
    /// At most so many lines of a dialog; the newest.
    pub lines: usize,
    /// Lead letters to one address within an hour: after so many the others come together.
    pub per_hour: u32,
}

impl LoadLetter {
    /// The question about a delivery; `None` if that is no letter.
    pub fn of(delivery: &Delivery, lines: usize, per_hour: u32) -> Option<Self> {
        let Payload::Letter { to, letter } = &delivery.payload else {
            return None;
        };
        Some(Self {
            delivery: delivery.id,
            to: to.clone(),
            letter: letter.clone(),
            lines,
            per_hour,
        })
    }
}
