//! Input items: their checks, and the form in which they are kept as items of a conversation
//! (platform.openai.com/docs/api-reference/responses/create, `input`).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error::ApiError;
use super::parts::output_text;
use crate::ids::Ids;

/// The items of an `input` member, checked and completed with ids.
pub(crate) fn items_of(input: &Value, ids: &Ids) -> Result<Vec<Value>, ApiError> {
    match input {
        Value::String(text) => Ok(vec![message(
            ids,
            "user",
            &json!([{"type": "input_text", "text": text}]),
        )]),
        Value::Array(list) => {
            let items = list.iter().enumerate();
            items
                .map(|(index, item)| item_of(item, ids).map_err(|fault| at(index, &fault)))
                .collect()
        }
        Value::Null => Ok(Vec::new()),
        _ => Err(ApiError::bad(
            "Invalid type for 'input'.",
            Some("input"),
            Some("invalid_type"),
        )),
    }
}

fn at(index: usize, fault: &str) -> ApiError {
    let param = format!("input[{index}]");
    ApiError::bad(
        format!("Invalid value at '{param}': {fault}."),
        Some(&param),
        Some("invalid_value"),
    )
}

fn message(ids: &Ids, role: &str, content: &Value) -> Value {
    json!({"type": "message", "id": ids.id("msg"), "status": "completed", "role": role, "content": content})
}

fn item_of(item: &Value, ids: &Ids) -> Result<Value, String> {
    let Some(item) = item.as_object() else {
        return Err("not an object".to_owned());
    };
    match item.get("type").and_then(Value::as_str) {
        None | Some("message") => message_of(item, ids),
        Some("function_call_output") => {
            known(item, &["type", "id", "call_id", "output", "status"])?;
            let call_id = text(item, "call_id")?;
            let output = item
                .get("output")
                .filter(|output| output.is_string() || output.is_array());
            let output = output.ok_or("output is neither a string nor a list")?;
            Ok(
                json!({"type": "function_call_output", "id": ids.id("fco"), "call_id": call_id, "output": output,
                "status": "completed"}),
            )
        }
        Some("function_call") => {
            known(item, &["type", "id", "call_id", "name", "arguments", "status"])?;
            let (call_id, name) = (text(item, "call_id")?, text(item, "name")?);
            let arguments = text(item, "arguments")?;
            Ok(
                json!({"type": "function_call", "id": ids.id("fc"), "call_id": call_id, "name": name,
                "arguments": arguments, "status": "completed"}),
            )
        }
        Some("reasoning" | "compaction") => Ok(Value::Object(item.clone())),
        Some(other) => Err(format!("items of type {other:?} are not spoken here")),
    }
}

fn message_of(item: &Map<String, Value>, ids: &Ids) -> Result<Value, String> {
    known(item, &["type", "id", "role", "content", "status", "phase"])?;
    let role = text(item, "role")?;
    if !matches!(role, "user" | "assistant" | "developer" | "system") {
        return Err(format!("unknown role {role:?}"));
    }
    let own = if role == "assistant" {
        "output_text"
    } else {
        "input_text"
    };
    let content = match item.get("content") {
        Some(Value::String(text)) if role == "assistant" => json!([output_text(text)]),
        Some(Value::String(text)) => json!([{"type": own, "text": text}]),
        Some(Value::Array(parts)) => {
            if role == "assistant" {
                // A list of parts makes it an output message; a text without an id is sent as a plain string.
                for name in ["id", "status"] {
                    text(item, name).map_err(|fault| format!("an output message whose {fault}"))?;
                }
            }
            for part in parts {
                part_error(part, own)?;
            }
            json!(parts)
        }
        _ => return Err("content is neither a string nor a list".to_owned()),
    };
    Ok(message(ids, role, &content))
}

fn part_error(part: &Value, own: &str) -> Result<(), String> {
    let Some(part) = part.as_object() else {
        return Err("a content part is not an object".to_owned());
    };
    match part.get("type").and_then(Value::as_str) {
        Some(kind) if kind == own => {
            known(part, &["type", "text", "annotations", "logprobs"])?;
            for name in ["annotations", "logprobs"] {
                if own == "output_text" && !part.get(name).is_some_and(Value::is_array) {
                    return Err(format!("output_text whose {name} is not a list"));
                }
            }
            text(part, "text").map(|_| ())
        }
        Some("refusal") if own == "output_text" => Ok(()),
        kind => Err(format!("content part of type {kind:?}, where {own} belongs")),
    }
}

fn known(object: &Map<String, Value>, names: &[&str]) -> Result<(), String> {
    match object.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(format!("unknown parameter {name:?}")),
        None => Ok(()),
    }
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    object
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("{name} is not a string"))
}

/// Calls and outputs must pair up over the history and the input together.
pub(crate) fn check_calls(history: &[Value], input: &[Value]) -> Result<(), ApiError> {
    let of = |kind: &'static str| {
        let items = history.iter().chain(input).filter(move |item| item["type"] == kind);
        items
            .filter_map(|item| item["call_id"].as_str())
            .collect::<BTreeSet<&str>>()
    };
    let (calls, outputs) = (of("function_call"), of("function_call_output"));
    if let Some(call_id) = calls.difference(&outputs).next() {
        return Err(ApiError::no_tool_output(call_id));
    }
    match outputs.difference(&calls).next() {
        Some(call_id) => Err(ApiError::bad(
            format!("No tool call found for function call output with call_id {call_id}."),
            Some("input"),
            None,
        )),
        None => Ok(()),
    }
}
