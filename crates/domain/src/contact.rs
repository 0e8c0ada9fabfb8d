//! How to reach a person: phone numbers and e-mail addresses in their one normalised form, and how each of
//! them came to be known. Reading them out of a text is the crate `contacts`; here they are values.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A phone number: `+` and 7 to 15 digits (E.164), with the extension that is dialled behind it. A number that could not
/// be read for certain carries the text the customer wrote, which is shown instead of it and marked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "StoredPhone")]
pub struct Phone {
    number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_written: Option<String>,
}

/// A number as rows hold it: older ones hold only its digits.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredPhone {
    Digits(String),
    Whole {
        number: String,
        #[serde(default)]
        extension: Option<String>,
        #[serde(default)]
        as_written: Option<String>,
    },
}

impl From<StoredPhone> for Phone {
    fn from(stored: StoredPhone) -> Self {
        let (number, extension, as_written) = match stored {
            StoredPhone::Digits(number) => (number, None, None),
            StoredPhone::Whole {
                number,
                extension,
                as_written,
            } => (number, extension, as_written),
        };
        Self {
            number,
            extension,
            as_written,
        }
    }
}

impl Phone {
    /// Takes a number that is written in full: digits behind a `+`, which Telegram leaves out of contact cards.
    /// Spaces and the like are not part of the form.
    pub fn international(digits: &str) -> Option<Self> {
        let digits = digits.strip_prefix('+').unwrap_or(digits);
        is_of_digits(digits).then(|| Self {
            number: format!("+{digits}"),
            extension: None,
            as_written: None,
        })
    }

    /// Takes a number that may be wrong: what is dialled, with its `+` if the country is known, and how it was written.
    pub fn unconfirmed(number: &str, as_written: &str) -> Option<Self> {
        let words: Vec<&str> = as_written.split_whitespace().collect();
        is_of_digits(number.strip_prefix('+').unwrap_or(number)).then(|| Self {
            number: number.to_owned(),
            extension: None,
            as_written: Some(words.join(" ")),
        })
    }

    /// The same number with what is dialled behind it.
    #[must_use]
    pub fn with_extension(self, extension: &str) -> Self {
        Self {
            extension: Some(extension.to_owned()),
            ..self
        }
    }

    /// `+79123456789`; without its `+` where not even the country is known.
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// What is dialled behind the number, if anything.
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// How the customer wrote a number that may be wrong.
    pub fn as_written(&self) -> Option<&str> {
        self.as_written.as_deref()
    }

    /// `+74951234567;ext=105` (RFC 3966), without its `tel:`.
    pub fn uri(&self) -> String {
        match &self.extension {
            Some(extension) => format!("{};ext={extension}", self.number),
            None => self.number.clone(),
        }
    }

    /// Whether both ring the same line, whatever is known of them beside.
    pub fn is_same(&self, other: &Self) -> bool {
        self.number == other.number
    }

    /// Whether the other is the same line, and nothing is known of it that is not known here.
    pub fn carries(&self, other: &Self) -> bool {
        let has_extension = other.extension.is_some() && self.extension != other.extension;
        let is_confirmed_now = self.as_written.is_some() && other.as_written.is_none();
        self.is_same(other) && !has_extension && !is_confirmed_now
    }

    /// The same number with everything that either of the two knows of it; the newer extension counts.
    #[must_use]
    pub fn joined(self, newer: &Self) -> Self {
        Self {
            extension: newer.extension.clone().or(self.extension),
            as_written: self.as_written.filter(|_| newer.as_written.is_some()),
            ..self
        }
    }
}

fn is_of_digits(digits: &str) -> bool {
    (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)
    }
}

/// An e-mail address whose domain is in lower case; the caller has checked its form (RFC 5321).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Normalises an address that is known to be one.
    pub fn normalised(address: &str) -> Self {
        let address = address.trim();
        Self(match address.rsplit_once('@') {
            Some((local, domain)) => format!("{local}@{}", domain.to_lowercase()),
            None => address.to_owned(),
        })
    }

    /// `anna@example.org`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether the address is surely the one the customer meant: of a valid form, and without letters of another script
    /// among its own, which look alike (`ivаnov@mail.ru` with one Cyrillic letter) and lead to another person's mailbox.
    pub fn is_confirmed(&self) -> bool {
        let Some((local, domain)) = self.0.rsplit_once('@') else {
            return false;
        };
        let Some((_, last)) = domain.rsplit_once('.') else {
            return false;
        };
        let scripts = |text: &str| text.chars().filter_map(Script::of).collect::<BTreeSet<_>>();
        let ending = scripts(last);
        let is_known = !ending.contains(&Script::Cyrillic) || CYRILLIC_ENDINGS.contains(&last);
        let is_latin = ending == BTreeSet::from([Script::Latin]);
        let is_of_ending = |label: &str| match scripts(label) {
            label if is_latin => label.is_subset(&ending),
            label => label.len() <= 1,
        };
        let is_local = local.is_ascii() || !is_latin && scripts(local) == ending;
        let is_plain = !self.0.contains(|c: char| c.is_whitespace() || c == ',');
        let is_dotted = |part: &str| part.split('.').all(|label| !label.is_empty());
        let is_sign = |c: char| c.is_ascii_punctuation() && c != '-' && c != '.';
        let is_of_form = !local.contains('@') && is_dotted(local) && is_dotted(domain) && !domain.contains(is_sign);
        is_plain && is_of_form && is_local && is_known && ending.len() == 1 && domain.split('.').all(is_of_ending)
    }

    /// Whether both are the same mailbox: no major provider distinguishes case before the `@`.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The top-level domains in Cyrillic: "ру" is none.
const CYRILLIC_ENDINGS: &[&str] = &[
    "рф",
    "рус",
    "бел",
    "укр",
    "срб",
    "мкд",
    "мон",
    "қаз",
    "бг",
    "ею",
    "москва",
    "дети",
    "онлайн",
    "сайт",
    "орг",
    "ком",
    "католик",
];

/// Scripts that are distinguished: letters of the first three look the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Other,
}

impl Script {
    /// `None` for what is not a letter.
    fn of(c: char) -> Option<Self> {
        match c {
            _ if !c.is_alphabetic() => None,
            '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => Some(Self::Latin),
            '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => {
                Some(Self::Cyrillic)
            }
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Some(Self::Greek),
            _ => Some(Self::Other),
        }
    }
}

/// The country whose way of writing phone numbers is meant where a number does not say its own: two capital letters
/// (ISO 3166-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// Wraps a code that is known to be one.
    pub fn new(code: impl Into<String>) -> Self {
        Self(code.into())
    }

    /// `RU`.
    pub fn code(&self) -> &str {
        &self.0
    }
}

/// How a contact came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Verified by Telegram as the customer's own number.
    Verified,
    /// The customer wrote it, and the model saved it or the form asked for it.
    Typed,
    /// The service found it in a message; neither the model nor the customer confirmed it.
    Found,
    /// It is on another person's contact card.
    Card,
    /// It is in a message the customer forwarded, which another person wrote.
    Forwarded,
}

/// One way to reach a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// By phone.
    Phone(Phone),
    /// By e-mail.
    Email(Email),
}

impl Reach {
    /// The number, if it is one.
    pub fn into_phone(self) -> Option<Phone> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::Email(_) => None,
        }
    }

    /// The address, if it is one.
    pub fn into_email(self) -> Option<Email> {
        match self {
            Self::Phone(_) => None,
            Self::Email(email) => Some(email),
        }
    }
}

/// A contact that was found in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundContact {
    /// The phone number or e-mail address.
    pub reach: Reach,
    /// Its origin.
    pub origin: Origin,
    /// The name beside it, if any.
    pub name: Option<String>,
    /// When the customer wants to be called, if the words beside it say so.
    pub call_time: Option<String>,
}

#[cfg(test)]
#[path = "contact_tests.rs"]
mod tests;
