//! What a customer sent, free of Telegram's types: text, a command, media, a contact card. From here come
//! the two readings of it: the transcript that is stored and shown to the owner, and the text for the model.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One message of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerMessage {
    /// What it holds.
    pub body: Body,
    /// The words behind `/reset` as the edge read them; stored, they are a separate message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind_command: Option<String>,
    /// The quoted message, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The text is forwarded from another author.
    #[serde(default)]
    pub is_forwarded: bool,
    /// The album it belongs to (`media_group_id`); all parts of an album are one message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// When it was sent, by Telegram's clock: earlier than the poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
}

/// The content of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Plain text; goes to the assistant.
    Text(String),
    /// A bot command; answered without the model.
    Command(Command),
    /// Something that is stored but not understood; its caption counts as text.
    Media(Media),
    /// A contact card.
    Contact(SharedContact),
}

/// The bot commands. None of these calls the model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// `/start`, with the deep-link payload if there was one.
    Start {
        /// The payload after `?start=` in the link.
        payload: Option<String>,
    },
    /// `/help`.
    Help,
    /// `/reset`: a new thread.
    Reset,
    /// `/contact`: shows the contact button.
    Contact,
    /// `/privacy`.
    Privacy,
    /// Anything else that begins with a slash.
    Unknown {
        /// As it was written, without the slash.
        name: String,
    },
}

/// The kinds of media that are named in a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are Telegram's own and say all there is")]
pub enum MediaKind {
    Photo,
    Voice,
    Audio,
    Video,
    VideoNote,
    Sticker,
    Animation,
    Document,
    Location,
    Other,
}

/// The word that a shared contact has in a transcript.
pub const CONTACT_LABEL: &str = "contact";

// The word used in a transcript.
base::words! { MediaKind {
    Photo = "photo",
    Voice = "voice",
    Audio = "audio",
    Video = "video",
    VideoNote = "video note",
    Sticker = "sticker",
    Animation = "animation",
    Document = "document",
    Location = "location",
    Other = "attachment",
} }

/// A message that is more than text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Details: `0:12`, a file name, a sticker's emoji, coordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Its caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
}

impl Media {
    /// `[voice 0:12]`.
    pub fn label(&self) -> String {
        match &self.detail {
            Some(detail) => format!("[{} {detail}]", self.kind.word()),
            None => format!("[{}]", self.kind.word()),
        }
    }
}

/// A contact card, of the customer or of another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedContact {
    /// As Telegram gave it.
    pub phone: String,
    /// The name on the card.
    pub name: String,
    /// `contact.user_id == from.id`: Telegram vouches that the number is the sender's.
    pub is_own: bool,
    /// The card is that of a Telegram account (`contact.user_id`), so its number is international, and no entry of an
    /// address book.
    #[serde(default)]
    pub is_account: bool,
    /// Further numbers of the entry in an address book, as it has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<String>,
    /// And its e-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
}

impl SharedContact {
    /// The number with the plus that Telegram leaves out of an account's.
    fn number(&self) -> String {
        let is_bare = self.is_account && self.phone.bytes().all(|b| b.is_ascii_digit()) && self.phone.len() > 6;
        match is_bare {
            true => format!("+{}", self.phone),
            false => self.phone.clone(),
        }
    }

    /// All its numbers, as the card has them.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.phone).chain(&self.further).map(String::as_str)
    }

    /// All numbers and addresses on the card, in one line.
    fn reaches(&self) -> String {
        let more = self.further.iter().chain(&self.emails).cloned();
        let all: Vec<String> = std::iter::once(self.number()).chain(more).collect();
        all.join(", ")
    }
}

impl CustomerMessage {
    /// A message of text only.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            body: Body::Text(text.into()),
            behind_command: None,
            quote: None,
            is_forwarded: false,
            album: None,
            sent_at: None,
        }
    }

    /// The transcript: stored in `dialogs` and shown to the owner.
    pub fn transcript(&self) -> String {
        match &self.body {
            Body::Text(text) => text.clone(),
            Body::Command(command) => match &self.behind_command {
                Some(words) => format!("{} {words}", command.as_typed()),
                None => command.as_typed(),
            },
            Body::Media(media) => match &media.caption {
                Some(caption) => format!("{} {caption}", media.label()),
                None => media.label(),
            },
            Body::Contact(card) => format!("[{CONTACT_LABEL} {}, {}]", card.name, card.reaches()),
        }
    }

    /// The text for the model, or `None` if the model is not called. The customer's own card is not sent: a verified phone
    /// never goes to OpenAI.
    pub fn for_model(&self) -> Option<String> {
        let text = match &self.body {
            Body::Text(text) => text.clone(),
            Body::Media(media) => format!("{} {}", media.label(), media.caption.as_ref()?),
            Body::Contact(card) if !card.is_own => format!("[contact card of {}: {}]", card.name, card.reaches()),
            Body::Command(_) | Body::Contact(_) => return None,
        };
        let text = if self.is_forwarded {
            format!("[forwarded] {text}")
        } else {
            text
        };
        Some(match &self.quote {
            Some(quote) => format!("[in reply to: \"{quote}\"]\n{text}"),
            None => text,
        })
    }

    /// Whether the assistant answers it.
    pub fn is_for_model(&self) -> bool {
        match &self.body {
            Body::Text(_) => true,
            Body::Media(media) => media.caption.is_some(),
            Body::Contact(card) => !card.is_own,
            Body::Command(_) => false,
        }
    }
}

/// The bracketed label of a non-text message in a transcript, and the words behind it: `[voice 0:12]`, `[photo] вот кухня`.
pub fn split_label(transcript: &str) -> Option<(&str, &str)> {
    let inner = transcript.strip_prefix('[')?;
    // A name on a card may itself contain brackets.
    let is_card = inner.starts_with(CONTACT_LABEL);
    let (label, behind) = match is_card {
        true => inner.rsplit_once(']'),
        false => inner.split_once(']'),
    }?;
    let has_word = |word: &str| {
        let detail = label.strip_prefix(word);
        detail.is_some_and(|detail| detail.is_empty() || detail.starts_with(' '))
    };
    let is_known =
        has_word(CONTACT_LABEL) && label.contains(", ") || MediaKind::ALL.iter().any(|kind| has_word(kind.word()));
    is_known.then_some((label, behind))
}

impl Command {
    /// The command as the customer typed it.
    pub fn as_typed(&self) -> String {
        match self {
            Self::Start { payload: Some(payload) } => format!("/start {payload}"),
            Self::Start { payload: None } => "/start".into(),
            Self::Help => "/help".into(),
            Self::Reset => "/reset".into(),
            Self::Contact => "/contact".into(),
            Self::Privacy => "/privacy".into(),
            Self::Unknown { name } => format!("/{name}"),
        }
    }
}
