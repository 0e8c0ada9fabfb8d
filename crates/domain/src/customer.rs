//! A customer as the service knows him: how Telegram names him, which language he is answered in, and
//! the thread that holds his conversation at OpenAI.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{ChatId, DialogId, LeadSource, ThreadId};

/// The languages the service itself speaks; the model answers in whatever it is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// Both, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// The two-letter code of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Reads an IETF tag such as `en-GB`; `None` for any other language.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.code()))
    }
}

/// What Telegram says of a customer with each of his messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// `User.first_name`; never empty at Telegram, but treated as if it could be.
    pub first_name: String,
    /// `User.last_name`.
    pub last_name: Option<String>,
    /// `User.username`, without the `@`.
    pub username: Option<String>,
    /// `User.language_code`, an IETF tag.
    pub language_code: Option<String>,
}

impl Profile {
    /// The language to answer in: the customer's own if we speak it, else `fallback`.
    pub fn language(&self, fallback: Language) -> Language {
        self.language_code
            .as_deref()
            .and_then(Language::from_tag)
            .unwrap_or(fallback)
    }

    /// First and last name as one line.
    pub fn full_name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }
}

/// A row of `customers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// His private chat, and his user id.
    pub chat: ChatId,
    /// How Telegram named him last.
    pub profile: Profile,
    /// The first deep-link payload (`/start avito3`): where he came from.
    pub source: Option<String>,
    /// He stopped the bot: nothing is sent until he writes again.
    pub is_blocked: bool,
    /// He has been greeted once; later `/start`s are answered shortly.
    pub is_greeted: bool,
    /// The contact button is shown: the next reply takes it away.
    pub has_keyboard: bool,
    /// The form that asks for his contact while the model cannot answer.
    pub form: FormState,
    /// When his newest lead changed last.
    pub lead_at: Option<DateTime<Utc>>,
    /// A lead that was recorded without the model: its next turn is told.
    pub untold_lead: Option<LeadSource>,
    /// His thread.
    pub thread: ThreadState,
}

/// The form: one text that asks for phone and name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FormState {
    /// Since when it is open; `None`: it is not.
    pub since: Option<DateTime<Utc>>,
    /// When he was last asked.
    pub asked_at: Option<DateTime<Utc>>,
}

/// What is known of a customer's thread. The database rules, the thread is a cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadState {
    /// The thread in use; `None` before the first turn and after `/reset`.
    pub id: Option<ThreadId>,
    /// A run on it may have been cut off: the next turn begins a new one.
    pub is_suspect: bool,
    /// Only `dialogs` rows after this one may be told to a new thread.
    pub since: Option<DialogId>,
    /// Input tokens of the last run on it, as billed.
    pub last_input_tokens: i64,
    /// When the last turn on it ended.
    pub used_at: Option<DateTime<Utc>>,
}
