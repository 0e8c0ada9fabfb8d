//! The state of the Telegram stand-in: chats, their messages, the queue and the commands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::updates::Queue;
use super::{Profile, Reply};
use crate::faults::Faults;
use crate::ids::{unix_ms, unix_seconds};
use crate::journal::{Event, Journal};
use crate::lock::locked;

/// The bot whose token the stand-in knows.
#[derive(Debug)]
pub(crate) struct Bot {
    pub(crate) token: String,
    pub(crate) id: i64,
    pub(crate) username: String,
    pub(crate) name: String,
}

impl Bot {
    /// The bot as a `User`.
    pub(crate) fn user(&self) -> Value {
        json!({"id": self.id, "is_bot": true, "first_name": self.name, "username": self.username})
    }
}

/// State shared by the handles and the server.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) bot: Bot,
    state: Mutex<State>,
    /// Wakes a waiting `getUpdates`.
    pub(crate) bell: watch::Sender<u64>,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
}

impl Shared {
    pub(crate) fn new(bot: Bot, journal: Journal, faults: Faults) -> Arc<Self> {
        let state = State {
            queue: Queue::new(first_update_id()),
            ..State::default()
        };
        Arc::new(Self {
            bot,
            state: Mutex::new(state),
            bell: watch::Sender::new(0),
            journal,
            faults,
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    pub(crate) fn ring(&self) {
        self.bell.send_modify(|n| *n += 1);
    }

    /// Queues an update unless the bot excluded its type; returns its id.
    pub(crate) fn queue(&self, state: &mut State, mut update: Value) -> i64 {
        let id = match update.get("update_id").and_then(Value::as_i64) {
            Some(id) => id,
            None => state.queue.take_id(),
        };
        if let Some(update) = update.as_object_mut() {
            update.insert("update_id".to_owned(), json!(id));
        }
        let kind = kind_of(&update);
        if state.queue.allows(&kind) {
            let chat = chat_of(&update, &kind);
            let text = text_of(&update, &kind);
            state.queue.push(Some(id), update.to_string());
            self.journal.record(Event::UpdateQueued {
                update_id: Some(id),
                chat,
                text,
            });
        } else {
            self.journal.record(Event::UpdateFiltered { kind });
        }
        self.ring();
        id
    }

    /// Queues an update on the bot's new status in a chat; returns its id.
    pub(crate) fn membership(&self, state: &mut State, chat: i64, old: &str, new: &str) -> i64 {
        let place = state.chat(chat);
        let update = json!({"my_chat_member": {
            "chat": place.object(),
            "from": actor(place),
            "date": unix_seconds(),
            "old_chat_member": self.member(old),
            "new_chat_member": self.member(new),
        }});
        self.queue(state, update)
    }

    fn member(&self, status: &str) -> Value {
        let mut member = json!({"user": self.bot.user(), "status": status});
        if status == "kicked" {
            // 0 is "for ever".
            member["until_date"] = json!(0);
        }
        member
    }
}

/// The user who changed the membership: the customer, or a member of the group.
fn actor(chat: &Chat) -> Value {
    let id = chat.id.abs();
    if chat.title.is_some() {
        Profile::of(id).user(id)
    } else {
        chat.profile.user(id)
    }
}

/// The member of an update that is not its id.
fn kind_of(update: &Value) -> String {
    let members = update.as_object().into_iter().flatten();
    let mut kinds = members.map(|(name, _)| name).filter(|name| *name != "update_id");
    kinds.next().cloned().unwrap_or_default()
}

fn chat_of(update: &Value, kind: &str) -> Option<i64> {
    update[kind]["chat"]["id"]
        .as_i64()
        .or_else(|| update[kind]["message"]["chat"]["id"].as_i64())
}

fn text_of(update: &Value, kind: &str) -> String {
    let content = &update[kind];
    let text = content["text"].as_str().or_else(|| content["caption"].as_str());
    text.unwrap_or(kind).to_owned()
}

/// The mutable state.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) queue: Queue,
    pub(crate) chats: BTreeMap<i64, Chat>,
    /// By scope (as JSON text) and language.
    pub(crate) commands: BTreeMap<(String, String), Vec<(String, String)>>,
    /// A webhook that blocks polling.
    pub(crate) webhook: Option<String>,
    /// The number of the `getUpdates` call that may answer; an earlier one is terminated.
    pub(crate) poller: u64,
    /// The time at which customers act, if it is not the machine's.
    pub(crate) time: Option<i64>,
    /// The header `Date` of answers, if it differs.
    pub(crate) header_time: Option<i64>,
    /// Taps on inline keyboards, by id; whether they were answered.
    pub(crate) taps: BTreeMap<String, bool>,
}

impl State {
    /// The value of `date`.
    pub(crate) fn date(&self) -> i64 {
        self.time.unwrap_or_else(unix_seconds)
    }

    pub(crate) fn chat(&mut self, id: i64) -> &mut Chat {
        self.chats.entry(id).or_insert_with(|| Chat::new(id))
    }
}

/// Grows by five a second, so that the updates of a sandbox started later are new to a service
/// that kept its database. Stays below 2^31, where clients keep offsets.
fn first_update_id() -> i64 {
    let since_2023 = unix_ms().saturating_sub(1_700_000_000_000);
    i64::try_from(since_2023 / 200 % 2_000_000_000).unwrap_or(1).max(1)
}

/// A private chat (id = the customer's id) or a group (negative id).
#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) id: i64,
    pub(crate) profile: Profile,
    /// The title of a group.
    pub(crate) title: Option<String>,
    /// The customer wrote first, or the bot was added: a bot may not write before.
    pub(crate) is_open: bool,
    pub(crate) is_blocked: bool,
    pub(crate) has_left: bool,
    pub(crate) can_write: bool,
    next_message: i64,
    pub(crate) messages: BTreeMap<i64, Value>,
    pub(crate) replies: Vec<Reply>,
}

impl Chat {
    fn new(id: i64) -> Self {
        Self {
            id,
            profile: Profile::of(id),
            title: None,
            is_open: false,
            is_blocked: false,
            has_left: false,
            can_write: true,
            next_message: 1,
            messages: BTreeMap::new(),
            replies: Vec::new(),
        }
    }

    pub(crate) fn take_message_id(&mut self) -> i64 {
        let id = self.next_message;
        self.next_message += 1;
        id
    }

    /// Stores a message and reserves its id.
    pub(crate) fn keep(&mut self, id: i64, message: Value) {
        self.next_message = self.next_message.max(id + 1);
        self.messages.insert(id, message);
    }

    /// The `Chat` object of this chat.
    pub(crate) fn object(&self) -> Value {
        if let Some(title) = &self.title {
            return json!({"id": self.id, "type": "supergroup", "title": title});
        }
        let mut chat = self.profile.names();
        chat["id"] = json!(self.id);
        chat["type"] = json!("private");
        chat
    }
}
