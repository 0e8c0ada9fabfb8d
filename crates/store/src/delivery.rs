//! One claimed outbox row, and the verdict on it.

use chrono::{DateTime, Utc};
use domain::{ChatId, DeliveryId};
use serde::{Deserialize, Serialize};

use crate::{Lane, Payload, Way};

/// The state of an outbox row; `docs/architecture.md` lists the transitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its time or its turn.
    Scheduled,
    /// Claimed, being sent.
    Executing,
    /// Failed; will be retried.
    Retryable,
    /// Accepted by Telegram or the mail server.
    Completed,
    /// Not retried until it is requeued by hand.
    Dead,
    /// Never sent, because the customer stopped the bot.
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

/// A claimed outbox row: `executing` until its verdict is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its row.
    pub id: DeliveryId,
    /// Deliveries of one lane leave in order.
    pub lane: Lane,
    /// The chat it goes to, or that a letter is about; 0 for a letter without a chat.
    pub chat: ChatId,
    /// What is sent.
    pub payload: Payload,
    /// Counted from 1.
    pub attempt: u32,
    /// When it was committed, or last requeued by hand.
    pub created_at: DateTime<Utc>,
    /// The update it answers, for the log.
    pub update: Option<i64>,
}

/// How a delivery ended, or when it is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted by Telegram or the mail server.
    Sent {
        /// Telegram's message id.
        remote_id: Option<i64>,
    },
    /// Retry, not before `due`.
    RetryAt {
        /// The earliest time.
        due: DateTime<Utc>,
        /// Why it failed: a short code or the server's answer.
        reason: String,
        /// It may have been sent: the process was killed or the server's answer was lost.
        maybe_sent: bool,
    },
    /// A dead letter: not retried automatically.
    Dead {
        /// Why, for the operator.
        reason: String,
    },
    /// The customer stopped the bot: this row and all behind it in the lane are cancelled.
    Blocked,
}

/// The cause of a letter's delay, where the service acts on it: the prefix of `outbox.reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A setting or the server's rules prevent sending; the next start retries at once.
    Held,
    /// The server rejects it for now.
    Refused,
}

impl Reason {
    /// The prefix before the server's answer.
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

/// A row that does not parse, with what could be read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableDelivery {
    /// The row.
    pub id: DeliveryId,
    /// The chat it went to or was about.
    pub chat: Option<ChatId>,
    /// The update it answered.
    pub update: Option<i64>,
    /// Its attempts.
    pub attempt: u32,
    /// Its channel.
    pub way: Way,
}
