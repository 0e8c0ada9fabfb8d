//! AssistantActor's vocabulary: each message is one run of the model. The conversation owns the tool loop, retries,
//! the deadline and the choice of the thread. A run is attempted once; its error is classified here by what the
//! caller may do next.

use std::sync::Arc;
use std::time::Duration;

use domain::{ChatId, HistoryLine, ThreadId};
use serde_json::Value;

use crate::runtime::requests;

requests! {
    StartRun => Result<RunAnswer, RunError>,
}

/// Makes one run. The answer may take `OPENAI_TIMEOUT`, plus the wait for one of the `OPENAI_CONCURRENCY` permits.
/// Dropping the request abandons the run; OpenAI may still finish it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StartRun {
    /// The customer's chat; only a salted hash of it is sent.
    pub chat: ChatId,
    /// The turn, for the log (`turn=`) and the request id.
    pub turn: i64,
    /// The thread to run on.
    pub thread: RunThread,
    /// New items for that thread, in order. For a new thread the history precedes the message.
    pub input: RunInput,
    /// The standing prompt, identical for all customers so that OpenAI can cache it.
    pub instructions: Arc<str>,
    /// The tools the model may call.
    pub tools: Arc<[ToolDefinition]>,
    /// `tool_choice: none`, for the last run of a turn that called tools too often.
    pub without_tools: bool,
    /// Limit for the answer, including reasoning.
    pub max_output_tokens: u32,
}

/// The thread of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunThread {
    /// An existing Conversation.
    Existing(ThreadId),
    /// An empty one, created for this run.
    New,
}

/// The items a run adds to its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunInput {
    /// Lines of dialog and notes. Shared, because the turn keeps them for a retry while the model answers.
    Lines(Arc<[HistoryLine]>),
    /// Outputs of the tool calls of the last run.
    Outputs(Vec<ToolOutput>),
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunAnswer {
    /// The thread it ran on, possibly new.
    pub thread: ThreadId,
    /// All text of the answer, or the model's refusal, without reasoning; may be empty.
    pub text: String,
    /// Tool calls, in order.
    pub calls: Vec<ToolCall>,
    /// How it ended.
    pub status: RunStatus,
    /// Tokens used.
    pub usage: Usage,
}

/// Why a run failed, classified by what the caller may do next. Never contains a customer's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// Certainly not executed (refused connection, rate limit, 503, 409): the same run may be retried.
    #[error("not executed ({what})")]
    NotExecuted {
        /// For the log: `connect`, `429`, `503`…
        what: String,
        /// OpenAI's Retry-After, at most 60 s.
        retry_after: Option<Duration>,
    },
    /// 400 `conversation_locked`: another run is active on the thread; certainly not executed.
    #[error("the thread is locked")]
    Locked {
        /// OpenAI's Retry-After, at most 60 s.
        retry_after: Option<Duration>,
    },
    /// Timeout, disconnect, 500, 502, 504 or an unreadable body: it may have run, so the thread cannot be trusted.
    #[error("outcome unknown ({what})")]
    Unknown {
        /// For the log.
        what: String,
    },
    /// The thread can no longer be used: not found, "No tool output found", an item without its counterpart, context too
    /// long, or any other error about the conversation or its `input`.
    #[error("the thread is lost ({what})")]
    ThreadLost {
        /// For the log.
        what: String,
    },
    /// 401, 403, unknown model or a redirect: the key or a setting is wrong, or OpenAI made a mistake. A later retry shows
    /// which.
    #[error("forbidden ({what})")]
    Forbidden {
        /// For the log.
        what: String,
    },
    /// Quota, unusable settings, a confirmed [`RunError::Forbidden`], or the breaker is open after one of these. A retry is
    /// useless.
    #[error("the assistant is unavailable ({what})")]
    Unavailable {
        /// For the log.
        what: String,
    },
    /// A filter in front of the model rejects the customer's text.
    #[error("the text was rejected by a content filter ({what})")]
    Declined {
        /// For the log.
        what: String,
    },
    /// Any other 4xx: the thread may be broken, or another server answered in OpenAI's place.
    #[error("the request was rejected ({what})")]
    Rejected {
        /// Status and code for the log.
        what: String,
    },
}

impl RunError {
    /// The cause, safe to log and to show to operators.
    pub fn what(&self) -> Option<&str> {
        match self {
            Self::Locked { .. } => Some("locked"),
            Self::NotExecuted { what, .. }
            | Self::Unknown { what }
            | Self::ThreadLost { what }
            | Self::Forbidden { what }
            | Self::Unavailable { what }
            | Self::Declined { what }
            | Self::Rejected { what } => Some(what),
        }
    }
}

/// A tool the model may call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ToolDefinition {
    /// The name in the API.
    pub(crate) name: &'static str,
    /// When and how to use it, for the model.
    pub(crate) description: &'static str,
    /// Strict JSON schema of its arguments (every property required, nothing additional).
    pub(crate) parameters: Value,
}

/// A tool call by the model. Name and arguments are untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// The id its output must have.
    pub(crate) call_id: String,
    /// The tool.
    pub(crate) name: String,
    /// Usually JSON, but not guaranteed.
    pub(crate) arguments: String,
}

/// The result of one tool call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolOutput {
    /// The id of the call.
    pub(crate) call_id: String,
    /// JSON for the model.
    pub(crate) output: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunStatus {
    /// Normally: with text, tool calls, or neither.
    Completed,
    /// It ran out of `max_output_tokens`.
    Incomplete,
    /// The model declined.
    Refused,
}

/// Tokens used by a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Including the whole thread.
    pub(crate) input_tokens: i64,
    /// Including reasoning.
    pub(crate) output_tokens: i64,
}
