//! A letter on its way to the mailer: it is read when it leaves, and what the server finds too large goes once more without
//! its files. What matters must arrive, and the letter says what does not.

use std::time::Duration;

use super::actor::OutboxActor;
use crate::db::messages::LoadLetter;
use crate::mailer::messages::{Files, MailError, SendMail};
use crate::runtime::{Behaviour, Event, Events, Port};

/// Reading a letter that takes longer is tried again later.
const READ_LIMIT: Duration = Duration::from_secs(30);

/// What a letter goes through.
pub(super) struct Post {
    /// DbActor: what it tells.
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
                let event = Event::warn(OutboxActor::NAME, "attachments_left_out").with("delivery", load.delivery);
                self.events.emit(event.with("reason", said));
                self.mail(load, Files::LeftOut).await
            }
            outcome => outcome,
        }
    }

    /// Read anew each time: kept for the second time, a report would be in memory until the first was refused.
    async fn mail(&self, load: LoadLetter, files: Files) -> Result<(), MailError> {
        // A refusal is logged by the reader.
        let Ok(Ok(page)) = self.letter.ask(load, READ_LIMIT).await else {
            return Err(MailError::Transient("not read".into()));
        };
        let page = Box::new(page);
        let answer = self.mail.command(SendMail { page, files }).await;
        // A mailer that panicked may have sent it before.
        answer.unwrap_or(Err(MailError::Unknown("panicked")))
    }
}
