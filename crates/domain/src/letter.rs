//! Letters: what an outbox row keeps of one. The row holds the facts as they were; the dialog is read by the ids that bound
//! it, because its rows never change.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ChatId, DialogId, EarlierLead, Email, InboxId, LeadChange, LeadFacts, LeadId, LeadSource, ReportNotice};

/// What a letter is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// One lead.
    Lead(Box<LeadNotice>),
    /// Leads beyond the hourly bound, together.
    Leads(Vec<LeadNotice>),
    /// A report.
    Report(ReportNotice),
    /// Something an operator has to check.
    Alert(Alert),
}

impl Letter {
    /// Lines of dialog that a letter about several leads has room for, of one of them. As many are read for it.
    pub const GATHERED_LINES: usize = 20;
}

/// A lead as it was when its letter was due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadNotice {
    /// Which.
    pub lead: LeadId,
    /// Counted from 1; from 2 on the letter is an update.
    pub revision: u32,
    /// The customer's chat.
    pub chat: ChatId,
    /// The row that caused it; the end of its turn makes the letter due.
    pub cause: InboxId,
    /// How it was recorded.
    pub source: LeadSource,
    /// When this revision was recorded.
    pub at: DateTime<Utc>,
    /// The facts.
    pub facts: LeadFacts,
    /// Changes since the previous letter; empty in the first.
    pub changes: Vec<LeadChange>,
    /// The customer's leads before this one, newest first.
    pub earlier: Vec<EarlierLead>,
    /// The last row of the dialog that belongs to it.
    pub upto: DialogId,
}

/// An alert for the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The kind of problem.
    pub kind: AlertKind,
    /// One word on the cause, as in the log.
    pub reason: String,
    /// When it was noticed.
    pub at: DateTime<Utc>,
}

/// The kinds of alerts; of each at most one in a while is mailed. Trouble with the mail server as a whole is only logged.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The model answers no customer: key, quota, model, a bound of the day.
    Assistant,
    /// Telegram refuses the bot's token.
    Telegram,
    /// This machine's clock and Telegram's differ.
    Clock,
    /// Some customers are left without the model's answer, while others may get theirs.
    Unanswered,
    /// `BUSINESS_FILE` can no longer be read.
    Facts,
    /// The mail server refuses letters to one address.
    Letters {
        /// Which.
        to: Email,
    },
}

impl AlertKind {
    /// All of them that are about the whole service.
    pub const ALL: [Self; 5] = [
        Self::Assistant,
        Self::Unanswered,
        Self::Telegram,
        Self::Clock,
        Self::Facts,
    ];

    /// Its word, in the names of its phrases and in the log.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Assistant => "assistant",
            Self::Telegram => "telegram",
            Self::Clock => "clock",
            Self::Unanswered => "unanswered",
            Self::Facts => "facts",
            Self::Letters { .. } => "letters",
        }
    }

    /// Its part of the delivery key.
    pub fn key(&self) -> String {
        match self {
            Self::Letters { to } => format!("{}:{to}", self.word()),
            _ => self.word().to_owned(),
        }
    }
}
