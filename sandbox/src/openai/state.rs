//! The state of the OpenAI stand-in: conversations, received runs, and the script.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;

use super::RunSeen;
use super::error::ApiError;
use crate::faults::Faults;
use crate::ids::Ids;
use crate::journal::Journal;
use crate::lock::locked;
use crate::script::Script;

/// State shared by the handles and the server.
pub(crate) struct Shared {
    pub(crate) api_key: String,
    state: Mutex<State>,
    pub(crate) ids: Ids,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
}

impl Shared {
    pub(crate) fn new(api_key: String, script: Arc<dyn Script>, journal: Journal, faults: Faults) -> Arc<Self> {
        let state = Mutex::new(State {
            script,
            latency: Duration::ZERO,
            conversations: BTreeMap::new(),
            created: Vec::new(),
            runs: Vec::new(),
        });
        Arc::new(Self {
            api_key,
            state,
            ids: Ids::new(),
            journal,
            faults,
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

/// The mutable state.
pub(crate) struct State {
    pub(crate) script: Arc<dyn Script>,
    pub(crate) latency: Duration,
    pub(crate) conversations: BTreeMap<String, Conversation>,
    /// Ids in order of creation, deleted ones included.
    pub(crate) created: Vec<String>,
    pub(crate) runs: Vec<RunSeen>,
}

impl State {
    pub(crate) fn conversation(&mut self, id: &str) -> Result<&mut Conversation, ApiError> {
        self.conversations
            .get_mut(id)
            .ok_or_else(|| ApiError::no_conversation(id))
    }
}

/// A conversation object with its items.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) created_at: i64,
    pub(crate) metadata: Value,
    pub(crate) items: Vec<Value>,
    /// A run is in progress on it.
    pub(crate) is_locked: bool,
}
