//! Reads items of conversations, for the stand-in, the scripts and `play`
//! (platform.openai.com/docs/api-reference/conversations/list-items).

use serde_json::Value;

/// The text of a message item, its parts joined.
pub(crate) fn text_of(item: &Value) -> String {
    match &item["content"] {
        Value::String(text) => text.clone(),
        content => {
            let parts = content
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|part| part["text"].as_str());
            parts.collect::<Vec<_>>().join("\n")
        }
    }
}

/// The text of the last user message, in the input if it has one, else in the history.
pub(crate) fn last_user_text(history: &[Value], input: &[Value]) -> String {
    let mut items = history.iter().chain(input).rev();
    items
        .find(|item| item["role"] == "user")
        .map(text_of)
        .unwrap_or_default()
}

/// The tool outputs of the input: the name of the function each answers, and the output, parsed if
/// it is JSON.
pub(crate) fn calls_in(history: &[Value], input: &[Value]) -> Vec<(String, Value)> {
    let outputs = input.iter().filter(|item| item["type"] == "function_call_output");
    outputs
        .map(|output| {
            let mut items = history.iter().chain(input);
            let call = items.find(|item| item["type"] == "function_call" && item["call_id"] == output["call_id"]);
            let name = call
                .and_then(|call| call["name"].as_str())
                .unwrap_or_default()
                .to_owned();
            let value = &output["output"];
            let parsed = value.as_str().and_then(|text| serde_json::from_str(text).ok());
            (name, parsed.unwrap_or_else(|| value.clone()))
        })
        .collect()
}

/// The texts of the user messages after the last assistant message.
pub(crate) fn open_user_texts<'a>(items: impl DoubleEndedIterator<Item = &'a Value>) -> Vec<String> {
    let open = items.rev().take_while(|item| item["role"] != "assistant");
    let mut texts: Vec<String> = open.filter(|item| item["role"] == "user").map(text_of).collect();
    texts.reverse();
    texts
}

/// The same of an `input` as sent.
pub(crate) fn open_texts_of_input(input: &Value) -> Vec<String> {
    match input {
        Value::String(text) => vec![text.clone()],
        input => open_user_texts(input.as_array().into_iter().flatten()),
    }
}
