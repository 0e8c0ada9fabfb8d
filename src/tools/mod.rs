//! What the model may do. A tool acts only on the chat its update came from: none takes a recipient, an id, a path
//! or a query. Names and arguments are untrusted; what cannot be done is told to the model as an error it can act
//! on, and what was done is told truthfully.

#[cfg(test)]
mod promises;
mod report_gap;
mod request_contact;
mod save_contact;

use base::json;
use base::{Event, Events};
use domain::{ChatId, Region, SharedLeadRules, TurnId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::assistant::messages::{ToolCall, ToolDefinition, ToolOutput};
use crate::db::messages::{RecordGap, RecordLead};
use crate::runtime::Port;

/// What the tools need of others.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: a question without an answer.
    pub gap: Port<RecordGap>,
    /// DbActor: how to reach the customer.
    pub lead: Port<RecordLead>,
}

/// All tools of the assistant.
#[derive(Clone)]
pub(crate) struct Toolbox {
    ports: Ports,
    rules: SharedLeadRules,
    region: Region,
    events: Events,
}

/// Whose turn a call belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The chat.
    pub chat: ChatId,
    /// The turn; with the tool and its facts it makes an effect unique.
    pub turn: TurnId,
}

/// A call that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Called {
    /// What the model is told.
    pub output: ToolOutput,
    /// It had the effect that the model asked for.
    pub is_done: bool,
    /// What it means for the turn.
    pub effect: Effect,
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

impl Toolbox {
    /// A toolbox that acts through these ports; leads are told as `rules` say, and numbers without a country code are
    /// those of `region`.
    pub(crate) fn new(ports: Ports, rules: SharedLeadRules, region: Region, events: Events) -> Self {
        Self {
            ports,
            rules,
            region,
            events,
        }
    }

    /// What the model is told of its tools, always in the same order.
    pub(crate) fn definitions(&self) -> Vec<ToolDefinition> {
        vec![
            save_contact::definition(),
            request_contact::definition(),
            report_gap::definition(),
        ]
    }

    /// Answers one call.
    pub(crate) async fn call(&self, scope: Scope, call: ToolCall) -> Called {
        let outcome = match call.name.as_str() {
            save_contact::NAME => save_contact::call(self.desk(), scope, &call.arguments).await,
            request_contact::NAME => Ok(request_contact::output()),
            report_gap::NAME => report_gap::call(&self.ports.gap, scope, &call.arguments).await,
            _ => Err(Refusal::UnknownTool),
        };
        let effect = match (call.name.as_str(), &outcome) {
            (save_contact::NAME, Ok(_)) => Effect::ContactSaved,
            (request_contact::NAME, Ok(_)) => Effect::ContactRequested,
            _ => Effect::None,
        };
        let event = Event::info("tools", "tool_called").chat(scope.chat).turn(scope.turn);
        let event = match &outcome {
            // Only a name of ours is logged: any other is the model's, and could be a customer's words.
            Ok(_) => event.with("tool", &call.name).with("ok", true),
            Err(refusal) => event.with("ok", false).with("reason", refusal),
        };
        self.events.emit(event);
        let is_done = outcome.is_ok();
        let output = ToolOutput {
            call_id: call.call_id,
            output: outcome.unwrap_or_else(|refusal| json!({ "error": refusal.to_string() }).to_string()),
        };
        Called {
            output,
            is_done,
            effect,
        }
    }

    fn desk(&self) -> save_contact::Desk<'_> {
        save_contact::Desk {
            record: &self.ports.lead,
            rules: &self.rules,
            region: &self.region,
        }
    }
}

/// Why a call had no effect, in words the model can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Refusal {
    #[error("there is no such tool")]
    UnknownTool,
    #[error("the arguments are not the JSON object that was asked for")]
    Arguments,
    #[error("the question is empty")]
    EmptyQuestion,
    #[error("that is no valid phone number: nothing was saved; ask the customer to check it")]
    Phone,
    #[error("that is no valid e-mail address: nothing was saved; ask the customer to check it")]
    Email,
    #[error(
        "nothing was saved: a phone number or an e-mail address is needed (Telegram alone is enough only for a customer \
         who has a @username and asked to be written to); ask for one"
    )]
    NoContact,
    #[error("it could not be saved")]
    NotSaved,
}

/// What a call is about: the first object in its arguments, however the model wrapped it.
fn arguments<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let object = json::first_object(text).ok_or(Refusal::Arguments)?;
    serde_json::from_value(object).map_err(|_of_other_types| Refusal::Arguments)
}

/// What tells facts from others in the key of an effect.
fn fingerprint(facts: &str) -> String {
    let digest = Sha256::digest(facts);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The schema of an object whose properties are all required (OpenAI, "Structured Outputs": strict schemas).
fn strict_object(properties: &Value) -> Value {
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
