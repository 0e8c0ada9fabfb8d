//! Answers without the model: to commands, media, the customer's own contact card, and a tap on the button for writing
//! instead of sharing a contact.

use chrono::TimeDelta;
use domain::{Body, Command, Keyboard};
use store::{ReplyKind, ThreadUpdate, WaitingRow};
use wording::phrases::Phrase;

use super::chat::Chat;
use super::shared::Shared;

/// The shortest time between two hints about unsupported media.
const HINT_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// The context of a direct answer.
pub(super) struct Situation<'a> {
    pub(super) shared: &'a Shared,
    pub(super) chat: &'a Chat,
}

/// A direct answer; without a text nothing is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DirectAnswer {
    pub(super) text: Option<(String, ReplyKind)>,
    pub(super) keyboard: Option<Keyboard>,
    pub(super) thread: ThreadUpdate,
}

impl Situation<'_> {
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
        let is_recent = self
            .chat
            .media
            .at
            .is_some_and(|at| self.shared.runtime.clock.now() - at < HINT_PAUSE);
        let is_rest_of_album = row.message.album.is_some() && row.message.album == self.chat.media.album;
        !is_recent && !is_rest_of_album
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
