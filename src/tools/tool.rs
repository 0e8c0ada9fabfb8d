//! What every tool is: its name and schema, its call, and what a new thread is told of it.

use base::json;
use domain::{ChatId, TurnId};
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::assistant::messages::ToolDefinition;

/// One thing that the model may do.
pub(super) trait Tool: Send + Sync {
    /// Its name on the wire, when to call it, and what it takes.
    fn definition(&self) -> ToolDefinition;

    /// Answers one call; `arguments` are the model's own text. What comes back is JSON for the model.
    ///
    /// # Errors
    /// What the model is told of a call without effect.
    fn call<'a>(&'a self, scope: Scope, arguments: &'a str) -> LocalBoxFuture<'a, Result<String, Refusal>>;

    /// What a call that had its effect means for the turn.
    fn effect(&self) -> Effect {
        Effect::None
    }

    /// What a new thread is told where the tool has had an effect before (a row of `tool_effects` under its name).
    fn history(&self) -> Option<&'static str> {
        None
    }
}

/// Whose turn a call belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The chat.
    pub chat: ChatId,
    /// The turn; with the tool and its facts it makes an effect unique.
    pub turn: TurnId,
}

/// What a call means for the turn it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing further.
    None,
    /// The customer's contact is saved; whatever becomes of the turn, he may be told so.
    ContactSaved,
    /// The contact button comes with the reply.
    ContactRequested,
}

/// Why a call had no effect, in words the model can act on. A tool has its own beside these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(pub(super) &'static str);

impl Refusal {
    pub(super) const UNKNOWN_TOOL: Self = Self("there is no such tool");
    pub(super) const ARGUMENTS: Self = Self("the arguments are not the JSON object that was asked for");
    pub(super) const NOT_SAVED: Self = Self("it could not be saved");
}

/// What a call is about: the first object in its arguments, however the model wrapped it.
pub(super) fn arguments<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let object = json::first_object(text).ok_or(Refusal::ARGUMENTS)?;
    serde_json::from_value(object).map_err(|_of_other_types| Refusal::ARGUMENTS)
}

/// What tells facts from others in the key of an effect.
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
