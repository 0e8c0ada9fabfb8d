//! OpenAI's responses (platform.openai.com/docs/api-reference/responses/object), read leniently: a field that is missing, null or of
//! another type never fails a run, nor does an item or status newer than this code.

use base::json;
use domain::ThreadId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;
use wording::markdown::answer_text;
use wording::repeats;

use super::errors;
use super::messages::{RunAnswer, RunError};
use crate::assistant::messages::{RunStatus, ToolCall, Usage};

/// Counts above this are capped; no model reads more.
const MAX_TOKENS: f64 = 10_000_000.0;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response {
    #[serde(deserialize_with = "lenient")]
    status: String,
    error: Value,
    #[serde(deserialize_with = "lenient")]
    incomplete_details: IncompleteDetails,
    output: Value,
    /// All text once more; some servers send only this.
    #[serde(deserialize_with = "lenient")]
    output_text: String,
    #[serde(deserialize_with = "lenient")]
    usage: TokenUsage,
}

impl Response {
    /// Skips unneeded members, such as the instructions that every response repeats.
    ///
    /// # Errors
    /// [`RunError::Unknown`] if it is not JSON.
    pub(super) fn read(body: &[u8]) -> Result<Self, RunError> {
        let response = Self::of_members(body).or_else(|| json::read::<Value>(body).map(read));
        response.ok_or_else(|| errors::unknown("unreadable"))
    }

    /// `None` also for a duplicate member, or if a skipped member needs repair.
    fn of_members(body: &[u8]) -> Option<Self> {
        let members: Members<'_> = serde_json::from_slice(body).ok()?;
        Some(Self {
            status: member(members.status)?,
            error: member(members.error)?,
            incomplete_details: member(members.incomplete_details)?,
            output: member(members.output)?,
            output_text: member(members.output_text)?,
            usage: member(members.usage)?,
        })
    }
}

/// The needed members of a response, unparsed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members<'a> {
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    incomplete_details: Option<&'a RawValue>,
    #[serde(borrow)]
    output: Option<&'a RawValue>,
    #[serde(borrow)]
    output_text: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

fn member<T: DeserializeOwned + Default>(raw: Option<&RawValue>) -> Option<T> {
    match raw {
        Some(raw) => parse_unrepaired(raw.get()).or_else(|| json::read::<Value>(raw.get().as_bytes()).map(read)),
        None => Some(T::default()),
    }
}

/// `None` if the type differs or an escape may need repair.
fn parse_unrepaired<T: DeserializeOwned>(text: &str) -> Option<T> {
    let is_plain = !text.contains("\\u");
    is_plain.then(|| serde_json::from_str(text).ok()).flatten()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct IncompleteDetails {
    #[serde(deserialize_with = "lenient")]
    reason: String,
}

/// Only the two counts that are stored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenUsage {
    input_tokens: Value,
    output_tokens: Value,
}

/// An output item; its type decides which fields it has.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OutputItem {
    #[serde(deserialize_with = "lenient")]
    r#type: String,
    #[serde(deserialize_with = "lenient")]
    role: String,
    /// `commentary` or `final_answer`, from models that think aloud.
    #[serde(deserialize_with = "lenient")]
    phase: String,
    content: Value,
    #[serde(deserialize_with = "lenient")]
    refusal: String,
    /// Of a part in the place of an item.
    text: Value,
    #[serde(deserialize_with = "lenient")]
    id: String,
    #[serde(deserialize_with = "lenient")]
    call_id: String,
    #[serde(deserialize_with = "lenient")]
    name: String,
    arguments: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContentPart {
    #[serde(deserialize_with = "lenient")]
    r#type: String,
    text: Value,
    #[serde(deserialize_with = "lenient")]
    refusal: String,
}

/// The type's default for null and for a value of another type.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    Ok(read(Value::deserialize(deserializer)?))
}

fn read<T: DeserializeOwned + Default>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_default()
}

/// The members of a list, or a single value sent in its place.
fn as_list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(members) => members,
        Value::Null => Vec::new(),
        single => vec![single],
    }
}

/// Only messages of the highest phase are part of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Commentary,
    Unspecified,
    Final,
}

/// The content of all output items.
#[derive(Debug, Default)]
struct Output {
    messages: Vec<(Phase, Vec<String>)>,
    refusals: Vec<String>,
    calls: Vec<ToolCall>,
}

impl Output {
    fn take(&mut self, item: OutputItem) {
        match item.r#type.as_str() {
            "message" | "" if matches!(item.role.as_str(), "assistant" | "") => self.take_message(item),
            "output_text" | "text" => self
                .messages
                .extend(part_text(&item.text).map(|text| (Phase::Unspecified, vec![text]))),
            "function_call" => self.take_call(item),
            _ => {}
        }
    }

    fn take_message(&mut self, item: OutputItem) {
        let phase = match item.phase.as_str() {
            "final" | "final_answer" => Phase::Final,
            "commentary" | "analysis" => Phase::Commentary,
            _ => Phase::Unspecified,
        };
        let mut texts = Vec::new();
        let mut refusals = vec![item.refusal];
        for part in as_list(item.content) {
            if let Value::String(text) = part {
                texts.push(text);
                continue;
            }
            let part: ContentPart = read(part);
            match part.r#type.as_str() {
                "output_text" | "text" | "" => texts.extend(part_text(&part.text)),
                "refusal" => refusals.push(part.refusal),
                _ => {}
            }
        }
        self.messages.push((phase, texts));
        self.refusals
            .extend(refusals.into_iter().filter(|text| !text.trim().is_empty()));
    }

    fn take_call(&mut self, item: OutputItem) {
        let call_id = if item.call_id.is_empty() { item.id } else { item.call_id };
        // A duplicate call would produce a duplicate output, which OpenAI rejects.
        if self.calls.iter().any(|call| call.call_id == call_id) {
            return;
        }
        self.calls.push(ToolCall {
            call_id,
            name: item.name,
            arguments: match item.arguments {
                Value::String(arguments) => arguments,
                other => other.to_string(),
            },
        });
    }

    /// The text for the customer: the messages marked final, else those that are not commentary.
    fn text(self) -> String {
        let messages = self.messages.into_iter();
        let texts = messages.map(|(phase, parts)| (phase, answer_text(&repeats::parts(parts))));
        let texts: Vec<_> = texts.filter(|(_, text)| !text.is_empty()).collect();
        let phase = texts.iter().map(|(phase, _)| *phase).max();
        let chosen = texts.into_iter().filter(|(of, _)| Some(*of) == phase);
        answer_text(&repeats::messages(chosen.map(|(_, text)| text).collect()))
    }
}

fn has_text(texts: &[String]) -> bool {
    texts.iter().any(|text| !text.trim().is_empty())
}

/// A text, or the object that earlier APIs put around it.
fn part_text(text: &Value) -> Option<String> {
    let text = text.as_str().or_else(|| text.get("value").and_then(Value::as_str));
    text.map(str::to_owned)
}

/// Reads the answer to `POST /responses`.
///
/// # Errors
/// A failed response by its code; an unreadable one is [`RunError::Unknown`].
pub(super) fn answer(thread: ThreadId, response: Response) -> Result<RunAnswer, RunError> {
    let status = response.status.to_ascii_lowercase();
    let is_listed = response.output.is_array();
    let mut output = Output::default();
    for item in as_list(response.output) {
        match item {
            // Some servers put the text in place of the items.
            Value::String(text) if !is_listed => output.messages.push((Phase::Unspecified, vec![text])),
            item => output.take(read(item)),
        }
    }
    if !output.messages.iter().any(|(_, texts)| has_text(texts)) && !response.output_text.trim().is_empty() {
        output.messages.push((Phase::Unspecified, vec![response.output_text]));
    }
    let is_empty = output.calls.is_empty()
        && output.refusals.is_empty()
        && !output.messages.iter().any(|(_, texts)| has_text(texts));
    let is_final = matches!(status.as_str(), "completed" | "incomplete");
    match status.as_str() {
        "failed" => return Err(errors::failed(&response.error)),
        "queued" | "in_progress" | "cancelled" | "canceled" | "expired" => return Err(errors::unknown(&status)),
        _ if is_an_error(&response.error) && (is_empty || !is_final) => return Err(errors::failed(&response.error)),
        _ if is_empty && !is_listed && !is_final => return Err(errors::unknown("unreadable")),
        _ => {}
    }
    if output.calls.iter().any(|call| call.call_id.is_empty()) {
        // Its output could never be submitted.
        return Err(errors::unknown("unreadable"));
    }
    let is_refused = !output.refusals.is_empty();
    let is_withheld = response.incomplete_details.reason == "content_filter";
    Ok(RunAnswer {
        thread,
        status: match status.as_str() {
            _ if is_refused => RunStatus::Refused,
            "incomplete" if is_withheld => RunStatus::Refused,
            "incomplete" => RunStatus::Incomplete,
            _ => RunStatus::Completed,
        },
        calls: std::mem::take(&mut output.calls),
        text: match is_refused {
            true => answer_text(&output.refusals.join("\n")),
            false => output.text(),
        },
        usage: Usage {
            input_tokens: tokens(&response.usage.input_tokens),
            output_tokens: tokens(&response.usage.output_tokens),
        },
    })
}

/// `null`, `{}`, `""` and `false` mean that there was no error.
fn is_an_error(error: &Value) -> bool {
    match error {
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => false,
    }
}

/// Also reads a count sent as a string or a fraction.
fn tokens(count: &Value) -> i64 {
    let number = match count {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_f64(),
    };
    #[expect(clippy::cast_possible_truncation, reason = "clamped far below what an i64 holds")]
    let number = number.map(|number: f64| number.clamp(0.0, MAX_TOKENS) as i64);
    number.unwrap_or_default()
}

/// Reads the answer to `POST /conversations`.
///
/// # Errors
/// [`RunError::Unknown`] if it has no conversation id.
pub(super) fn conversation(body: &[u8]) -> Result<ThreadId, RunError> {
    let body = value(body)?;
    match body.get("id").and_then(Value::as_str) {
        Some(id) if !id.is_empty() => Ok(ThreadId(id.to_owned())),
        _ if body.get("error").is_some_and(is_an_error) => Err(errors::failed(&body["error"])),
        _ => Err(errors::unknown("unreadable")),
    }
}

/// OpenAI's entry of the configured model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CheckedModel {
    /// In the server's spelling.
    pub name: String,
    /// As sent by the server.
    pub shutdown_date: Option<String>,
}

/// Reads the answer to `GET /models/{model}`.
///
/// # Errors
/// [`RunError::Unknown`] if it is not JSON.
pub(super) fn model(asked: &str, body: &[u8]) -> Result<CheckedModel, RunError> {
    let body = value(body)?;
    let text = |name| body.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(CheckedModel {
        name: text("id").unwrap_or_else(|| asked.to_owned()),
        shutdown_date: text("shutdown_date"),
    })
}

fn value(body: &[u8]) -> Result<Value, RunError> {
    json::read(body).ok_or_else(|| errors::unknown("unreadable"))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
