//! The Telegram stand-in: its public API, where a test plays the customers and sees what they see.

mod checks;
mod customer;
mod edge;
mod entities;
mod markup;
mod methods;
mod polling;
mod refused;
mod sending;
mod state;
mod updates;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use edge::TelegramEdge;
pub(crate) use state::{Bot, Shared};

use crate::journal::Timeout;

/// A handle on the Telegram stand-in; cheap to clone.
#[derive(Debug, Clone)]
pub struct Telegram {
    pub(crate) shared: Arc<Shared>,
    pub(crate) port: u16,
}

/// The ids Telegram gave a customer's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Said {
    /// Of the update that carries it.
    pub update_id: i64,
    /// Of the message, counted per chat across both sides.
    pub message_id: i64,
}

/// A customer's profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// As displayed; never empty at Telegram.
    pub first_name: String,
    /// As displayed.
    pub last_name: Option<String>,
    /// Without the `@`.
    pub username: Option<String>,
    /// IETF tag of the customer's app.
    pub language: Option<String>,
}

impl Profile {
    /// The customer made up from a chat id, speaking Russian.
    #[must_use]
    pub fn of(chat: i64) -> Self {
        Self {
            first_name: format!("Customer {chat}"),
            last_name: None,
            username: Some(format!("customer_{}", chat.unsigned_abs())),
            language: Some("ru".to_owned()),
        }
    }

    pub(crate) fn names(&self) -> Value {
        let mut names = json!({"first_name": self.first_name});
        if let Some(last_name) = &self.last_name {
            names["last_name"] = json!(last_name);
        }
        if let Some(username) = &self.username {
            names["username"] = json!(username);
        }
        names
    }

    pub(crate) fn user(&self, id: i64) -> Value {
        let mut user = self.names();
        user["id"] = json!(id);
        user["is_bot"] = json!(false);
        if let Some(language) = &self.language {
            user["language_code"] = json!(language);
        }
        user
    }
}

/// A message of the bot as the customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// Of the message, counted per chat across both sides.
    pub message_id: i64,
    /// As last edited.
    pub text: String,
    /// As last edited.
    pub entities: Vec<Value>,
    /// The whole `sendMessage` request.
    pub body: Value,
    /// The number of its entry in the journal.
    pub at: u64,
}

impl Telegram {
    /// Replaces `https://api.telegram.org`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The only token that is accepted.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.shared.bot.token
    }

    /// The number before the token's colon.
    #[must_use]
    pub fn bot_id(&self) -> i64 {
        self.shared.bot.id
    }

    /// Messages sent to this customer or group, in order of arrival.
    #[must_use]
    pub fn replies(&self, chat: i64) -> Vec<Reply> {
        self.shared
            .state()
            .chats
            .get(&chat)
            .map(|chat| chat.replies.clone())
            .unwrap_or_default()
    }

    /// Waits until the customer has at least `count` replies, and returns all of them.
    ///
    /// # Errors
    /// [`Timeout`] with the texts that arrived, when `limit` (of real time) passed first.
    pub async fn await_replies(&self, chat: i64, count: usize, limit: Duration) -> Result<Vec<Reply>, Timeout> {
        let enough = || Some(self.replies(chat)).filter(|replies| replies.len() >= count);
        self.shared.journal.until(limit, enough).await.ok_or_else(|| {
            let texts: Vec<String> = self.replies(chat).into_iter().map(|reply| reply.text).collect();
            Timeout(format!(
                "{} of {count} replies in chat {chat} within {limit:?}: {texts:?}",
                texts.len()
            ))
        })
    }

    /// The next `times` answers of `getUpdates` begin with the last batch again, whatever the offset.
    pub fn redeliver(&self, times: u32) {
        self.shared.state().queue.redeliver(times);
        self.shared.ring();
    }

    /// From now on customers write at this fixed time (in seconds since 1970); before that, at the machine's time.
    pub fn set_time(&self, unix_seconds: i64) {
        self.shared.state().time = Some(unix_seconds);
    }

    /// From now on answers carry this time (in seconds since 1970) in their header `Date`; `None`: the machine's, or none at
    /// all while customers act at another time.
    pub fn set_header_time(&self, unix_seconds: Option<i64>) {
        self.shared.state().header_time = unix_seconds;
    }

    /// How many taps on inline keyboards no `answerCallbackQuery` has answered: their customers see a spinner.
    #[must_use]
    pub fn unanswered_taps(&self) -> usize {
        self.shared
            .state()
            .taps
            .values()
            .filter(|is_answered| !**is_answered)
            .count()
    }

    /// The next update gets this id. The real numbering may jump after a quiet week.
    pub fn renumber(&self, next: i64) {
        self.shared.state().queue.renumber(next);
    }

    /// Command and description as set by `setMyCommands` for a language (`None`: for all others),
    /// of the default scope if that has any.
    #[must_use]
    pub fn commands(&self, language: Option<&str>) -> Vec<(String, String)> {
        let state = self.shared.state();
        let language = language.unwrap_or_default();
        let of_language = || state.commands.iter().filter(|((_, of), _)| of == language);
        let default = of_language().find(|((scope, _), _)| scope.contains("\"default\""));
        default
            .or_else(|| of_language().next())
            .map(|(_, list)| list.clone())
            .unwrap_or_default()
    }

    /// How many updates no offset has confirmed yet.
    #[must_use]
    pub fn unconfirmed(&self) -> usize {
        self.shared.state().queue.len()
    }

    /// Registers a webhook: `getUpdates` answers 409 until `deleteWebhook`.
    pub fn webhook(&self, url: &str) {
        self.shared.state().webhook = Some(url.to_owned());
        self.shared.ring();
    }

    /// Whether the bot left this group by `leaveChat`.
    #[must_use]
    pub fn left(&self, chat: i64) -> bool {
        self.shared.state().chats.get(&chat).is_some_and(|chat| chat.has_left)
    }
}
