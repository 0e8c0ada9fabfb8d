//! The parameters of `POST /responses` (platform.openai.com/docs/api-reference/responses/create):
//! the supported ones, their types and limits. The real server rejects unknown ones too.

use serde_json::{Map, Value};

use super::error::ApiError;
use super::input::items_of;
use super::tools;
use crate::ids::Ids;
use crate::journal::Journal;

/// Real parameters that a service built on conversations must not send.
const UNWANTED: &[&str] = &["temperature", "top_p", "user", "truncation", "previous_response_id"];

/// A valid request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) body: Map<String, Value>,
    pub(crate) conversation: Option<String>,
    pub(crate) input: Vec<Value>,
    pub(crate) tools: Vec<String>,
}

/// Reads a request; any error in it is also a violation.
pub(crate) fn read(body: &Value, ids: &Ids, journal: &Journal) -> Result<Request, ApiError> {
    checked(body, ids).inspect_err(|error| journal.violation(format!("responses: {}", error.message)))
}

/// The conversation a body names, by its id or as an object.
pub(crate) fn conversation_of(body: &Value) -> Option<String> {
    let conversation = &body["conversation"];
    conversation
        .as_str()
        .or_else(|| conversation["id"].as_str())
        .map(str::to_owned)
}

fn checked(body: &Value, ids: &Ids) -> Result<Request, ApiError> {
    let Some(members) = body.as_object() else {
        return Err(ApiError::bad("The body is not a JSON object.", None, None));
    };
    let mut members = members.clone();
    members.retain(|_, value| !value.is_null());
    for (name, value) in &members {
        member_error(name, value)?;
    }
    for name in ["model", "input"] {
        if !members.contains_key(name) {
            let message = format!("Missing required parameter: '{name}'.");
            return Err(ApiError::bad(message, Some(name), Some("missing_required_parameter")));
        }
    }
    let input = items_of(members.get("input").unwrap_or(&Value::Null), ids)?;
    let tools = match members.get("tools") {
        Some(list) => tools::names_of(list).map_err(|fault| invalid("tools", &fault))?,
        None => Vec::new(),
    };
    Ok(Request {
        conversation: conversation_of(body),
        body: members,
        input,
        tools,
    })
}

fn invalid(name: &str, fault: &str) -> ApiError {
    ApiError::bad(format!("Invalid '{name}': {fault}."), Some(name), Some("invalid_value"))
}

fn member_error(name: &str, value: &Value) -> Result<(), ApiError> {
    if UNWANTED.contains(&name) {
        let message = format!("Unsupported parameter: '{name}' is not supported here.");
        return Err(ApiError::bad(message, Some(name), Some("unsupported_parameter")));
    }
    let fits = match name {
        "model" | "instructions" | "prompt_cache_key" | "safety_identifier" | "service_tier" => value.is_string(),
        "conversation" => value.is_string() || value["id"].is_string(),
        "input" => value.is_string() || value.is_array(),
        "tools" | "context_management" | "include" => value.is_array(),
        "tool_choice" => value.is_string() || value.is_object(),
        "parallel_tool_calls" | "store" | "stream" => value.is_boolean(),
        "max_output_tokens" | "max_tool_calls" => value.is_u64(),
        "reasoning" | "metadata" | "text" => value.is_object(),
        _ => {
            let message = format!("Unknown parameter: '{name}'.");
            return Err(ApiError::bad(message, Some(name), Some("unknown_parameter")));
        }
    };
    if !fits {
        return Err(ApiError::bad(
            format!("Invalid type for '{name}'."),
            Some(name),
            Some("invalid_type"),
        ));
    }
    limit_error(name, value).map_or(Ok(()), |fault| Err(invalid(name, fault)))
}

fn limit_error(name: &str, value: &Value) -> Option<&'static str> {
    match name {
        "stream" if value == &Value::Bool(true) => Some("streams are not spoken here"),
        "max_output_tokens" if value.as_u64() < Some(16) => Some("integer below minimum value 16"),
        "safety_identifier" if value.as_str().is_some_and(|id| id.chars().count() > 64) => {
            Some("string longer than 64")
        }
        "tool_choice"
            if value
                .as_str()
                .is_some_and(|choice| !matches!(choice, "none" | "auto" | "required")) =>
        {
            Some("none of none, auto, required")
        }
        "metadata" => metadata_error(value),
        "context_management" => {
            let entries = value.as_array().into_iter().flatten();
            let is_bad = |entry: &Value| {
                entry["type"] != "compaction" || entry["compact_threshold"].as_u64().is_some_and(|n| n < 1000)
            };
            entries
                .into_iter()
                .any(is_bad)
                .then_some("not a compaction with a threshold of 1000 or more")
        }
        _ => None,
    }
}

/// 16 pairs, keys to 64 and values to 512 characters.
pub(crate) fn metadata_error(metadata: &Value) -> Option<&'static str> {
    let Some(pairs) = metadata.as_object() else {
        return Some("metadata is not an object");
    };
    let fits = |(key, value): (&String, &Value)| {
        key.chars().count() <= 64 && value.as_str().is_some_and(|value| value.chars().count() <= 512)
    };
    (pairs.len() > 16 || !pairs.iter().all(fits)).then_some("more than 16 pairs of strings of 64 and 512 characters")
}
