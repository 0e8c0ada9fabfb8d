//! What the model may do. A tool acts only on the chat its update came from: none takes a recipient, an id, a path
//! or a query. Names and arguments are untrusted; what cannot be done is told to the model as an error it can act
//! on, and what was done is told truthfully.

mod report_gap;

use serde_json::{Value, json};

use crate::db::messages::RecordGap;
use crate::domain::{ChatId, ToolCall, ToolDefinition, ToolOutput, TurnId};
use crate::runtime::{Event, Events, Port};

/// What the tools need of others.
#[derive(Clone)]
pub struct Ports {
    /// DbActor: a question without an answer.
    pub gap: Port<RecordGap>,
}

/// All tools of the assistant.
#[derive(Clone)]
pub struct Toolbox {
    ports: Ports,
    events: Events,
}

/// Whose turn a call belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The chat.
    pub chat: ChatId,
    /// The turn; with the tool and its facts it makes an effect unique.
    pub turn: TurnId,
}

impl Toolbox {
    /// A toolbox that acts through these ports.
    pub fn new(ports: Ports, events: Events) -> Self {
        Self { ports, events }
    }

    /// What the model is told of its tools, always in the same order.
    pub fn definitions(&self) -> Vec<ToolDefinition> {
        vec![report_gap::definition()]
    }

    /// Answers one call.
    pub async fn call(&self, scope: Scope, call: ToolCall) -> ToolOutput {
        let outcome = match call.name.as_str() {
            report_gap::NAME => report_gap::call(&self.ports.gap, scope, &call.arguments).await,
            _ => Err(Refusal::UnknownTool),
        };
        let event = Event::info("tools", "tool_called").chat(scope.chat).turn(scope.turn);
        let event = match &outcome {
            // Only a name of ours is logged: any other is the model's, and could be a customer's words.
            Ok(_) => event.with("tool", &call.name).with("ok", true),
            Err(refusal) => event.with("ok", false).with("reason", refusal),
        };
        self.events.emit(event);
        ToolOutput {
            call_id: call.call_id,
            output: outcome.unwrap_or_else(|refusal| json!({ "error": refusal.to_string() }).to_string()),
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
    #[error("it could not be saved")]
    NotSaved,
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
