//! Every way a call to OpenAI can fail, sorted by what the caller may do next. Pure, and the only place that
//! looks at a refusal's words: bodies can quote what a customer wrote, so only statuses, codes and our own
//! words go further (platform.openai.com/docs/guides/error-codes).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::messages::RunError;

/// The longest code that is repeated; a real one is shorter.
const LONGEST_CODE: usize = 40;

/// A status that is not 2xx, with what its body said as far as it decides anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    code: Option<String>,
    kind: Option<String>,
    param: Option<String>,
    complaint: Complaint,
    retry_after: Option<Duration>,
}

/// What a message complains of, where no code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Complaint {
    ConversationGone,
    NoToolOutput,
    NoToolCall,
    TooLong,
    ModelUnknown,
    Other,
}

impl Complaint {
    fn of(message: &str) -> Self {
        let message = message.to_ascii_lowercase();
        let says = |words: &str| message.contains(words);
        if says("no tool output found") {
            Self::NoToolOutput
        } else if says("no tool call found") {
            Self::NoToolCall
        } else if says("context window") || says("maximum context length") || says("request too large") {
            Self::TooLong
        } else if says("conversation") && says("not found") {
            Self::ConversationGone
        } else if says("model") && (says("does not exist") || says("not found")) {
            Self::ModelUnknown
        } else {
            Self::Other
        }
    }
}

impl Refusal {
    /// Reads what a refusal's body says. Any body will do: OpenAI's, `{"error": "text"}` (Ollama), a numeric
    /// code (llama.cpp, `OpenRouter`), the error without its envelope (old vLLM), a proxy's HTML, nothing.
    pub(super) fn read(status: u16, body: &str, retry_after: Option<Duration>) -> Self {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let error = body.get("error").unwrap_or(&body);
        let message = error.as_str().or_else(|| error.get("message").and_then(Value::as_str));
        Self {
            status,
            code: error.get("code").and_then(word),
            kind: error.get("type").and_then(word),
            param: error.get("param").and_then(word),
            complaint: Complaint::of(message.unwrap_or_default()),
            retry_after,
        }
    }

    /// What the caller may do about it.
    pub(super) fn sorted(self) -> RunError {
        if self.is_unavailable() {
            return RunError::Unavailable { what: self.what() };
        }
        if self.is_code("conversation_locked") {
            return RunError::Locked;
        }
        if self.is_thread_lost() {
            return RunError::ThreadLost { what: self.what() };
        }
        match self.status {
            409 | 429 | 503 => RunError::NotExecuted {
                what: self.what(),
                retry_after: self.retry_after,
            },
            // A redirect is not followed: the key would go where nobody meant it to.
            300..=399 => RunError::Unavailable { what: self.what() },
            408 | 500.. => RunError::Unknown { what: self.what() },
            _ => RunError::Rejected { what: self.what() },
        }
    }

    /// The account, the key or the model is at fault; OpenAI says so with several statuses.
    fn is_unavailable(&self) -> bool {
        const CODES: [&str; 6] = [
            "insufficient_quota",
            "billing_not_active",
            "billing_hard_limit_reached",
            "access_terminated",
            "invalid_api_key",
            "model_not_found",
        ];
        matches!(self.status, 401..=403)
            || (400..=499).contains(&self.status) && CODES.iter().any(|code| self.is_code(code))
            || self.status == 404 && self.complaint == Complaint::ModelUnknown
    }

    fn is_thread_lost(&self) -> bool {
        let is_about_thread = self.param.as_deref() == Some("conversation");
        match self.status {
            404 => is_about_thread || self.complaint == Complaint::ConversationGone,
            // A `thread_…` id of the Assistants API is no valid `conversation` any more.
            400 => {
                let is_broken = matches!(self.complaint, Complaint::NoToolOutput | Complaint::NoToolCall);
                is_about_thread || is_broken || self.is_too_long()
            }
            // "Request too large … tokens per min": no waiting makes this thread fit.
            413 | 429 => self.complaint == Complaint::TooLong,
            _ => false,
        }
    }

    fn is_too_long(&self) -> bool {
        self.is_code("context_length_exceeded") || self.complaint == Complaint::TooLong
    }

    fn is_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code) || self.kind.as_deref() == Some(code)
    }

    fn what(&self) -> String {
        let complaint = match self.complaint {
            Complaint::ConversationGone => Some("conversation_not_found"),
            Complaint::NoToolOutput => Some("no_tool_output"),
            Complaint::NoToolCall => Some("no_tool_call"),
            Complaint::TooLong => Some("too_long"),
            Complaint::ModelUnknown => Some("model_not_found"),
            Complaint::Other => None,
        };
        match self.code.as_deref().or(complaint).or(self.kind.as_deref()) {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }
}

/// A code as it may be logged; anything longer or with other characters could be somebody's text.
fn word(value: &Value) -> Option<String> {
    let word = match value {
        Value::String(word) => word.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!word.is_empty() && word.len() <= LONGEST_CODE && word.chars().all(is_word)).then_some(word)
}

/// A response that came with status 200 and says `failed`, by its error's code.
pub(super) fn failed(error: &Value) -> RunError {
    let code = error.get("code").and_then(word).unwrap_or_else(|| "failed".to_owned());
    let status = match code.as_str() {
        "rate_limit_exceeded" | "insufficient_quota" => 429,
        "model_not_found" => 404,
        "context_length_exceeded" | "invalid_prompt" => 400,
        _ => return RunError::Unknown { what: code },
    };
    Refusal::read(status, &error.to_string(), None).sorted()
}

/// Surely not executed: no connection, so not one byte of the request left.
pub(super) fn not_connected() -> RunError {
    not_executed("connect")
}

/// The same, for another reason.
pub(super) fn not_executed(what: &str) -> RunError {
    RunError::NotExecuted {
        what: what.to_owned(),
        retry_after: None,
    }
}

/// It may have run.
pub(super) fn unknown(what: &str) -> RunError {
    RunError::Unknown { what: what.to_owned() }
}

/// Something of ours or of the account's that only the operator can mend.
pub(super) fn unavailable(what: &str) -> RunError {
    RunError::Unavailable { what: what.to_owned() }
}

/// What `retry-after-ms` or else `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3) asks to wait, counted
/// from `now`; without an upper bound, and `None` for what is neither.
pub(super) fn retry_after(millis: Option<&str>, header: Option<&str>, now: DateTime<Utc>) -> Option<Duration> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    if let Some(millis) = millis.and_then(number) {
        return Duration::try_from_secs_f64(millis / 1000.0).ok();
    }
    let header = header?;
    if let Some(seconds) = number(header) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = DateTime::parse_from_rfc2822(header.trim()).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
