//! The OpenAI stand-in: its public API, where a test reads requests and chooses the script.

mod conversations;
mod edge;
mod error;
mod input;
mod oddities;
mod parts;
mod render;
mod request;
mod responses;
mod state;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

pub(crate) use edge::OpenAiEdge;
pub use oddities::Oddity;
pub(crate) use state::Shared;

use crate::items::open_texts_of_input;
use crate::script::Script;

/// A handle on the OpenAI stand-in; cheap to clone.
#[derive(Clone)]
pub struct OpenAi {
    pub(crate) shared: Arc<Shared>,
    pub(crate) port: u16,
}

/// One `POST /responses`, whatever its outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunSeen {
    /// The number of its `RunAsked` entry in the journal.
    pub n: u64,
    /// The conversation it names.
    pub conversation: Option<String>,
    /// The `input` member as sent: a string or a list of items.
    pub input: Value,
    /// The whole request.
    pub body: Value,
    /// The run took effect, even if its answer was cut.
    pub completed: bool,
}

impl OpenAi {
    /// Replaces `https://api.openai.com/v1`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// The only key that is accepted.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.shared.api_key
    }

    /// Replaces the script from the next run on.
    pub fn script(&self, script: Arc<dyn Script>) {
        self.shared.state().script = script;
    }

    /// Makes every run take this long; its conversation stays locked meanwhile.
    pub fn latency(&self, per_run: Duration) {
        self.shared.state().latency = per_run;
    }

    /// Deletes all conversations: later use of them answers 404.
    pub fn delete_conversations(&self) {
        self.shared.state().conversations.clear();
    }

    /// The ids of the conversations that exist, in order of creation.
    #[must_use]
    pub fn conversations(&self) -> Vec<String> {
        let state = self.shared.state();
        state
            .created
            .iter()
            .filter(|id| state.conversations.contains_key(*id))
            .cloned()
            .collect()
    }

    /// The items of a conversation, oldest first; empty if there is no such conversation.
    #[must_use]
    pub fn items(&self, conversation: &str) -> Vec<Value> {
        let state = self.shared.state();
        state
            .conversations
            .get(conversation)
            .map(|found| found.items.clone())
            .unwrap_or_default()
    }

    /// All `POST /responses` with a JSON body, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<RunSeen> {
        self.shared.state().runs.clone()
    }

    /// The user messages of the latest completed run with this message of a play: those after the last assistant message of its
    /// input.
    pub(crate) fn asked_with(&self, message: audit::Name) -> Vec<String> {
        let state = self.shared.state();
        let texts = state
            .runs
            .iter()
            .rev()
            .filter(|run| run.completed)
            .map(|run| open_texts_of_input(&run.input));
        texts
            .into_iter()
            .find(|texts| texts.iter().any(|asked| audit::names(asked).contains(&message)))
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for OpenAi {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("OpenAi")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
