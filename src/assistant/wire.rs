//! What goes over the wire to OpenAI and what comes back (platform.openai.com/docs/api-reference/responses).
//! A request is built here and nowhere else. What comes back is read leniently: a field that is missing, null
//! or of another type, an item or a status nobody knew when this was written never fails a run.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::errors;
use super::messages::{RunAnswer, RunError, RunInput, StartRun};
use super::openai::CheckedModel;
use crate::domain::{ChatId, Role, RunStatus, ThreadId, ToolCall, Usage};
use crate::text::markdown::answer_text;

/// `POST /responses`. No `temperature`: reasoning models refuse it.
#[derive(Debug, Serialize)]
pub(super) struct RunRequest<'a> {
    model: &'a str,
    conversation: &'a str,
    instructions: &'a str,
    input: Vec<InputItem<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    parallel_tool_calls: bool,
    max_output_tokens: u32,
    store: bool,
    safety_identifier: &'a str,
    prompt_cache_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
}

/// One item of `input`.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum InputItem<'a> {
    Message { role: Role, content: [Content<'a>; 1] },
    FunctionCallOutput { call_id: &'a str, output: &'a str },
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content<'a> {
    InputText { text: &'a str },
    OutputText { text: &'a str },
}

#[derive(Debug, Serialize)]
struct FunctionTool<'a> {
    r#type: &'static str,
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
    strict: bool,
}

#[derive(Debug, Serialize)]
struct Reasoning {
    effort: &'static str,
}

/// What a request holds beside the run itself.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    /// The model's name.
    pub(super) model: &'a str,
    /// `reasoning.effort`, only if configured.
    pub(super) effort: Option<&'static str>,
    /// [`safety_identifier`] of the chat.
    pub(super) safety_identifier: &'a str,
}

impl<'a> RunRequest<'a> {
    /// The request of a run on a thread that exists.
    pub(super) fn new(run: &'a StartRun, thread: &'a ThreadId, setting: &Setting<'a>) -> Self {
        let tools: Vec<_> = run.tools.iter().map(FunctionTool::new).collect();
        // `tool_choice` without tools is refused.
        let is_silenced = run.without_tools && !tools.is_empty();
        Self {
            model: setting.model,
            conversation: &thread.0,
            instructions: &run.instructions,
            input: input(&run.input),
            prompt_cache_key: prompt_cache_key(&run.instructions, &tools),
            tools,
            tool_choice: is_silenced.then_some("none"),
            parallel_tool_calls: false,
            max_output_tokens: run.max_output_tokens,
            store: true,
            safety_identifier: setting.safety_identifier,
            reasoning: setting.effort.map(|effort| Reasoning { effort }),
        }
    }
}

impl<'a> FunctionTool<'a> {
    fn new(tool: &'a crate::domain::ToolDefinition) -> Self {
        Self {
            r#type: "function",
            name: tool.name,
            description: tool.description,
            parameters: &tool.parameters,
            strict: true,
        }
    }
}

fn input(input: &RunInput) -> Vec<InputItem<'_>> {
    match input {
        RunInput::Lines(lines) => lines
            .iter()
            .map(|line| InputItem::Message {
                role: line.role,
                content: [match line.role {
                    Role::Assistant => Content::OutputText { text: &line.text },
                    Role::User | Role::Developer => Content::InputText { text: &line.text },
                }],
            })
            .collect(),
        RunInput::Outputs(outputs) => outputs
            .iter()
            .map(|output| InputItem::FunctionCallOutput {
                call_id: &output.call_id,
                output: &output.output,
            })
            .collect(),
    }
}

/// The customer as OpenAI knows him: 64 characters, the same for each of his runs, of no use to anybody who has
/// not the salt of this installation.
pub(super) fn safety_identifier(install: &str, chat: ChatId) -> String {
    hex(Sha256::new()
        .chain_update("frontdesk:")
        .chain_update(install)
        .chain_update(":")
        .chain_update(chat.to_string()))
}

/// 64 characters that change when the cacheable beginning of the prompt does.
fn prompt_cache_key(instructions: &str, tools: &[FunctionTool<'_>]) -> String {
    let mut hash = Sha256::new().chain_update(instructions);
    for tool in tools {
        for part in [tool.name, tool.description, &tool.parameters.to_string()] {
            // A separator, so that no two lists of tools are the same text.
            hash = hash.chain_update([0]).chain_update(part);
        }
    }
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    format!("{:x}", hash.finalize())
}

/// A response object.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Response {
    #[serde(deserialize_with = "lenient")]
    status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    error: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    incomplete_details: IncompleteDetails,
    #[serde(deserialize_with = "lenient")]
    output: Option<Vec<Value>>,
    #[serde(deserialize_with = "lenient")]
    usage: TokenUsage,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct IncompleteDetails {
    #[serde(deserialize_with = "lenient")]
    reason: Option<String>,
}

/// Of all details only the two that are stored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenUsage {
    #[serde(deserialize_with = "lenient")]
    input_tokens: i64,
    #[serde(deserialize_with = "lenient")]
    output_tokens: i64,
}

/// An output item; which fields are meant depends on its type.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OutputItem {
    #[serde(deserialize_with = "lenient")]
    r#type: String,
    #[serde(deserialize_with = "lenient")]
    content: Vec<Value>,
    #[serde(deserialize_with = "lenient")]
    call_id: String,
    #[serde(deserialize_with = "lenient")]
    name: String,
    #[serde(deserialize_with = "lenient")]
    arguments: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContentPart {
    #[serde(deserialize_with = "lenient")]
    r#type: String,
    #[serde(deserialize_with = "lenient")]
    text: String,
    #[serde(deserialize_with = "lenient")]
    refusal: String,
}

/// The value, or its type's default for null and for anything of another type.
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

/// What the output items say, taken together.
#[derive(Debug, Default)]
struct Said {
    texts: Vec<String>,
    refusals: Vec<String>,
    calls: Vec<ToolCall>,
}

impl Said {
    fn take(&mut self, item: OutputItem) {
        match item.r#type.as_str() {
            "message" => {
                for part in item.content.into_iter().map(read::<ContentPart>) {
                    match part.r#type.as_str() {
                        "output_text" => self.texts.push(part.text),
                        "refusal" => self.refusals.push(part.refusal),
                        _ => {}
                    }
                }
            }
            "function_call" => self.calls.push(ToolCall {
                call_id: item.call_id,
                name: item.name,
                arguments: match item.arguments {
                    Value::String(arguments) => arguments,
                    other => other.to_string(),
                },
            }),
            _ => {}
        }
    }
}

/// Reads the answer to `POST /responses`.
///
/// # Errors
/// A response that failed, by its code; one that says nothing readable is [`RunError::Unknown`].
pub(super) fn answer(thread: ThreadId, body: Value) -> Result<RunAnswer, RunError> {
    let response: Response = read(body);
    let is_withheld = response.incomplete_details.reason.as_deref() == Some("content_filter");
    let status = match response.status.as_deref() {
        Some("failed") => return Err(errors::failed(&response.error.unwrap_or_default())),
        Some(unfinished @ ("cancelled" | "queued" | "in_progress")) => return Err(errors::unknown(unfinished)),
        Some("incomplete") if !is_withheld => RunStatus::Incomplete,
        Some("incomplete") => RunStatus::Refused,
        _ => RunStatus::Completed,
    };
    let Some(output) = response.output else {
        return Err(match response.error {
            Some(error) => errors::failed(&error),
            None => errors::unknown("unreadable"),
        });
    };
    let mut said = Said::default();
    output.into_iter().for_each(|item| said.take(read(item)));
    if said.calls.iter().any(|call| call.call_id.is_empty()) {
        // Its output could never be handed in.
        return Err(errors::unknown("unreadable"));
    }
    let is_refused = !said.refusals.is_empty();
    Ok(RunAnswer {
        thread,
        text: answer_text(&if is_refused { said.refusals } else { said.texts }.join("\n")),
        calls: said.calls,
        status: if is_refused { RunStatus::Refused } else { status },
        usage: Usage {
            input_tokens: response.usage.input_tokens,
            output_tokens: response.usage.output_tokens,
        },
    })
}

/// Reads the answer to `POST /conversations`.
///
/// # Errors
/// [`RunError::Unknown`] if it names no conversation.
pub(super) fn conversation(body: &Value) -> Result<ThreadId, RunError> {
    match body.get("id").and_then(Value::as_str) {
        Some(id) if !id.is_empty() => Ok(ThreadId(id.to_owned())),
        _ => Err(errors::unknown("unreadable")),
    }
}

/// Reads the answer to `GET /models/{model}`.
pub(super) fn model(asked: &str, body: &Value) -> CheckedModel {
    let text = |name| body.get(name).and_then(Value::as_str).map(str::to_owned);
    CheckedModel {
        name: text("id").unwrap_or_else(|| asked.to_owned()),
        shutdown_date: text("shutdown_date"),
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
