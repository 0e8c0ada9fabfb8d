//! Classifies every failure of a call to OpenAI by what the caller may do next. Pure, and the only place that reads
//! error messages: they may quote a customer's text, so only statuses, codes and fixed words leave this module
//! (platform.openai.com/docs/guides/error-codes).

use std::time::Duration;

use base::json;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::messages::RunError;

/// Longer codes are dropped; a real one is shorter.
const LONGEST_CODE: usize = 40;
/// Upper bound of a Retry-After.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// A status other than 2xx, with the parts of its body that matter for the classification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: u16,
    code: Option<String>,
    kind: Option<String>,
    /// The error's `param` is the conversation or part of `input`.
    is_about_thread: bool,
    complaint: Complaint,
    retry_after: Option<Duration>,
}

/// The problem named in the message, for errors without a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Complaint {
    ConversationNotFound,
    NoToolOutput,
    NoToolCall,
    /// An item of the conversation lacks its counterpart or is a duplicate.
    BrokenItem,
    TooLong,
    ModelUnknown,
    Quota,
    Flagged,
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
        } else if says("without its required") || says("item") && (says("not found") || says("duplicate")) {
            Self::BrokenItem
        } else if [
            "context window",
            "context length",
            "context size",
            "request too large",
            "prompt is too long",
        ]
        .iter()
        .any(|words| says(words))
        {
            Self::TooLong
        } else if says("conversation") && says("not found") {
            Self::ConversationNotFound
        } else if says("model") && (says("does not exist") || says("not found")) {
            Self::ModelUnknown
        } else if says("exceeded your current quota") || says("insufficient balance") || says("insufficient credits") {
            Self::Quota
        } else if says("flagged") || says("content management policy") {
            Self::Flagged
        } else {
            Self::Other
        }
    }

    fn word(self) -> Option<&'static str> {
        match self {
            Self::ConversationNotFound => Some("conversation_not_found"),
            Self::NoToolOutput => Some("no_tool_output"),
            Self::NoToolCall => Some("no_tool_call"),
            Self::BrokenItem => Some("broken_item"),
            Self::TooLong => Some("too_long"),
            Self::ModelUnknown => Some("model_not_found"),
            Self::Quota => Some("insufficient_quota"),
            Self::Flagged => Some("flagged"),
            Self::Other => None,
        }
    }
}

impl Refusal {
    /// Accepts any body: OpenAI's, `{"error": "text"}` (Ollama), a numeric code (llama.cpp, `OpenRouter`), the error
    /// without its envelope (old vLLM) or in a list, `{"detail": "text"}` (FastAPI), a proxy's HTML, or none.
    pub(super) fn read(status: u16, body: &[u8], retry_after: Option<Duration>) -> Self {
        Self::of(status, &json::read(body).unwrap_or_default(), retry_after)
    }

    fn of(status: u16, body: &Value, retry_after: Option<Duration>) -> Self {
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let text = |name| error.get(name).and_then(Value::as_str);
        let message = error.as_str().or_else(|| text("message")).or_else(|| text("detail"));
        let param = text("param").unwrap_or_default();
        Self {
            status,
            code: error.get("code").and_then(word),
            kind: error.get("type").and_then(word),
            is_about_thread: param == "conversation" || param.starts_with("input"),
            complaint: Complaint::of(message.unwrap_or_default()),
            retry_after,
        }
    }

    pub(super) fn into_run_error(self) -> RunError {
        if self.is_out_of_quota() {
            return RunError::Unavailable { what: self.what() };
        }
        if self.is_code("conversation_locked") {
            return RunError::Locked {
                retry_after: self.retry_after,
            };
        }
        if self.is_declined() {
            return RunError::Declined { what: self.what() };
        }
        if self.is_forbidden() {
            return RunError::Forbidden { what: self.what() };
        }
        if self.is_thread_lost() {
            return RunError::ThreadLost { what: self.what() };
        }
        match self.status {
            409 | 429 | 503 => RunError::NotExecuted {
                what: self.what(),
                retry_after: self.retry_after,
            },
            408 | 500.. => RunError::Unknown { what: self.what() },
            _ => RunError::Rejected { what: self.what() },
        }
    }

    /// The account cannot pay for another run, so a retry is useless.
    fn is_out_of_quota(&self) -> bool {
        const CODES: [&str; 3] = ["insufficient_quota", "billing_not_active", "billing_hard_limit_reached"];
        self.status == 402
            || (400..=499).contains(&self.status) && CODES.iter().any(|code| self.is_code(code))
            || matches!(self.status, 403 | 429) && self.complaint == Complaint::Quota
    }

    /// The key, the model, the country or the address is rejected. OpenAI uses several statuses for it, sometimes by mistake.
    /// Redirects count too: they are not followed, because another server would receive the key.
    fn is_forbidden(&self) -> bool {
        const CODES: [&str; 3] = ["access_terminated", "invalid_api_key", "model_not_found"];
        matches!(self.status, 300..=399 | 401 | 403 | 407)
            || (400..=499).contains(&self.status) && CODES.iter().any(|code| self.is_code(code))
            || self.status == 404 && self.complaint == Complaint::ModelUnknown
    }

    /// A filter in front of the model rejects the text.
    fn is_declined(&self) -> bool {
        const CODES: [&str; 3] = ["invalid_prompt", "content_policy_violation", "content_filter"];
        matches!(self.status, 400 | 403)
            && (CODES.iter().any(|code| self.is_code(code)) || self.complaint == Complaint::Flagged)
    }

    fn is_thread_lost(&self) -> bool {
        use Complaint::{BrokenItem, ConversationNotFound, NoToolCall, NoToolOutput};
        let is_broken = matches!(
            self.complaint,
            NoToolOutput | NoToolCall | BrokenItem | ConversationNotFound
        );
        match self.status {
            // This includes a `thread_…` id of the Assistants API, which is not a valid `conversation`.
            400 | 404 | 422 => self.is_about_thread || is_broken || self.is_too_long(),
            413 => true,
            // "Request too large … tokens per min": waiting does not make this thread fit.
            429 => self.complaint == Complaint::TooLong,
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
        match self.code.as_deref().or(self.complaint.word()).or(self.kind.as_deref()) {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }
}

/// A code that is safe to log. A longer one, or one with other characters, could be a customer's text.
fn word(value: &Value) -> Option<String> {
    let word = match value {
        Value::String(word) => word.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!word.is_empty() && word.len() <= LONGEST_CODE && word.chars().all(is_word)).then_some(word)
}

/// Classifies a `failed` response with status 200 by its error's code; some servers put a status there.
pub(super) fn failed(error: &Value) -> RunError {
    let refusal = |status| Refusal::of(status, &json!({ "error": error }), None);
    let read = refusal(0);
    let code = read.code.as_deref().or(read.kind.as_deref()).unwrap_or("failed");
    let status = match code {
        _ if read.complaint == Complaint::Quota => 429,
        "rate_limit_exceeded" | "insufficient_quota" => 429,
        "model_not_found" => 404,
        "context_length_exceeded" | "invalid_prompt" | "content_filter" => 400,
        code => match code.parse() {
            Ok(status @ 400..=599) => status,
            _ => return unknown(code),
        },
    };
    refusal(status).into_run_error()
}

/// No connection, so no byte of the request was sent.
pub(super) fn not_connected() -> RunError {
    not_executed("connect")
}

pub(super) fn not_executed(what: &str) -> RunError {
    RunError::NotExecuted {
        what: what.to_owned(),
        retry_after: None,
    }
}

pub(super) fn unknown(what: &str) -> RunError {
    RunError::Unknown { what: what.to_owned() }
}

/// A problem of the configuration or the account that only an operator can fix.
pub(super) fn unavailable(what: &str) -> RunError {
    RunError::Unavailable { what: what.to_owned() }
}

/// The wait in `retry-after-ms`, else in `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3), counted from `now` and
/// capped at [`LONGEST_RETRY_AFTER`]; `None` if neither is readable.
pub(super) fn retry_after(millis: Option<&str>, header: Option<&str>, now: DateTime<Utc>) -> Option<Duration> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds.min(LONGEST_RETRY_AFTER.as_secs_f64())).ok();
    if let Some(millis) = millis.and_then(number) {
        return seconds(millis / 1000.0);
    }
    let header = header?;
    if let Some(number) = number(header) {
        return seconds(number);
    }
    let date = DateTime::parse_from_rfc2822(header.trim()).ok()?;
    let wait = (date.to_utc() - now).to_std().unwrap_or_default();
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
