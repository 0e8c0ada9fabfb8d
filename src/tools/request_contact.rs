//! `request_contact`: the contact button is shown under the reply of this turn.

use crate::assistant::messages::ToolDefinition;
use serde_json::json;

use super::strict_object;

pub(super) const NAME: &str = "request_contact";

pub(super) fn definition() -> ToolDefinition {
    ToolDefinition {
        name: NAME,
        description: "Show the customer a button with which he can share his phone number in one tap, under your next \
                      reply. Call it once, when you ask for his contact; not if it is saved already.",
        parameters: strict_object(&json!({})),
    }
}

/// The button comes with the reply itself, so there is nothing to do yet.
pub(super) fn output() -> String {
    json!({ "shown": true, "note": "the button stands under your next reply; now ask for the number and the name" })
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_takes_nothing() {
        let schema = definition().parameters;
        assert_eq!(
            (schema["required"].clone(), schema["additionalProperties"].clone()),
            (json!([]), json!(false))
        );
    }
}
