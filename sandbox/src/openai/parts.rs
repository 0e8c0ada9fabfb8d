//! Output items as the real API writes them (platform.openai.com/docs/api-reference/responses/object).

use serde_json::{Value, json};

use crate::ids::Ids;
use crate::script::Answer;

/// The journal's text of an answer.
pub(super) fn text(answer: &Answer) -> String {
    match answer {
        Answer::Text(text) | Answer::Refusal(text) => text.clone(),
        Answer::Call { name, arguments } => format!("{name}({})", arguments_text(arguments)),
    }
}

/// A string is the raw text of the arguments, which need not be JSON; anything else is written out.
pub(super) fn arguments_text(arguments: &Value) -> String {
    arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned)
}

pub(super) fn item(ids: &Ids, answer: &Answer) -> Value {
    match answer {
        Answer::Text(text) => message(ids, &output_text(text)),
        Answer::Refusal(text) => message(ids, &json!({"type": "refusal", "refusal": text})),
        Answer::Call { name, arguments } => json!({
            "type": "function_call",
            "id": ids.id("fc"),
            "call_id": ids.id("call"),
            "name": name,
            "arguments": arguments_text(arguments),
            "status": "completed",
        }),
    }
}

/// A text as a part of a message.
pub(super) fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
}

/// A message of the model.
pub(super) fn message(ids: &Ids, content: &Value) -> Value {
    json!({"type": "message", "id": ids.id("msg"), "status": "completed", "role": "assistant", "content": [content]})
}
