//! The Telegram edge's vocabulary, in domain types.

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

/// A batch of updates in Telegram's order. Answered only when every update is durable; until then the poller confirms
/// none. After an error it confirms none and fetches the batch again.
#[derive(Debug, Clone)]
pub(crate) struct UpdatesReceived {
    /// At most 100 (Bot API, getUpdates).
    pub updates: Vec<IncomingUpdate>,
}

/// The batch is not durable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("updates not stored: {0}")]
pub(crate) struct NotStored(pub String);

/// Sends one delivery to Telegram when pacing allows it. One attempt; the outbox decides about retries.
#[derive(Debug, Clone)]
pub(crate) struct SendReply {
    /// The destination.
    pub chat: ChatId,
    /// The message, or the request to leave.
    pub content: ChatContent,
}

/// What can be sent to a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChatContent {
    /// A message.
    Message(Box<OutgoingMessage>),
    /// The bot leaves the chat.
    Leave,
}

/// Telegram accepted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SentMessage {
    /// Telegram's id; `None` if nothing was posted or the answer names none.
    pub message_id: Option<i64>,
    /// Telegram rejected the entities or the keyboard, and the text was sent without them.
    pub is_plain: bool,
}

/// Why Telegram did not accept it, classified by what the caller may do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    /// 429, with the wait Telegram asks for.
    #[error("retry after {0:?}")]
    RetryAfter(Duration),
    /// 401 or 404: Telegram rejects the bot token. Nothing is sent to any chat before this time is over.
    #[error("bot token rejected; retry after {0:?}")]
    Unauthorized(Duration),
    /// Certainly not sent: no connection, or an error that concerns neither this chat nor this text.
    #[error("not sent ({0})")]
    Transient(&'static str),
    /// Timeout, disconnect, 5xx or an unrecognised answer: it may have been sent.
    #[error("outcome unknown ({0})")]
    Unknown(&'static str),
    /// Blocked, deactivated, "chat not found": the bot cannot reach this chat.
    #[error("the bot cannot reach this chat (blocked, deactivated or not found)")]
    Blocked,
    /// The chat exists, but the bot may not write there.
    #[error("the bot may not write in this chat")]
    Muted,
    /// Any other 400 or 403, also for the bare text.
    #[error("message rejected")]
    Rejected,
}

/// Telegram rate-limited the whole bot, in an answer that belongs to no chat. A hint: the next answer repeats it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BotLimited(pub Duration);

/// Telegram rejected the bot token (401, 404) in an answer that belongs to no chat. A hint: the next answer repeats it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokenRefused;

/// "typing…" in a chat, once (Bot API sendChatAction: it lasts 5 s). Best effort, never retried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShowTyping {
    /// The chat that sees it.
    pub chat: ChatId,
}

/// Stops fetching. Answered when the stored updates are also confirmed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StopPolling;

/// When Telegram last answered a `getUpdates`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LoadPollTime;
