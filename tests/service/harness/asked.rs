//! Requests to the model, as sent.

use sandbox::RunSeen;
use serde_json::Value;

/// The items of a run, each as `role: text`, without the note of the time.
pub(crate) fn lines(run: &RunSeen) -> Vec<String> {
    let items = run.input.as_array().into_iter().flatten();
    let lines = items.map(|item| format!("{}: {}", item["role"].as_str().unwrap_or("tool"), text(item)));
    lines.filter(|line| !line.starts_with("developer: ")).collect()
}

/// The customer's texts of a run.
pub(crate) fn user_texts(run: &RunSeen) -> Vec<String> {
    let texts = lines(run).into_iter();
    texts
        .filter_map(|line| line.strip_prefix("user: ").map(str::to_owned))
        .collect()
}

/// The service's notes in a run.
pub(crate) fn notes(run: &RunSeen) -> Vec<String> {
    let items = run.input.as_array().into_iter().flatten();
    items.filter(|item| item["role"] == "developer").map(text).collect()
}

fn text(item: &Value) -> String {
    if let Some(text) = item["content"].as_str() {
        return text.to_owned();
    }
    let parts = item["content"].as_array().into_iter().flatten();
    parts.filter_map(|part| part["text"].as_str()).collect()
}
