//! A letter for the command line, rendered without sending it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use letters::{Files, Letters};
use pages::LetterPage;

use super::compose::Sender;
use super::messages::MailError;
use crate::config::SmtpConfig;

/// A letter as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its subject.
    pub subject: String,
    /// Its plain text.
    pub text: String,
    /// Its HTML, styles inside.
    pub html: String,
    /// The whole message with its attachments (RFC 5322).
    pub message: Vec<u8>,
}

/// Writes the letter without a server. Where none is configured, the letter is from its own recipient. Takes as long as
/// its tables are: not for an actor's own thread.
///
/// # Errors
/// [`MailError::Configuration`]: an address that is none; [`MailError::Unwritten`]: a template that fails on this page.
pub fn draft(
    page: &LetterPage,
    letters: &Letters,
    business: &str,
    zone: Tz,
    sender: Option<&SmtpConfig>,
    installation: &str,
    now: DateTime<Utc>,
) -> Result<Draft, MailError> {
    let sender = match sender {
        Some(smtp) => Sender::new(smtp, installation)?,
        None => Sender::named(None, &page.to, installation)?,
    };
    let rendered = letters.render(&page.body, Files::Attached, business, zone);
    let rendered = rendered.map_err(|error| MailError::Unwritten(error.to_string()))?;
    let [subject, text, html] = [&rendered.subject, &rendered.text, &rendered.html].map(String::clone);
    Ok(Draft {
        message: sender.compose(page, rendered, now)?.to_bytes(),
        subject,
        text,
        html,
    })
}
