//! One Telegram update as the edge read it: what it changes for us, the key that makes a second delivery
//! recognisable, and the raw JSON, which is kept even when nothing in it could be understood.

use serde::{Deserialize, Serialize};

use super::{ChatId, CustomerMessage, MessageId, Profile, UpdateId};

/// An update, ready to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingUpdate {
    /// `BOT:UPDATE:CHAT:MESSAGE:EDITDATE`; absent parts are 0. Update ids start again after a quiet week and
    /// another token is another bot, so the update id alone would not do.
    pub key: String,
    /// Its `update_id`; 0 where the member of the batch had none.
    pub update: UpdateId,
    /// The chat it came from; 0 where none could be read.
    pub chat: ChatId,
    /// The message it is about.
    pub message: Option<MessageId>,
    /// Who wrote; only in private chats.
    pub profile: Option<Profile>,
    /// What it means for us.
    pub change: Change,
    /// The id of a tap on an inline button, which is to be answered whatever becomes of the update.
    pub tap: Option<String>,
    /// The name of content of a kind newer than this code, for the log.
    pub unknown_content: Option<String>,
    /// The update as Telegram sent it.
    pub raw: String,
}

/// What an update changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A customer wrote.
    Wrote(CustomerMessage),
    /// A customer changed an earlier message (the one in [`IncomingUpdate::message`]).
    Edited(CustomerMessage),
    /// A customer stopped the bot (`my_chat_member`, status `kicked`).
    Blocked,
    /// A customer let it in again.
    Unblocked,
    /// The bot was added to a group or channel, which it leaves after one polite line.
    JoinedGroup {
        /// It may write there at all.
        may_write: bool,
    },
    /// Stored, never answered.
    Nothing(IgnoreReason),
}

/// Why an inbox row needs no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoreReason {
    /// Another bot wrote.
    Bot,
    /// It happened in a channel.
    Channel,
    /// It happened in a group.
    Group,
    /// A service message: a pinned message, a title, a membership.
    Service,
    /// An edit; its text is given to the model with the customer's next message.
    Edited,
    /// An edit that changed no text.
    Unchanged,
    /// More messages in a minute, or more waiting ones, than one customer may have.
    Flood,
    /// Not an update we could read; the raw text is kept.
    Unreadable,
    /// The customer started a new thread before it was answered.
    Reset,
}

impl IgnoreReason {
    /// The word stored in `inbox.reason` and logged.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Channel => "channel",
            Self::Group => "group",
            Self::Service => "service",
            Self::Edited => "edited",
            Self::Unchanged => "unchanged",
            Self::Flood => "flood",
            Self::Unreadable => "unreadable",
            Self::Reset => "reset",
        }
    }
}
