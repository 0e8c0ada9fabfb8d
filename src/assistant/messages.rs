//! What AssistantActor is asked: one run of the model a message. The tool loop, retries, the deadline and
//! the choice of the thread belong to the conversation; a run is made once and its failure is sorted here
//! by what the caller may do next.

use std::sync::Arc;
use std::time::Duration;

use domain::{ChatId, HistoryLine, ThreadId};
use serde_json::Value;

use crate::runtime::requests;

requests! {
    StartRun => Result<RunAnswer, RunError>,
}

/// Makes one run. The answer may take as long as `OPENAI_TIMEOUT`, and longer while all of
/// `OPENAI_CONCURRENCY` is taken. Dropping the question abandons the run; OpenAI may still finish it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StartRun {
    /// Whose turn it is; only a hash of it leaves the house.
    pub chat: ChatId,
    /// The turn, for the log (`turn=`) and the request's own id.
    pub turn: i64,
    /// Where it runs.
    pub thread: RunThread,
    /// What is new to that thread, in order. With a new thread the history stands before the message.
    pub input: RunInput,
    /// The standing prompt; the same text for all customers, so that OpenAI can cache it.
    pub instructions: Arc<str>,
    /// What the model may call.
    pub tools: Arc<[ToolDefinition]>,
    /// `tool_choice: none`: the last run of a turn that called tools too often.
    pub without_tools: bool,
    /// Bound of the answer, reasoning included.
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

/// What a run adds to its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunInput {
    /// Lines of dialog and notes. Shared: whoever may have to ask again keeps them while the model answers.
    Lines(Arc<[HistoryLine]>),
    /// Results of the calls the last run asked for.
    Outputs(Vec<ToolOutput>),
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunAnswer {
    /// The thread it ran on; a new one has its id now.
    pub thread: ThreadId,
    /// All text of the answer, or the model's refusal, without the model's thoughts; empty if there is none.
    pub text: String,
    /// The tools it asks for, in order.
    pub calls: Vec<ToolCall>,
    /// How it ended.
    pub status: RunStatus,
    /// What it cost.
    pub usage: Usage,
}

/// Why there is no answer, sorted by what may be done about it. Holds nothing of a customer's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// Surely not executed (refused connection, 429 without quota, 503, 409): the same run may be made again.
    #[error("not executed ({what})")]
    NotExecuted {
        /// One word for the log: `connect`, `429`, `503`…
        what: String,
        /// What OpenAI asked us to wait (Retry-After), at most 60 s.
        retry_after: Option<Duration>,
    },
    /// 400 `conversation_locked`: another run is under way on the thread; surely not executed.
    #[error("the thread is locked")]
    Locked {
        /// What OpenAI asked us to wait (Retry-After), at most 60 s.
        retry_after: Option<Duration>,
    },
    /// Time-out, cut, 500, 502, 504, unreadable body: it may have run, so the thread is suspect.
    #[error("outcome unknown ({what})")]
    Unknown {
        /// One word for the log.
        what: String,
    },
    /// The thread is of no use any more: not found, "No tool output found", an item without its counterpart, context too
    /// long, or anything else about the conversation or its `input`.
    #[error("the thread is lost ({what})")]
    ThreadLost {
        /// One word for the log.
        what: String,
    },
    /// 401, 403, unknown model, a redirect: key or settings are at fault, or OpenAI erred. A second try after a while shows
    /// which.
    #[error("forbidden ({what})")]
    Forbidden {
        /// One word for the log.
        what: String,
    },
    /// Quota, unusable settings, [`RunError::Forbidden`] confirmed, or the breaker is open after one of them: a retry helps
    /// nobody.
    #[error("the assistant is unavailable ({what})")]
    Unavailable {
        /// One word for the log.
        what: String,
    },
    /// A filter in front of the model does not take the customer's words.
    #[error("the words were declined ({what})")]
    Declined {
        /// One word for the log.
        what: String,
    },
    /// Any other 4xx, whatever its text: the thread may be at fault, or whatever answered in OpenAI's place.
    #[error("the request was rejected ({what})")]
    Rejected {
        /// Status and code for the log.
        what: String,
    },
}

impl RunError {
    /// What happened, in a word that may be logged and told.
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
    /// Its name on the wire.
    pub(crate) name: &'static str,
    /// When and how to use it, for the model.
    pub(crate) description: &'static str,
    /// Strict JSON schema of its arguments (every property required, nothing additional).
    pub(crate) parameters: Value,
}

/// The model asks for a tool. Name and arguments are untrusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolCall {
    /// The id its output must carry.
    pub(crate) call_id: String,
    /// The tool.
    pub(crate) name: String,
    /// JSON, if the model kept to it.
    pub(crate) arguments: String,
}

/// The result of one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToolOutput {
    /// Whose result it is.
    pub(crate) call_id: String,
    /// JSON for the model.
    pub(crate) output: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunStatus {
    /// As it should; text, tool calls, or nothing at all.
    Completed,
    /// It ran out of `max_output_tokens`.
    Incomplete,
    /// The model declined.
    Refused,
}

/// What a run cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// Tokens read, the whole thread included.
    pub(crate) input_tokens: i64,
    /// Tokens written, reasoning included.
    pub(crate) output_tokens: i64,
}
