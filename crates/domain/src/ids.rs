//! Newtypes for ids, so that a chat is never taken for an update. Telegram's ids go beyond 32 bits
//! (Bot API: "has at most 52 significant bits"), ours are SQLite row ids.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(
    /// A Telegram chat; in a private chat it is also the customer's user id.
    ChatId
);
number_id!(
    /// A Telegram update; unique for one bot, and only until a quiet week restarts the count.
    UpdateId
);
number_id!(
    /// A Telegram message inside its chat.
    MessageId
);
number_id!(
    /// A row of `inbox`; their order is the order of arrival.
    InboxId
);
number_id!(
    /// A row of `dialogs`; their order is the order in which words were stored.
    DialogId
);
number_id!(
    /// A row of `outbox`; their order inside a lane is the order of delivery.
    DeliveryId
);
number_id!(
    /// A row of `successful_dialogs`: a lead.
    LeadId
);
number_id!(
    /// A row of `reports`: a period.
    ReportId
);
number_id!(
    /// A turn: the id of its first inbox row.
    TurnId
);

impl From<InboxId> for TurnId {
    fn from(first: InboxId) -> Self {
        Self(first.0)
    }
}

/// A customer's thread: the id of a Conversation at OpenAI (`conv_…`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThreadId(pub String);

impl fmt::Display for ThreadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
