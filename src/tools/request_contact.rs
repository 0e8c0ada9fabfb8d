//! `request_contact`: shows the contact button under the reply of this turn.

use futures_util::future::{LocalBoxFuture, ready};
use serde_json::json;

use super::tool::{Effect, Refusal, Scope, Tool, strict_object};
use crate::assistant::messages::ToolDefinition;

pub(super) struct RequestContact;

impl Tool for RequestContact {
    fn definition(&self) -> ToolDefinition {
        ToolDefinition {
            name: "request_contact",
            description: "Show a button under your next reply that shares the customer's phone number in one tap. Call it once, when \
                          you ask for the contact; do not call it if the contact is already saved.",
            parameters: strict_object(&json!({})),
        }
    }

    /// Nothing to do yet: the button is sent with the reply.
    fn call<'a>(&'a self, _scope: Scope, _arguments: &'a str) -> LocalBoxFuture<'a, Result<String, Refusal>> {
        let note = "the button will appear under your next reply; now ask for the number and the name";
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
    fn the_schema_has_no_properties() {
        let schema = RequestContact.definition().parameters;
        assert_eq!(
            (schema["required"].clone(), schema["additionalProperties"].clone()),
            (json!([]), json!(false))
        );
    }
}
