//! One outbox row in motion: what is to be handed to an edge, and the verdict that comes back.

use chrono::{DateTime, Utc};
use domain::{ChatId, DeliveryId};
use serde::{Deserialize, Serialize};

use crate::{Lane, Payload, Way};

/// Where an outbox row stands; `docs/architecture.md` lists the arrows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its time or its turn.
    Scheduled,
    /// In hand.
    Executing,
    /// Failed so far; tried again.
    Retryable,
    /// The far side has it.
    Completed,
    /// Given up until somebody puts it back.
    Dead,
    /// Given up for good: the chat is closed to us.
    Cancelled,
}

// The word stored in `outbox.state`.
base::words! { DeliveryState {
    Scheduled = "scheduled",
    Executing = "executing",
    Retryable = "retryable",
    Completed = "completed",
    Dead = "dead",
    Cancelled = "cancelled",
} }

/// A claimed outbox row: `executing`, and nobody else's until its verdict is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its row.
    pub id: DeliveryId,
    /// The order it belongs to.
    pub lane: Lane,
    /// The chat it goes to, or that a letter is about; 0 for a letter about none.
    pub chat: ChatId,
    /// What goes there.
    pub payload: Payload,
    /// Counted from 1.
    pub attempt: u32,
    /// When the effect that caused it was committed, or when it was last put back by hand.
    pub created_at: DateTime<Utc>,
    /// The update whose answer it is, for the log.
    pub update: Option<i64>,
}

/// How a delivery ended, or when it is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The far side has it.
    Sent {
        /// Telegram's message id.
        remote_id: Option<i64>,
    },
    /// Once more, not before `due`.
    RetryAt {
        /// The earliest time.
        due: DateTime<Utc>,
        /// Why it did not work, in a word or in the server's own few.
        reason: String,
        /// The far side may have it: only a kill or an answer lost on the way does that.
        maybe_sent: bool,
    },
    /// Never again by itself: a dead letter.
    Dead {
        /// Why, for the operator.
        reason: String,
    },
    /// The chat is closed to us: this row and all that wait behind it are given up.
    Blocked,
}

/// Why a letter waits, where more depends on it than when it is tried again: the word its `outbox.reason` begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A setting or the server's rules are in the way; a new start tries at once.
    Held,
    /// The server refuses it, and may take it later.
    Refused,
}

impl Reason {
    /// What stands before the server's own words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held: ",
            Self::Refused => "refused: ",
        }
    }

    /// The whole reason.
    pub fn of(self, said: &str) -> String {
        format!("{}{said}", self.word())
    }
}

/// A row that does not parse, with what can be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableDelivery {
    /// The row.
    pub id: DeliveryId,
    /// The chat it went to or was about.
    pub chat: Option<ChatId>,
    /// The update whose answer it was.
    pub update: Option<i64>,
    /// How often it was tried.
    pub attempt: u32,
    /// By which way it would have gone.
    pub way: Way,
}
