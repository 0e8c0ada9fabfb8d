//! The mailer as a value: server, templates and sender of letters. The actor around it decides when to send.

use std::sync::Arc;

use base::{Clock, Event, Events};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use letters::{Files, Letters};
use pages::LetterPage;
use tokio::sync::Mutex;

use super::account::Account;
use super::compose::Sender;
use super::messages::MailError;
use super::smtp::Server;
use super::wire::Mailing;
use crate::config::SmtpConfig;

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
    /// Locked while a letter is on its way in: one login at a time, and one alone while the account is refused.
    account: Mutex<Account>,
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
            account: Mutex::default(),
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
    pub(super) fn write(&self, page: &LetterPage, files: Files, now: DateTime<Utc>) -> Result<Mailing, MailError> {
        let Inner { settings, .. } = self.inner.as_ref();
        let letters = &self.inner.letters;
        let rendered = letters.render(&page.body, files, &settings.business, settings.zone);
        let rendered = rendered.map_err(|error| MailError::Unwritten(error.to_string()))?;
        self.inner.sender.compose(page, rendered, now)
    }

    /// Hands it over: within `SMTP_TIMEOUT` up to its text, ten times that for the text and the last word on it.
    pub(super) async fn deliver(&self, mailing: &Mailing, asker: Asker<'_>) -> Result<(), MailError> {
        let Inner { server, account, .. } = self.inner.as_ref();
        let mut held = account.lock().await;
        held.admit(asker.clock.now())?;
        let ready = match server.ask(mailing).await {
            Ok(ready) => ready,
            Err(error) => return asker.told(held.settle(Err(error), asker.clock.now(), asker.name)),
        };
        // What the account may do is known of a letter that was taken, and the others wait until then.
        let probing = held.is_held().then_some(held);
        let outcome = server.hand_over(ready, mailing).await;
        let mut held = match (probing, &outcome) {
            (Some(probing), _) => probing,
            (None, Err(MailError::Account(_))) => account.lock().await,
            (None, _) => return outcome,
        };
        asker.told(held.settle(outcome, asker.clock.now(), asker.name))
    }
}

/// On whose behalf a letter is handed over.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) name: &'static str,
    pub(super) clock: &'a Clock,
    pub(super) events: &'a Events,
}

impl Asker<'_> {
    fn told(&self, (outcome, event): (Result<(), MailError>, Option<Event>)) -> Result<(), MailError> {
        if let Some(event) = event {
            self.events.emit(event);
        }
        outcome
    }
}
