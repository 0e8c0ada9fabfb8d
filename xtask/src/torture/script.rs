//! The script in place of a model: every answer names the message it answers, so that lost, repeated and misdirected replies are
//! detected. The beginning of a customer's message selects the action.

use sandbox::{Answer, Run};
use serde_json::json;

/// A question whose answer is cut into several messages.
pub(super) const LONG: &str = "расскажите подробно";
/// A question the facts do not answer.
pub(super) const GAP: &str = "вопрос не по адресу";
/// Leaves the number that follows.
pub(super) const NUMBER: &str = "мой номер ";

/// The answer to one run.
pub(super) fn answer(run: &Run) -> Answer {
    let text = run.last_user_text.as_str();
    if run.tool_outputs.is_empty() {
        if let Some(rest) = text.strip_prefix(NUMBER)
            && run.may_call("save_contact")
        {
            return call("save_contact", saved(rest));
        }
        if text.starts_with(GAP) && run.may_call("report_gap") {
            return call("report_gap", json!({ "question": text }));
        }
    }
    if text.starts_with(LONG) {
        let paragraphs = (1..=60).map(|n| format!("Абзац {n}: {}{text}.", "очень подробно ".repeat(8)));
        return Answer::Text(paragraphs.collect::<Vec<_>>().join("\n\n"));
    }
    Answer::Text(format!("Отвечаю **вам**: {text}"))
}

fn call(name: &str, arguments: serde_json::Value) -> Answer {
    Answer::Call {
        name: name.to_owned(),
        arguments,
    }
}

fn saved(rest: &str) -> serde_json::Value {
    let phone: String = rest.split(',').next().unwrap_or_default().to_owned();
    json!({"name": null, "phone": phone, "email": null, "telegram": false, "request": null, "preferred_time": null,
        "note": null})
}
