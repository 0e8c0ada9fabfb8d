//! Why a turn ended without the model's answer.

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
