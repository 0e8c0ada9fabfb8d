//! Scripts that save contacts, for tests of leads.

use sandbox::{Answer, Run};
use serde_json::{Value, json};

/// The beginning of a message with a customer's number.
pub(crate) const MY_NUMBER: &str = "мой номер ";

/// Arguments of `save_contact` with only a phone.
pub(crate) fn only_phone(phone: &str) -> Value {
    json!({"name": null, "phone": phone, "email": null, "telegram": false, "request": null, "preferred_time": null,
        "note": null})
}

/// A call of `save_contact`.
pub(crate) fn save(arguments: Value) -> Answer {
    Answer::Call {
        name: "save_contact".into(),
        arguments,
    }
}

/// Saves the text after [`MY_NUMBER`] and replies with the tool's output; echoes any other message.
pub(crate) fn saving(run: &Run) -> Answer {
    if let Some((_, output)) = run.tool_outputs.last() {
        let saved = if output["saved"] == true {
            "записал"
        } else {
            "не записал"
        };
        return Answer::Text(format!("{saved}: {}", run.last_user_text));
    }
    match run.last_user_text.strip_prefix(MY_NUMBER) {
        Some(phone) if run.may_call("save_contact") => save(only_phone(phone)),
        _ => Answer::Text(format!("echo: {}", run.last_user_text)),
    }
}
