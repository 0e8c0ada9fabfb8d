//! The `tools` of a request: functions and, where they are strict, the rules of strict schemas
//! (platform.openai.com/docs/guides/function-calling#strict-mode).

use std::collections::BTreeSet;

use serde_json::Value;

/// The names of the functions, or the error in the list.
pub(crate) fn names_of(tools: &Value) -> Result<Vec<String>, String> {
    let Some(tools) = tools.as_array() else {
        return Err("tools is not a list".to_owned());
    };
    tools.iter().map(name_of).collect()
}

fn name_of(tool: &Value) -> Result<String, String> {
    let Some(members) = tool.as_object() else {
        return Err("a tool is not an object".to_owned());
    };
    if tool["type"] != "function" {
        return Err(format!("tools of type {} are not spoken here", tool["type"]));
    }
    let known = ["type", "name", "description", "parameters", "strict"];
    if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("a tool with the unknown parameter {name:?}"));
    }
    let name = tool["name"].as_str().unwrap_or_default();
    let is_named = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if !is_named {
        return Err(format!("a tool with the name {name:?}"));
    }
    if !tool["parameters"].is_object() {
        return Err(format!("function {name:?} without parameters"));
    }
    // Functions are strict unless they say otherwise.
    if tool["strict"] != Value::Bool(false) {
        strict_error(&tool["parameters"]).map_err(|fault| format!("Invalid schema for function '{name}': {fault}"))?;
    }
    Ok(name.to_owned())
}

fn strict_error(schema: &Value) -> Result<(), String> {
    if let Some(properties) = schema["properties"].as_object() {
        if schema["additionalProperties"] != Value::Bool(false) {
            return Err("'additionalProperties' is required to be supplied and to be false".to_owned());
        }
        let required: BTreeSet<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let Some(missing) = properties.keys().find(|name| !required.contains(name.as_str())) {
            return Err(format!(
                "'required' is required to include every key in properties. Missing '{missing}'"
            ));
        }
        for property in properties.values() {
            strict_error(property)?;
        }
    }
    if schema["items"].is_object() {
        strict_error(&schema["items"])?;
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        strict_error(choice)?;
    }
    Ok(())
}
