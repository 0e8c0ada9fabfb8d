//! The requests to OpenAI (platform.openai.com/docs/api-reference/responses). Responses are read in `answer`.

use domain::{ChatId, Role, ThreadId};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use sha2::{Digest, Sha256};

use super::errors;
use super::messages::{RunError, RunInput, StartRun, ToolDefinition};

/// `POST /responses`. No `temperature`: reasoning models reject it.
#[derive(Debug, Serialize)]
pub(super) struct RunRequest<'a> {
    model: &'a str,
    conversation: &'a str,
    instructions: &'a RawValue,
    input: Vec<InputItem<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tools: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'static str>,
    parallel_tool_calls: bool,
    max_output_tokens: u32,
    store: bool,
    safety_identifier: &'a str,
    prompt_cache_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum InputItem<'a> {
    Message { role: Role, content: Content<'a> },
    FunctionCallOutput { call_id: &'a str, output: &'a str },
}

/// The assistant's earlier replies are plain strings. As a part, `output_text` would need annotations, and its message an id and
/// a status, which a stored reply does not have.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Parts([InputText<'a>; 1]),
    Text(&'a str),
}

#[derive(Debug, Serialize)]
struct InputText<'a> {
    r#type: &'static str,
    text: &'a str,
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

/// The parts of a request that are not in the run itself.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    /// The model's name.
    pub(super) model: &'a str,
    /// `reasoning.effort`, only if configured.
    pub(super) effort: Option<&'static str>,
    /// [`safety_identifier`] of the chat.
    pub(super) safety_identifier: &'a str,
    /// The beginning that runs have in common.
    pub(super) standing: &'a Standing,
}

/// The serialised beginning of all runs with the same instructions and tools; the owner's facts make it long.
#[derive(Debug)]
pub(super) struct Standing {
    instructions: Box<RawValue>,
    /// `None` if there are none.
    tools: Option<Box<RawValue>>,
    prompt_cache_key: String,
}

impl Standing {
    /// # Errors
    /// [`RunError::Unavailable`] if they cannot be serialised.
    pub(super) fn new(instructions: &str, tools: &[ToolDefinition]) -> Result<Self, RunError> {
        let unwritable = |_error| errors::unavailable("request");
        let on_wire: Vec<_> = tools.iter().map(FunctionTool::new).collect();
        let tools_on_wire = (!tools.is_empty()).then(|| to_raw_value(&on_wire));
        Ok(Self {
            instructions: to_raw_value(instructions).map_err(unwritable)?,
            tools: tools_on_wire.transpose().map_err(unwritable)?,
            prompt_cache_key: prompt_cache_key(instructions, tools),
        })
    }
}

impl<'a> RunRequest<'a> {
    /// The request of a run on an existing thread.
    pub(super) fn new(run: &'a StartRun, thread: &'a ThreadId, setting: &Setting<'a>) -> Self {
        let standing = setting.standing;
        // OpenAI rejects `tool_choice` without tools.
        let forbids_tools = run.without_tools && standing.tools.is_some();
        Self {
            model: setting.model,
            conversation: &thread.0,
            instructions: &standing.instructions,
            input: input(&run.input),
            prompt_cache_key: &standing.prompt_cache_key,
            tools: standing.tools.as_deref(),
            tool_choice: forbids_tools.then_some("none"),
            parallel_tool_calls: false,
            max_output_tokens: run.max_output_tokens,
            store: true,
            safety_identifier: setting.safety_identifier,
            reasoning: setting.effort.map(|effort| Reasoning { effort }),
        }
    }
}

impl<'a> FunctionTool<'a> {
    fn new(tool: &'a ToolDefinition) -> Self {
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
                content: match line.role {
                    Role::Assistant => Content::Text(&line.text),
                    Role::User | Role::Developer => Content::Parts([InputText {
                        r#type: "input_text",
                        text: &line.text,
                    }]),
                },
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

/// Identifies a customer to OpenAI: 64 characters, constant for each customer and meaningless without the salt of this
/// installation.
pub(super) fn safety_identifier(install: &str, chat: ChatId) -> String {
    hex(Sha256::new()
        .chain_update("frontdesk:")
        .chain_update(install)
        .chain_update(":")
        .chain_update(chat.to_string()))
}

/// 64 characters that change with the cacheable beginning of the prompt.
fn prompt_cache_key(instructions: &str, tools: &[ToolDefinition]) -> String {
    let mut hash = Sha256::new().chain_update(instructions);
    for tool in tools {
        for part in [tool.name, tool.description, &tool.parameters.to_string()] {
            // A separator, so that two different lists of tools never hash the same text.
            hash = hash.chain_update([0]).chain_update(part);
        }
    }
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    format!("{:x}", hash.finalize())
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
