//! Rows that wait for their turn, and what is kept of a turn when it is over.

use chrono::{DateTime, Utc};

use super::{CustomerMessage, InboxId, MessageId, UpdateId};

/// An inbox row in state `pending`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    /// Its row.
    pub id: InboxId,
    /// The update it came with.
    pub update: UpdateId,
    /// The customer's message.
    pub message_id: MessageId,
    /// What they sent, edits of it already applied; empty if it is unreadable.
    pub message: CustomerMessage,
    /// The stored message does not parse any more.
    pub is_unreadable: bool,
    /// When it was stored.
    pub received_at: DateTime<Utc>,
    /// How often this service died or was stopped while it waited.
    pub attempts: u32,
    /// How often its own turn panicked.
    pub panics: u32,
}

impl WaitingRow {
    /// When the customer asked, which may be long before it could be stored. A clock that runs behind Telegram's makes
    /// no message one from the future.
    pub fn asked_at(&self) -> DateTime<Utc> {
        let stored = self.received_at;
        self.message.sent_at.map_or(stored, |sent| sent.min(stored))
    }
}

/// An edit that no turn has told the model yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The edit's own inbox row.
    pub id: InboxId,
    /// The message that was changed.
    pub message_id: MessageId,
    /// Its new content.
    pub message: CustomerMessage,
}

/// Why a turn ended without the model's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailReason {
    /// `TURN_DEADLINE` passed.
    Deadline,
    /// Key, quota, model or country: nothing a retry could mend.
    Unavailable,
    /// The model declined to answer.
    Refused,
    /// It answered nothing, twice.
    Empty,
    /// OpenAI does not accept the request.
    Rejected,
    /// The customer has had all turns of a day (`TURNS_PER_CUSTOMER_PER_DAY`).
    TurnsOfDay,
    /// All tokens of a day are used up (`TOKENS_PER_DAY`).
    TokensOfDay,
    /// The turn panicked twice.
    Panicked,
    /// The service died more than five times while the row waited.
    Poison,
    /// The stored message does not parse any more.
    Unreadable,
}

impl FailReason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Deadline,
        Self::Unavailable,
        Self::Refused,
        Self::Empty,
        Self::Rejected,
        Self::TurnsOfDay,
        Self::TokensOfDay,
        Self::Panicked,
        Self::Poison,
        Self::Unreadable,
    ];

    /// The reason of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// The word stored in `inbox.reason` and logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::Empty => "empty",
            Self::Rejected => "rejected",
            Self::TurnsOfDay => "turns_of_day",
            Self::TokensOfDay => "tokens_of_day",
            Self::Panicked => "panicked",
            Self::Poison => "poison",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The figures of a turn, kept on its first inbox row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TurnFigures {
    /// When the turn began; `None` for rows answered without the model.
    pub started_at: Option<DateTime<Utc>>,
    /// Runs made, failed ones included.
    pub runs: u32,
    /// Tool calls answered.
    pub tool_calls: u32,
    /// Input tokens of all runs.
    pub input_tokens: i64,
    /// Output tokens of all runs.
    pub output_tokens: i64,
}
