//! The control address: the sandbox steered over HTTP, for people and for other processes.

use std::sync::Arc;

use crate::faults::Faults;
use crate::journal::Journal;
use crate::openai::OpenAi;
use crate::server::{Answer, Call, Handler, Outcome};
use crate::telegram::Telegram;

/// The server behind the control port.
#[derive(Clone)]
pub(crate) struct ControlEdge {
    pub(crate) telegram: Telegram,
    pub(crate) openai: OpenAi,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
}

impl Handler for ControlEdge {
    async fn handle(self: Arc<Self>, call: Call) -> Outcome {
        Outcome::Whole(Answer::json(404, &serde_json::json!({"error": call.path})))
    }
}
