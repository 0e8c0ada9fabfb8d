//! What can go wrong at an edge, each kind by its name.

use serde::{Deserialize, Serialize};

use crate::openai::Oddity;

/// What goes wrong. *Effect* means that the message is delivered, the run completes or the letter is kept. What an
/// interface has no use for is as if it were not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429 that asks to wait so many seconds, in the form of the interface.
    RetryAfter(u32),
    /// Any answer, without effect.
    Status {
        /// HTTP status.
        status: u16,
        /// Body, sent as it is.
        #[serde(default)]
        body: String,
        /// Further headers.
        #[serde(default)]
        headers: Vec<(String, String)>,
    },
    /// The connection is closed without effect.
    CutBefore,
    /// Effect, then the connection is closed without an answer.
    CutAfter,
    /// Effect, then half of the body, then the connection is closed.
    CutBody,
    /// No effect and never an answer.
    Hang,
    /// Effect, but never an answer.
    HangAfter,
    /// Waits until the rule is removed, then goes on as if nothing had been. A run that waits
    /// keeps its conversation locked.
    Hold,
    /// Milliseconds to wait before the effect. A run that waits keeps its conversation locked.
    Delay(u64),
    /// 200 with a body that is not JSON, without effect.
    Garbage,
    /// OpenAI: 400 `conversation_locked`.
    ConversationLocked,
    /// OpenAI: 404, as if the conversation had been deleted.
    ConversationNotFound,
    /// OpenAI: 400 for a function call without its output.
    NoToolOutput,
    /// OpenAI: 400 `context_length_exceeded`.
    ContextTooLong,
    /// OpenAI: 429 `insufficient_quota`, which no waiting cures.
    Quota,
    /// OpenAI: 401 `invalid_api_key`.
    BadKey,
    /// OpenAI: 404 `model_not_found`.
    ModelNotFound,
    /// OpenAI: the response ends `incomplete` (`max_output_tokens`), without text.
    Incomplete,
    /// OpenAI: the message holds a refusal instead of a text.
    Refusal,
    /// OpenAI: an output item of a type nobody knows stands before the message.
    UnknownItem,
    /// OpenAI: the text begins with the model's thoughts between `<think>` and `</think>`.
    Thoughts,
    /// OpenAI: the text ends in half a citation mark, as an answer does that ran out of room.
    CutCitation,
    /// OpenAI: a completed response without any output item.
    Empty,
    /// OpenAI: 400 for an item of the conversation that lacks its counterpart.
    ReasoningItem,
    /// OpenAI: the run completes, and its answer looks like that.
    Answer(Oddity),
    /// Telegram: 409, as if another instance polled.
    Conflict,
    /// Telegram: 400 "can't parse entities".
    BadEntities,
    /// Telegram: 400 "chat not found".
    ChatNotFound,
    /// Telegram: 403 "bot was blocked by the user".
    Forbidden,
    /// Telegram: this status with `{"ok":false,"error_code":…,"description":…}`, without effect: a 502 told as JSON, a 400 or 403
    /// that nobody knows.
    ApiError {
        /// HTTP status and `error_code`.
        code: u16,
        /// The description.
        text: String,
    },
    /// SMTP: a reply with this code, without effect. 421 also closes the connection, as does any at `connect`.
    Smtp {
        /// 4xx to try again later, 5xx never.
        code: u16,
        /// The words behind the code.
        #[serde(default)]
        text: String,
    },
    /// SMTP: the words of the reply come in encodings of old, of which none is UTF-8. With the code, without effect; else
    /// the effect takes place.
    ForeignBytes {
        /// 4xx or 5xx; none: what the reply would be.
        #[serde(default)]
        code: Option<u16>,
    },
    /// SMTP, at `ehlo`: SMTPUTF8 is not offered (RFC 6531).
    NoSmtpUtf8,
    /// SMTP, at `data`: 552 for a letter of more than so many bytes, without effect.
    TooLarge(usize),
}

impl Fault {
    /// Any answer with this status and body, without effect.
    #[must_use]
    pub fn status(status: u16, body: &str) -> Self {
        Self::Status {
            status,
            body: body.to_owned(),
            headers: Vec::new(),
        }
    }

    /// [`Fault::ApiError`] of Telegram.
    #[must_use]
    pub fn api_error(code: u16, text: &str) -> Self {
        let text = text.to_owned();
        Self::ApiError { code, text }
    }

    /// [`Fault::Smtp`] with this code and these words behind it.
    #[must_use]
    pub fn smtp(code: u16, text: &str) -> Self {
        let text = text.to_owned();
        Self::Smtp { code, text }
    }
}
