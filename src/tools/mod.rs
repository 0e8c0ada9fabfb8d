//! The tools of the model. A tool acts only on the chat its update came from: none takes a recipient, an id, a path
//! or a query. Names and arguments are untrusted. A call that fails returns an error the model can act on; the output
//! of a call that succeeds says exactly what was done.

#[cfg(test)]
mod promises;
mod report_gap;
mod request_contact;
mod save_contact;
mod tool;

use std::sync::Arc;

use base::{Event, Events};
use serde_json::json;
use store::{RecordGap, RecordLead, SharedLeadRules};

use self::report_gap::ReportGap;
use self::request_contact::RequestContact;
use self::save_contact::SaveContact;
use self::tool::{Refusal, Tool};
use crate::assistant::messages::{ToolCall, ToolDefinition, ToolOutput};
use crate::config::Config;
use crate::runtime::Port;

pub(crate) use self::tool::{Effect, Scope};

/// The recipients the tools send to.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: an unanswered question.
    pub gap: Port<RecordGap>,
    /// DbActor: the customer's contact.
    pub lead: Port<RecordLead>,
}

/// All tools of the assistant.
#[derive(Clone)]
pub(crate) struct Toolbox {
    tools: Arc<[Box<dyn Tool>]>,
    definitions: Arc<[ToolDefinition]>,
    events: Events,
}

/// The result of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Called {
    /// For the model.
    pub output: ToolOutput,
    /// The effect took place.
    pub is_done: bool,
    /// Consequence for the turn.
    pub effect: Effect,
}

impl Toolbox {
    /// Owners are notified of leads as `rules` say.
    pub(crate) fn new(ports: Ports, config: &Config, rules: SharedLeadRules, events: Events) -> Self {
        let save_contact = SaveContact {
            record: ports.lead,
            rules,
            region: config.locale.phone_region.clone(),
        };
        // The order is fixed: OpenAI caches only an unchanged prefix.
        let tools: Vec<Box<dyn Tool>> = vec![
            Box::new(save_contact),
            Box::new(RequestContact),
            Box::new(ReportGap { record: ports.gap }),
        ];
        Self {
            definitions: tools.iter().map(|tool| tool.definition()).collect(),
            tools: tools.into(),
            events,
        }
    }

    /// The definitions sent to the model.
    pub(crate) fn definitions(&self) -> &Arc<[ToolDefinition]> {
        &self.definitions
    }

    /// Notes for a new thread about the effects that tools had on earlier threads.
    pub(crate) fn history(&self, effects: &[String]) -> Vec<&'static str> {
        let had_effect = |name: &str| effects.iter().any(|effect| effect == name);
        let tools = self.tools.iter().filter(|tool| had_effect(tool.definition().name));
        tools.filter_map(|tool| tool.history()).collect()
    }

    /// Answers one call.
    pub(crate) async fn call(&self, scope: Scope, call: ToolCall) -> Called {
        let tool = self.tools.iter().find(|tool| tool.definition().name == call.name);
        let outcome = match tool {
            Some(tool) => tool.call(scope, &call.arguments).await,
            None => Err(Refusal::UNKNOWN_TOOL),
        };
        let effect = match (tool, &outcome) {
            (Some(tool), Ok(_)) => tool.effect(),
            _ => Effect::None,
        };
        let event = Event::info("tools", "tool_called").chat(scope.chat).turn(scope.turn);
        let event = match &outcome {
            // An unknown name is not logged: it could contain a customer's words.
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
}
