//! How somebody can be reached: phone numbers and e-mail addresses in their one normalised form, and how each of
//! them came to be known. Reading them out of a text is `text::contacts`; here they are values.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A phone number in the form of E.164: `+` and 7 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Takes a number that is written in full: digits behind a `+`, which Telegram leaves out of contact cards.
    /// Spaces and the like are not part of the form.
    pub fn international(digits: &str) -> Option<Self> {
        let digits = digits.strip_prefix('+').unwrap_or(digits);
        let is_one = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        is_one.then(|| Self(format!("+{digits}")))
    }

    /// `+79123456789`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An e-mail address whose domain is in lower case; whoever makes one has checked its form (RFC 5321).
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

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether both lead to the same mailbox: no provider of note tells upper from lower case before the `@`.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
    /// Telegram vouches that the number is the customer's own.
    Verified,
    /// The customer wrote it, and the model took it for his, or he did so in answer to the form.
    Typed,
    /// The service found it in his words; nobody else has looked at it.
    Found,
    /// It stands on another person's contact card.
    Card,
    /// It stands in words the customer forwarded, which are somebody else's.
    Forwarded,
}

/// One way to reach somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// By phone.
    Phone(Phone),
    /// By e-mail.
    Email(Email),
}

/// A contact that was found in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundContact {
    /// The way to reach him.
    pub reach: Reach,
    /// How it is known.
    pub origin: Origin,
    /// The name that stood with it, if any.
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_its_plus_gets_one() {
        assert_eq!(Phone::international("79123456789").unwrap().as_str(), "+79123456789");
        assert_eq!(Phone::international("+79123456789").unwrap().as_str(), "+79123456789");
        for text in ["", "+", "123456", "+7912345678901234", "+7 912", "7912x56789"] {
            assert_eq!(Phone::international(text), None, "{text}");
        }
    }

    #[test]
    fn an_address_is_the_same_in_any_case() {
        let address = Email::normalised(" Anna@Example.ORG ");
        assert_eq!(address.as_str(), "Anna@example.org");
        assert_eq!(address.domain(), "example.org");
        assert!(address.is_same(&Email::normalised("anna@example.org")));
    }
}
