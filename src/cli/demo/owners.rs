//! Traces each request to the model back to the customer whose messages it contains. Requests carry a pseudonym and no
//! chat id, so the messages themselves identify the customer.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::RunSeen;
use serde_json::Value;

use super::evidence::Evidence;

/// The customers of the requests.
pub(super) struct Owners {
    /// The chat of each pseudonym.
    pseudonyms: BTreeMap<String, i64>,
    /// The chat of each conversation.
    conversations: BTreeMap<String, i64>,
    /// Requests with another customer's words, or without an identifiable customer.
    pub(super) foreign: usize,
}

impl Owners {
    /// Traces all requests.
    pub(super) fn trace(evidence: &Evidence) -> Self {
        let mut owners = Self {
            pseudonyms: BTreeMap::new(),
            conversations: BTreeMap::new(),
            foreign: 0,
        };
        for (pseudonym, chats) in candidates(evidence) {
            if let [chat] = chats.iter().copied().collect::<Vec<_>>()[..] {
                owners.pseudonyms.insert(pseudonym, chat);
            }
        }
        for run in &evidence.runs {
            let chat = owners.pseudonyms.get(pseudonym(run)).copied();
            if let (Some(conversation), Some(chat)) = (&run.conversation, chat) {
                owners.conversations.insert(conversation.clone(), chat);
            }
            owners.foreign += usize::from(!chat.is_some_and(|chat| is_own(evidence, run, chat)));
        }
        let is_one_each = owners.pseudonyms.values().collect::<BTreeSet<_>>().len() == owners.pseudonyms.len();
        owners.foreign += usize::from(!is_one_each);
        owners
    }

    /// The customer of a conversation.
    pub(super) fn of(&self, conversation: &str) -> Option<i64> {
        self.conversations.get(conversation).copied()
    }
}

/// For each pseudonym, the chats that wrote all customer messages in its requests.
fn candidates(evidence: &Evidence) -> BTreeMap<String, BTreeSet<i64>> {
    let mut found: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    let all: BTreeSet<i64> = evidence.seen.said.iter().map(|said| said.chat).collect();
    for run in &evidence.runs {
        let chats = found.entry(pseudonym(run).to_owned()).or_insert_with(|| all.clone());
        for text in texts(run, "user") {
            chats.retain(|chat| {
                evidence
                    .seen
                    .said
                    .iter()
                    .any(|said| said.chat == *chat && said.text == text)
            });
        }
    }
    found
}

/// Whether the history and the thread of a request belong to this chat.
fn is_own(evidence: &Evidence, run: &RunSeen, chat: i64) -> bool {
    let is_its_answer = |text: &String| {
        let mut dialogs = evidence.rows.dialogs.iter();
        dialogs.any(|row| row.chat == chat && row.role == "assistant" && row.text == *text)
    };
    let thread = run
        .conversation
        .as_ref()
        .and_then(|thread| evidence.threads.get(thread));
    texts(run, "assistant").iter().all(is_its_answer) && thread.is_none_or(|owner| *owner == chat)
}

fn pseudonym(run: &RunSeen) -> &str {
    run.body["safety_identifier"].as_str().unwrap_or_default()
}

fn texts(run: &RunSeen, role: &str) -> Vec<String> {
    let items = run.input.as_array().into_iter().flatten();
    items.filter(|item| item["role"] == role).map(text_of).collect()
}

fn text_of(item: &Value) -> String {
    match &item["content"] {
        Value::String(text) => text.clone(),
        content => {
            let parts = content.as_array().into_iter().flatten();
            parts.filter_map(|part| part["text"].as_str()).collect()
        }
    }
}
