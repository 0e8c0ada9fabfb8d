//! Every kind of fault that can be injected at an edge.

use serde::{Deserialize, Serialize};

use crate::openai::Oddity;

/// A fault to inject. *Effect* means that the message is delivered, the run completes or the letter is kept. A fault that does
/// not apply to an interface is ignored there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429 with this many seconds to wait, in the form of the interface.
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
    /// Waits until the rule is removed, then continues normally. A waiting run keeps its conversation locked.
    Hold,
    /// Milliseconds to wait before the effect. A waiting run keeps its conversation locked.
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
    /// OpenAI: 429 `insufficient_quota`, which waiting does not fix.
    Quota,
    /// OpenAI: 401 `invalid_api_key`.
    BadKey,
    /// OpenAI: 404 `model_not_found`.
    ModelNotFound,
    /// OpenAI: the response ends `incomplete` (`max_output_tokens`), without text.
    Incomplete,
    /// OpenAI: the message contains a refusal instead of a text.
    Refusal,
    /// OpenAI: an output item of an unknown type precedes the message.
    UnknownItem,
    /// OpenAI: the text begins with the model's reasoning between `<think>` and `</think>`.
    Thoughts,
    /// OpenAI: the text ends in half a citation mark, as a truncated answer does.
    CutCitation,
    /// OpenAI: a completed response without any output item.
    Empty,
    /// OpenAI: 400 for an item of the conversation that lacks its counterpart.
    ReasoningItem,
    /// OpenAI: the run completes with an answer of this form.
    Answer(Oddity),
    /// Telegram: 409, as if another instance polled.
    Conflict,
    /// Telegram: 400 "can't parse entities".
    BadEntities,
    /// Telegram: 400 "chat not found".
    ChatNotFound,
    /// Telegram: 403 "bot was blocked by the user".
    Forbidden,
    /// Telegram: this status with `{"ok":false,"error_code":…,"description":…}`, without effect: a 502 with a JSON body, an unknown 400
    /// or 403.
    ApiError {
        /// HTTP status and `error_code`.
        code: u16,
        /// The description.
        text: String,
    },
    /// SMTP: a reply with this code, without effect. 421 also closes the connection, as does any at `connect`.
    Smtp {
        /// 4xx temporary, 5xx permanent.
        code: u16,
        /// The text after the code.
        #[serde(default)]
        text: String,
    },
    /// SMTP: the text of the reply is in legacy encodings, none of them UTF-8. With a code there is no effect; without one the
    /// effect takes place.
    ForeignBytes {
        /// 4xx or 5xx; `None` keeps the normal code.
        #[serde(default)]
        code: Option<u16>,
    },
    /// SMTP, at `ehlo`: SMTPUTF8 is not offered (RFC 6531).
    NoSmtpUtf8,
    /// SMTP, at `data`: 552 for a letter of more than this many bytes, without effect.
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

    /// [`Fault::Smtp`] with this code and text.
    #[must_use]
    pub fn smtp(code: u16, text: &str) -> Self {
        let text = text.to_owned();
        Self::Smtp { code, text }
    }
}
