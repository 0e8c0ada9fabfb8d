//! Response objects as the real API writes them
//! (platform.openai.com/docs/api-reference/responses/object).

use serde_json::{Value, json};

use super::oddities::Oddity;
use super::parts::{item, text};
use super::request::Request;
use crate::ids::{Ids, unix_seconds};
use crate::script::{Answer, Run};

/// The model in every answer, whatever was requested: a script must not pass for a real model.
pub(crate) const MODEL: &str = "script, not AI";

/// How a run ends.
#[derive(Debug)]
pub(crate) enum Ending {
    Said(Answer),
    BesideUnknown(Answer),
    Odd(Oddity, Answer),
    Incomplete,
    Empty,
}

impl Ending {
    /// Its text in the journal.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Said(answer) | Self::BesideUnknown(answer) | Self::Odd(_, answer) => text(answer),
            Self::Incomplete | Self::Empty => String::new(),
        }
    }
}

/// The output items of a run.
pub(crate) fn output(ids: &Ids, request: &Request, ending: &Ending) -> Vec<Value> {
    match ending {
        Ending::Said(answer) => vec![item(ids, answer)],
        Ending::BesideUnknown(answer) => {
            let unknown = json!({"type": "hologram", "id": ids.id("holo"), "status": "completed", "frames": []});
            vec![unknown, item(ids, answer)]
        }
        Ending::Odd(oddity, answer) => oddity.output(ids, answer, has_tool_outputs(request)),
        Ending::Incomplete | Ending::Empty => Vec::new(),
    }
}

/// Whether a run receives tool outputs.
fn has_tool_outputs(request: &Request) -> bool {
    request.input.iter().any(|item| item["type"] == "function_call_output")
}

/// The whole response object.
pub(crate) fn response(ids: &Ids, run: &Run, request: &Request, output: &[Value], ending: &Ending) -> Value {
    let is_incomplete = matches!(ending, Ending::Incomplete);
    let asked = |name: &str| request.body.get(name).cloned().unwrap_or_default();
    let or = |name: &str, default: Value| request.body.get(name).cloned().unwrap_or(default);
    let now = unix_seconds();
    let response = json!({
        "id": ids.id("resp"),
        "object": "response",
        "created_at": now,
        "completed_at": if is_incomplete { Value::Null } else { json!(now) },
        "status": if is_incomplete { "incomplete" } else { "completed" },
        "background": false,
        "error": null,
        "incomplete_details": if is_incomplete { json!({"reason": "max_output_tokens"}) } else { Value::Null },
        "conversation": request.conversation.as_ref().map(|id| json!({"id": id})),
        "instructions": asked("instructions"),
        "max_output_tokens": asked("max_output_tokens"),
        "max_tool_calls": asked("max_tool_calls"),
        "metadata": or("metadata", json!({})),
        "model": MODEL,
        "output": output,
        "parallel_tool_calls": or("parallel_tool_calls", json!(true)),
        "previous_response_id": null,
        "prompt_cache_key": asked("prompt_cache_key"),
        "reasoning": or("reasoning", json!({"effort": null, "summary": null})),
        "safety_identifier": asked("safety_identifier"),
        "service_tier": "default",
        "store": or("store", json!(true)),
        "temperature": 1.0,
        "text": or("text", json!({"format": {"type": "text"}})),
        "tool_choice": or("tool_choice", json!("auto")),
        "tools": or("tools", json!([])),
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": usage(run, output),
        "user": null,
    });
    match ending {
        Ending::Odd(oddity, _) => oddity.response(response),
        _ => response,
    }
}

/// Counts that grow with the texts (four characters per token), the same on every machine.
fn usage(run: &Run, output: &[Value]) -> Value {
    let tokens = |items: &[Value]| items.iter().map(|item| item.to_string().chars().count()).sum::<usize>() / 4;
    let history = tokens(&run.history);
    let input = history + tokens(&run.input) + run.instructions.chars().count() / 4;
    let output = tokens(output);
    json!({
        "input_tokens": input,
        // Prefixes are cached in steps of 128 tokens.
        "input_tokens_details": {"cached_tokens": history / 128 * 128},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": input + output,
    })
}
