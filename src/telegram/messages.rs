//! What the Telegram edge emits and accepts, in domain types.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{ChatId, IncomingUpdate, OutgoingMessage};

use crate::runtime::requests;

requests! {
    UpdatesReceived => Result<(), NotStored>,
    SendReply => Result<SentMessage, SendError>,
    BotLimited => (),
    TokenRefused => (),
    ShowTyping => (),
    StopPolling => (),
    LoadPollTime => DateTime<Utc>,
}

/// A batch of updates in Telegram's order. Answered only when every one of them is durable: until then the
/// poller confirms nothing. An error means that nothing may be confirmed; the poller asks again.
#[derive(Debug, Clone)]
pub(crate) struct UpdatesReceived {
    /// At most 100 (Bot API, getUpdates).
    pub updates: Vec<IncomingUpdate>,
}

/// The batch could not be made durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the updates were not stored: {0}")]
pub(crate) struct NotStored(pub String);

/// Hands one delivery to Telegram, when pacing lets it go. Made once; what to do with a failure is the
/// outbox's decision.
#[derive(Debug, Clone)]
pub(crate) struct SendReply {
    /// Where it goes.
    pub chat: ChatId,
    /// What goes there.
    pub content: ChatContent,
}

/// What can be sent to a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChatContent {
    /// A message.
    Message(Box<OutgoingMessage>),
    /// The bot leaves it.
    Leave,
}

/// Telegram has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SentMessage {
    /// Telegram's id of it; `None` for what is not a message.
    pub message_id: Option<i64>,
    /// Telegram refused the entities: the same text went out plain.
    pub is_plain: bool,
}

/// Why Telegram does not have it, sorted by what may be done about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    /// 429: Telegram's own time.
    #[error("retry after {0:?}")]
    RetryAfter(Duration),
    /// 401 or 404: the bot's token is refused. Nothing is sent to anybody before this time is over.
    #[error("the token is refused; again after {0:?}")]
    Unauthorized(Duration),
    /// Surely not sent: no connection, or a refusal that speaks neither of this chat nor of this text.
    #[error("not sent ({0})")]
    Transient(&'static str),
    /// Timeout, cut, 5xx, an answer of unknown shape: it may have been sent.
    #[error("outcome unknown ({0})")]
    Unknown(&'static str),
    /// Blocked, deactivated, "chat not found": the chat is closed to us.
    #[error("the chat is closed to us")]
    Blocked,
    /// The chat is open, and the bot may not write there.
    #[error("no right to write")]
    Muted,
    /// Any other 400 or 403, also of the bare text.
    #[error("rejected")]
    Rejected,
}

/// Telegram told the whole bot to wait, in an answer that belongs to no chat. A hint: the next answer says it again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BotLimited(pub Duration);

/// Telegram refused the bot's token (401, 404) in an answer that belongs to no chat. A hint: the next answer says it again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenRefused;

/// "typing…" in a chat, once (Bot API sendChatAction: it lasts 5 s). Best effort, never retried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShowTyping {
    /// Where.
    pub chat: ChatId,
}

/// Fetches nothing more; answered when what was stored is also confirmed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopPolling;

/// When Telegram last answered a `getUpdates`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoadPollTime;
