//! `request_contact`: the contact button is shown under the reply of this turn.

use futures_util::future::{LocalBoxFuture, ready};
use serde_json::json;

use super::tool::{Effect, Refusal, Scope, Tool, strict_object};
use crate::assistant::messages::ToolDefinition;

pub(super) struct RequestContact;

impl Tool for RequestContact {
    fn definition(&self) -> ToolDefinition {
        ToolDefinition {
            name: "request_contact",
            description: "Show the customer a button with which he can share his phone number in one tap, under your next \
                          reply. Call it once, when you ask for his contact; not if it is saved already.",
            parameters: strict_object(&json!({})),
        }
    }

    /// The button comes with the reply itself, so there is nothing to do yet.
    fn call<'a>(&'a self, _scope: Scope, _arguments: &'a str) -> LocalBoxFuture<'a, Result<String, Refusal>> {
        let note = "the button stands under your next reply; now ask for the number and the name";
        Box::pin(ready(Ok(json!({ "shown": true, "note": note }).to_string())))
    }

    fn effect(&self) -> Effect {
        Effect::ContactRequested
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_takes_nothing() {
        let schema = RequestContact.definition().parameters;
        assert_eq!(
            (schema["required"].clone(), schema["additionalProperties"].clone()),
            (json!([]), json!(false))
        );
    }
}
