//! How Telegram names a customer, and which language they are answered in.

use serde::{Deserialize, Serialize};

/// Languages of the service's own texts; the model answers in the customer's language.
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

/// The Telegram profile of a customer, sent with each message.
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
