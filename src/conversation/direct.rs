//! What is answered without the model: commands, media, the customer's own contact card, a tap on the button that
//! says he would rather write.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Body, Command, Keyboard, Language};
use store::{Customer, ReplyKind, ThreadUpdate, WaitingRow};
use wording::phrases::{Phrase, Phrases};

/// What is understood is told at most once in this time.
const HINT_PAUSE: TimeDelta = TimeDelta::minutes(1);

/// What was said of late about media.
#[derive(Debug, Clone, Default)]
pub(super) struct MediaHint {
    /// When the customer was told what is understood.
    pub(super) at: Option<DateTime<Utc>>,
    /// The album whose first part has been answered.
    pub(super) album: Option<String>,
}

/// What is known when a row is answered directly.
pub(super) struct Situation<'a> {
    pub(super) phrases: &'a Phrases,
    pub(super) business: &'a str,
    pub(super) language: Language,
    pub(super) customer: &'a Customer,
    pub(super) media: &'a MediaHint,
    pub(super) now: DateTime<Utc>,
}

/// A direct answer; no text is silence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DirectAnswer {
    pub(super) text: Option<(String, ReplyKind)>,
    pub(super) keyboard: Option<Keyboard>,
    pub(super) thread: ThreadUpdate,
}

/// Whether a text is a tap on the button beside the contact button.
pub(super) fn is_write_button(phrases: &Phrases, text: &str) -> bool {
    Language::ALL
        .into_iter()
        .any(|language| phrases.say(language, Phrase::ContactWriteButton) == text)
}

impl Situation<'_> {
    /// The answer to a row the model is not asked about.
    pub(super) fn answer(&self, row: &WaitingRow) -> DirectAnswer {
        match &row.message.body {
            Body::Command(command) => self.command(command),
            Body::Contact(_) => self.service(Phrase::ContactThanks {
                name: Some(&self.customer.profile.first_name),
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
        let business = self.business;
        match command {
            Command::Start { .. } if self.customer.is_greeted => self.service(Phrase::GreetingAgain { business }),
            Command::Start { .. } => {
                let name = Some(self.customer.profile.first_name.as_str());
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
        let is_told = self.media.at.is_some_and(|at| self.now - at < HINT_PAUSE);
        let is_rest_of_album = row.message.album.is_some() && row.message.album == self.media.album;
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
        self.phrases.say(self.language, phrase)
    }
}
