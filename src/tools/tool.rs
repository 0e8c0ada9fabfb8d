//! The trait of a tool: definition, call, and the note for a new thread.

use base::json;
use domain::{ChatId, TurnId};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::assistant::messages::ToolDefinition;

/// A tool of the model.
pub(super) trait Tool: Send + Sync {
    /// Name on the wire, description, and parameters.
    fn definition(&self) -> ToolDefinition;

    /// Answers one call; `arguments` is the model's raw text, the output is JSON for the model.
    ///
    /// # Errors
    /// The message for the model if the call had no effect.
    fn call<'a>(&'a self, scope: Scope, arguments: &'a str) -> LocalBoxFuture<'a, Result<String, Refusal>>;

    /// Consequence of a successful call for the turn.
    fn effect(&self) -> Effect {
        Effect::None
    }

    /// Note for a new thread if `tool_effects` has a row of this tool.
    fn history(&self) -> Option<&'static str> {
        None
    }
}

/// The turn a call belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Its chat.
    pub chat: ChatId,
    /// Part of the key that makes an effect unique, with the tool and the fingerprint.
    pub turn: TurnId,
}

/// Consequence of a call for its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// None.
    None,
    /// The contact is saved; a reply may say so even if the turn fails.
    ContactSaved,
    /// The reply carries the contact button.
    ContactRequested,
}

/// Why a call had no effect, worded so that the model can act on it. Tools add their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(pub(super) &'static str);

impl Refusal {
    pub(super) const UNKNOWN_TOOL: Self = Self("unknown tool");
    pub(super) const ARGUMENTS: Self = Self("the arguments are not the JSON object the schema requires");
    pub(super) const NOT_SAVED: Self = Self("it could not be saved");
}

/// The first JSON object in the arguments, even if the model wrapped it.
pub(super) fn arguments<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let object = json::first_object(text).ok_or(Refusal::ARGUMENTS)?;
    serde_json::from_value(object).map_err(|_of_other_types| Refusal::ARGUMENTS)
}

/// Identifies facts in the key of an effect.
pub(super) fn fingerprint(facts: &str) -> String {
    let digest = Sha256::digest(facts);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The schema of an object whose properties are all required (OpenAI, "Structured Outputs": strict schemas).
pub(super) fn strict_object(properties: &Value) -> Value {
    let required: Vec<&String> = properties
        .as_object()
        .map(|map| map.keys().collect())
        .unwrap_or_default();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
