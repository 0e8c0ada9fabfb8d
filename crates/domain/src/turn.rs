//! Why a turn ended without the model's answer.

/// Why a turn ended without the model's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailReason {
    /// `TURN_DEADLINE` passed.
    Deadline,
    /// Key, quota, model or country: a retry does not help.
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
    /// The stored message no longer parses.
    Unreadable,
}

// The word stored in `inbox.reason` and logged.
base::words! { FailReason {
    Deadline = "deadline",
    Unavailable = "unavailable",
    Refused = "refused",
    Empty = "empty",
    Rejected = "rejected",
    TurnsOfDay = "turns_of_day",
    TokensOfDay = "tokens_of_day",
    Panicked = "panicked",
    Poison = "poison",
    Unreadable = "unreadable",
} }
