//! What the edge to the mail server accepts, in domain types.

use chrono::{DateTime, Utc};
use letters::Files;
use pages::LetterPage;

use crate::runtime::requests;

requests! {
    SendMail => Result<(), MailError>,
}

/// Sends one letter in a single attempt; the outbox decides about retries.
#[derive(Debug, Clone)]
pub struct SendMail {
    /// The letter, to one recipient.
    pub page: Box<LetterPage>,
    /// With its files, unless the server has refused it for them.
    pub files: Files,
}

/// Why the server does not have a letter, sorted by the possible remedy. Never contains a password, an address or
/// a customer's words: of the server's own, only a short piece of its refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Certainly not accepted, but may be later: no connection, 4xx, or disconnected before the letter was sent.
    #[error("not sent ({0})")]
    Transient(String),
    /// Time-out, cut or garbage after the letter was handed over: the server may have it.
    #[error("outcome unknown ({0})")]
    Unknown(&'static str),
    /// 5xx about this recipient or this letter: the same server may accept it hours later.
    #[error("refused: {0}")]
    Refused(String),
    /// 5xx about the size of this letter or about its files: the same server may accept it without them.
    #[error("refused as too large: {0}")]
    TooLarge(String),
    /// The account may not or cannot write to this recipient until a setting or a rule of the server changes.
    #[error("cannot be sent as configured: {0}")]
    Configuration(String),
    /// The server refuses us rather than the letter: login, STARTTLS, certificate, sender. No other letter would fare better.
    #[error("cannot be sent as configured: {0}")]
    Account(String),
    /// Not tried: the account was refused, and is tried again then.
    #[error("held: {reason}")]
    Held {
        /// Why the account was refused.
        reason: String,
        /// When the next letter asks again.
        until: DateTime<Utc>,
    },
    /// A template fails on this letter.
    #[error("cannot be written: {0}")]
    Unwritten(String),
}
