//! What is answered without the model: commands, media, the customer's own contact card, a tap on the button that
//! says he would rather write.

use chrono::TimeDelta;
use domain::{Body, Command, Keyboard};
use store::{ReplyKind, ThreadUpdate, WaitingRow};
use wording::phrases::Phrase;

use super::chat::Chat;
use super::shared::Shared;

/// What is understood is told at most once in this time.
const HINT_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// What is known when a row is answered directly.
pub(super) struct Situation<'a> {
    pub(super) shared: &'a Shared,
    pub(super) chat: &'a Chat,
}

/// A direct answer; no text is silence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DirectAnswer {
    pub(super) text: Option<(String, ReplyKind)>,
    pub(super) keyboard: Option<Keyboard>,
    pub(super) thread: ThreadUpdate,
}

impl Situation<'_> {
    /// The answer to a row the model is not asked about.
    pub(super) fn answer(&self, row: &WaitingRow) -> DirectAnswer {
        match &row.message.body {
            Body::Command(command) => self.command(command),
            Body::Contact(_) => self.service(Phrase::ContactThanks {
                name: Some(&self.chat.customer.profile.first_name),
            }),
            Body::Media(_) if self.is_hint_due(row) => self.say(Phrase::MediaHint, ReplyKind::MediaHint),
            Body::Media(_) => DirectAnswer {
                text: None,
                keyboard: None,
                thread: ThreadUpdate::Keep,
            },
            Body::Text(_) => self.service(Phrase::ContactWriteHint),
        }
    }

    fn command(&self, command: &Command) -> DirectAnswer {
        let business = self.shared.business.as_str();
        match command {
            Command::Start { .. } if self.chat.customer.is_greeted => self.service(Phrase::GreetingAgain { business }),
            Command::Start { .. } => {
                let name = Some(self.chat.customer.profile.first_name.as_str());
                self.say(Phrase::Greeting { business, name }, ReplyKind::Greeting)
            }
            Command::Help => self.service(Phrase::Help),
            Command::Privacy => self.service(Phrase::Privacy { business }),
            Command::Unknown { .. } => self.service(Phrase::UnknownCommand),
            Command::Contact => DirectAnswer {
                keyboard: Some(Keyboard::Contact {
                    share: self.phrase(Phrase::ContactShareButton),
                    write: self.phrase(Phrase::ContactWriteButton),
                }),
                ..self.service(Phrase::ContactAsk)
            },
            Command::Reset => DirectAnswer {
                thread: ThreadUpdate::Reset,
                ..self.service(Phrase::ResetDone)
            },
        }
    }

    fn is_hint_due(&self, row: &WaitingRow) -> bool {
        let is_told = self
            .chat
            .media
            .at
            .is_some_and(|at| self.shared.runtime.clock.now() - at < HINT_PAUSE);
        let is_rest_of_album = row.message.album.is_some() && row.message.album == self.chat.media.album;
        !is_told && !is_rest_of_album
    }

    fn service(&self, phrase: Phrase<'_>) -> DirectAnswer {
        self.say(phrase, ReplyKind::Service)
    }

    fn say(&self, phrase: Phrase<'_>, kind: ReplyKind) -> DirectAnswer {
        DirectAnswer {
            text: Some((self.phrase(phrase), kind)),
            keyboard: None,
            thread: ThreadUpdate::Keep,
        }
    }

    fn phrase(&self, phrase: Phrase<'_>) -> String {
        self.shared
            .phrases
            .say(self.chat.language(self.shared.language), phrase)
    }
}
