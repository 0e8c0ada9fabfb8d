//! Scripts that save contacts, for tests of leads.

use sandbox::{Answer, Run};
use serde_json::{Value, json};

/// What a customer begins a message with that holds his number.
pub(crate) const MY_NUMBER: &str = "мой номер ";

/// The arguments of `save_contact` with nothing but a phone.
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

/// Saves whatever stands behind [`MY_NUMBER`] and says what the tool said; answers anything else as an echo.
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
