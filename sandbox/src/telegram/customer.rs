//! Actions of customers and groups: write, edit, block, add the bot. Each action is an update in the
//! form of core.telegram.org/bots/api#update.

use serde::Deserialize;
use serde_json::{Value, json};

use super::state::State;
use super::{Profile, Said, Telegram};
use crate::journal::Event;

/// The fields read from raw JSON. Skipped members are not decoded, so that a lone surrogate in a text
/// does not hide the id.
#[derive(Deserialize)]
struct Numbered {
    update_id: i64,
}

#[derive(Deserialize)]
struct Placed {
    message: PlacedMessage,
}

#[derive(Deserialize)]
struct PlacedMessage {
    chat: PlacedChat,
}

#[derive(Deserialize)]
struct PlacedChat {
    id: i64,
}

impl Telegram {
    /// A private message. The customer is made up from the chat id: [`Profile::of`].
    pub fn say(&self, chat: i64, text: &str) -> Said {
        self.say_as(chat, with_command(text))
    }

    /// Gives a customer a name before (or between) messages.
    pub fn customer(&self, chat: i64, profile: Profile) {
        self.shared.state().chat(chat).profile = profile;
    }

    /// The customer wrote before this stand-in started, or (negative id) the bot was in the group then: it may write there.
    pub fn opened(&self, chat: i64) {
        let mut state = self.shared.state();
        let place = state.chat(chat);
        place.is_open = true;
        place.title = (chat < 0).then(|| "Group".to_owned());
    }

    /// A private message with these members over the default ones: `photo`, `voice`, `contact`,
    /// `caption`, `reply_to_message`, `date`… A null member is removed.
    pub fn say_as(&self, chat: i64, message: Value) -> Said {
        let mut state = self.shared.state();
        let from = state.chat(chat).profile.user(chat);
        self.written(&mut state, chat, &from, message)
    }

    /// A text in a group by one of its members.
    pub fn group_message(&self, chat: i64, from: i64, text: &str) -> Said {
        let mut state = self.shared.state();
        let from = state.chat(from).profile.user(from);
        state.chat(chat).title.get_or_insert_with(|| "Group".to_owned());
        self.written(&mut state, chat, &from, with_command(text))
    }

    fn written(&self, state: &mut State, chat: i64, from: &Value, over: Value) -> Said {
        let date = state.date();
        let chat = state.chat(chat);
        chat.is_open = true;
        let mut message = json!({"from": from, "chat": chat.object(), "date": date});
        if let (Some(message), Value::Object(over)) = (message.as_object_mut(), over) {
            message.extend(over);
            message.retain(|_, value| !value.is_null());
        }
        let message_id = match message["message_id"].as_i64() {
            Some(id) => id,
            None => chat.take_message_id(),
        };
        message["message_id"] = json!(message_id);
        if self.shared.journal.is_kept() {
            chat.keep(message_id, message.clone());
        }
        let update_id = self.shared.queue(state, json!({"message": message}));
        Said { update_id, message_id }
    }

    /// The customer edits a text; returns the id of the `edited_message` update.
    pub fn edit(&self, chat: i64, message_id: i64, text: &str) -> i64 {
        let mut state = self.shared.state();
        let date = state.date();
        let place = state.chat(chat);
        let plain = json!({"message_id": message_id, "from": place.profile.user(chat), "chat": place.object(),
            "date": date});
        let mut message = place.messages.get(&message_id).cloned().unwrap_or(plain);
        message["text"] = json!(text);
        message["edit_date"] = json!(date);
        place.keep(message_id, message.clone());
        self.shared.queue(&mut state, json!({"edited_message": message}))
    }

    /// Any update; `update_id` is filled in if it is absent. Returns the id. An id below an offset
    /// that was already given is delivered once.
    pub fn push(&self, update: Value) -> i64 {
        let mut state = self.shared.state();
        if let Some(chat) = update["message"]["chat"]["id"].as_i64() {
            state.chat(chat).is_open = true;
        }
        self.shared.queue(&mut state, update)
    }

    /// The customer taps a button of an inline keyboard, even of a deleted message; returns the id of the query.
    pub fn tap(&self, chat: i64, message_id: i64, data: &str) -> String {
        let mut state = self.shared.state();
        let id = format!("{}", 1_000_000 + state.taps.len());
        state.taps.insert(id.clone(), false);
        let place = state.chat(chat);
        let tap = json!({
            "id": id,
            "from": place.profile.user(chat),
            "message": {"message_id": message_id, "date": 0, "chat": place.object()},
            "chat_instance": "1",
            "data": data,
        });
        self.shared.queue(&mut state, json!({"callback_query": tap}));
        id
    }

    /// JSON text that goes into the next batch as it is, valid or not, past any filter. Returns its
    /// `update_id` if one can be read; without one it is delivered once.
    pub fn push_raw(&self, json: &str) -> Option<i64> {
        let update_id = serde_json::from_str::<Numbered>(json)
            .ok()
            .map(|update| update.update_id);
        let chat = serde_json::from_str::<Placed>(json)
            .ok()
            .map(|update| update.message.chat.id);
        let mut state = self.shared.state();
        if let Some(chat) = chat {
            state.chat(chat).is_open = true;
        }
        state.queue.push(update_id, json.to_owned());
        self.shared.journal.record(Event::UpdateQueued {
            update_id,
            chat,
            text: "raw".to_owned(),
        });
        self.shared.ring();
        update_id
    }

    /// The customer blocks the bot: it gets an update, and sending to the chat answers 403.
    pub fn block(&self, chat: i64) {
        let mut state = self.shared.state();
        state.chat(chat).is_blocked = true;
        self.shared.membership(&mut state, chat, "member", "kicked");
    }

    /// The customer lets the bot write again.
    pub fn unblock(&self, chat: i64) {
        let mut state = self.shared.state();
        let place = state.chat(chat);
        place.is_blocked = false;
        place.is_open = true;
        self.shared.membership(&mut state, chat, "kicked", "member");
    }

    /// A user adds the bot to a supergroup (negative id); returns the id of the update.
    pub fn add_to_group(&self, chat: i64, title: &str) -> i64 {
        let mut state = self.shared.state();
        let place = state.chat(chat);
        place.title = Some(title.to_owned());
        place.is_open = true;
        place.has_left = false;
        self.shared.membership(&mut state, chat, "left", "member")
    }

    /// Whether the bot may write in a group.
    pub fn group(&self, chat: i64, can_write: bool) {
        self.shared.state().chat(chat).can_write = can_write;
    }
}

/// Telegram marks a leading `/command` with an entity.
fn with_command(text: &str) -> Value {
    let word = text.split_whitespace().next().unwrap_or_default();
    let mut message = json!({"text": text});
    if text.starts_with('/') && word.len() > 1 {
        let length = word.encode_utf16().count();
        message["entities"] = json!([{"type": "bot_command", "offset": 0, "length": length}]);
    }
    message
}
