//! The mailer as a value: where letters go, how they look, whose they are. The actor around it decides when.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::compose::Sender;
use super::letters::Letters;
use super::messages::MailError;
use super::smtp::{Mailing, Server};
use crate::config::SmtpConfig;
use crate::domain::LetterPage;

/// What letters are written with, beside their page.
#[derive(Debug, Clone)]
pub struct Settings {
    /// This installation's own text; part of each Message-ID.
    pub installation: String,
    /// The zone of all times in letters.
    pub zone: Tz,
    /// `BUSINESS_NAME`, or the bot's own name.
    pub business: String,
    /// Connections to the server at a time. Beyond them letters wait in the actor.
    pub connections: usize,
}

/// Writes letters and hands them over. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    server: Server,
    sender: Sender,
    letters: Letters,
    settings: Settings,
}

impl Mailer {
    /// A mailer over that server. Nothing is connected yet.
    ///
    /// # Errors
    /// [`MailError::Configuration`]: `SMTP_HOST` or `SMTP_FROM` cannot be used.
    pub fn new(smtp: &SmtpConfig, letters: Letters, settings: Settings) -> Result<Self, MailError> {
        let inner = Inner {
            server: Server::new(smtp)?,
            sender: Sender::new(smtp, &settings.installation)?,
            letters,
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(super) fn connections(&self) -> usize {
        self.inner.settings.connections
    }

    /// Writes the letter. Work for a thread that may be held up.
    pub(super) fn write(&self, page: &LetterPage, now: DateTime<Utc>) -> Result<Mailing, MailError> {
        let Inner { settings, .. } = self.inner.as_ref();
        let rendered = self.inner.letters.render(&page.body, &settings.business, settings.zone);
        let rendered = rendered.map_err(|error| MailError::Configuration(error.to_string()))?;
        self.inner.sender.compose(page, &rendered, now)
    }

    /// Hands it over: within `SMTP_TIMEOUT` up to its text, ten times that for the text and the last word on it.
    pub(super) async fn deliver(&self, mailing: &Mailing) -> Result<(), MailError> {
        self.inner.server.deliver(mailing).await
    }
}
