//! One attempt to send a letter: load its page, hand it to the mailer, and retry without attachments if the server rejects the size.
//! The letter then says which files are missing.

use std::time::Duration;

use base::{Event, Events};
use letters::Files;

use super::events::NAME;
use crate::db::messages::LoadLetter;
use crate::mailer::messages::{MailError, SendMail};
use crate::runtime::Port;

/// Reading a letter that takes longer is tried again later.
const READ_LIMIT: Duration = Duration::from_secs(30);

/// The actors a letter passes through.
pub(super) struct Post {
    /// DbActor: the page of the letter.
    pub(super) letter: Port<LoadLetter>,
    /// MailerActor.
    pub(super) mail: Port<SendMail>,
    pub(super) events: Events,
}

impl Post {
    /// One attempt.
    pub(super) async fn hand_over(&self, load: LoadLetter) -> Result<(), MailError> {
        match self.mail(load.clone(), Files::Attached).await {
            Err(MailError::TooLarge(said)) => {
                let event = Event::warn(NAME, "attachments_left_out").with("delivery", load.delivery);
                self.events.emit(event.with("reason", said));
                self.mail(load, Files::LeftOut).await
            }
            outcome => outcome,
        }
    }

    /// Loads the page for each attempt: a report kept for the retry would stay in memory until the server answers.
    async fn mail(&self, load: LoadLetter, files: Files) -> Result<(), MailError> {
        // DbActor logs a refused read.
        let Ok(Ok(page)) = self.letter.ask(load, READ_LIMIT).await else {
            return Err(MailError::Transient("not read".into()));
        };
        let page = Box::new(page);
        let answer = self.mail.command(SendMail { page, files }).await;
        // A mailer that panicked may have sent it before.
        answer.unwrap_or(Err(MailError::Unknown("panicked")))
    }
}
