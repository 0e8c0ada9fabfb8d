//! What a delivery carries, and by which channel. A new channel is a variant of [`Way`] and one of [`Payload`].

use std::ops::{Index, IndexMut};

use domain::{ChatId, Email, LeadId, Letter, OutgoingMessage};
use serde::{Deserialize, Serialize};

/// The channels. Each has a courier and limits in the outbox, and lanes that begin with its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// Messages to chats, through Telegram.
    Chat,
    /// Letters, through the mail server.
    Mail,
}

// Lanes begin with the word, before a colon.
base::words! { Way {
    Chat = "tg",
    Mail = "mail",
} }

impl Way {
    /// The channel of a lane. An unknown word counts as the chat channel, so that every row belongs to a channel.
    pub fn of_lane(lane: &str) -> Self {
        let word = lane.split(':').next();
        word.and_then(Self::from_word).unwrap_or(Self::Chat)
    }
}

/// One value for each channel.
#[derive(Debug, Clone)]
pub struct EachWay<T>([T; Way::ALL.len()]);

const _: () = {
    let mut n = 0;
    while n < Way::ALL.len() {
        assert!(
            Way::ALL[n] as usize == n,
            "EachWay needs the words in the order of the variants"
        );
        n += 1;
    }
};

impl<T> EachWay<T> {
    /// Calls `make` for each channel.
    pub fn of(make: impl FnMut(Way) -> T) -> Self {
        Self(Way::ALL.map(make))
    }
}

impl<T> Index<Way> for EachWay<T> {
    type Output = T;

    fn index(&self, way: Way) -> &T {
        &self.0[way as usize]
    }
}

impl<T> IndexMut<Way> for EachWay<T> {
    fn index_mut(&mut self, way: Way) -> &mut T {
        &mut self.0[way as usize]
    }
}

/// An order of delivery: within one lane the oldest unfinished row leaves first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(pub String);

impl Lane {
    /// The lane of everything that is sent to one chat.
    pub fn chat(chat: ChatId) -> Self {
        Self(format!("{}:{chat}", Way::Chat.word()))
    }

    /// The lane of the letters about one lead to one address.
    pub fn lead(lead: LeadId, to: &Email) -> Self {
        Self(format!("mail:{to}:lead:{lead}"))
    }

    /// The lane of letters about several leads.
    pub fn leads(to: &Email) -> Self {
        Self(format!("mail:{to}:leads"))
    }

    /// The lane of reports.
    pub fn reports(to: &Email) -> Self {
        Self(format!("mail:{to}:report"))
    }

    /// The lane of alerts.
    pub fn alerts(to: &Email) -> Self {
        Self(format!("mail:{to}:alerts"))
    }
}

/// What a delivery carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A message to the chat.
    Message(OutgoingMessage),
    /// The bot leaves the chat: it serves private chats only.
    LeaveChat,
    /// A letter.
    Letter {
        /// The one address it goes to.
        to: Email,
        /// What it is about.
        letter: Letter,
    },
}

/// What a chat gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToChat<'a> {
    /// A message.
    Message(&'a OutgoingMessage),
    /// Nothing more: the bot leaves.
    Leave,
}

impl Payload {
    pub(crate) fn by_mail(to: &Email, letter: Letter) -> Self {
        Self::Letter { to: to.clone(), letter }
    }

    /// Its channel.
    pub const fn way(&self) -> Way {
        match self {
            Self::Message(_) | Self::LeaveChat => Way::Chat,
            Self::Letter { .. } => Way::Mail,
        }
    }

    /// What the chat gets; `None` for a letter.
    pub const fn to_chat(&self) -> Option<ToChat<'_>> {
        match self {
            Self::Message(message) => Some(ToChat::Message(message)),
            Self::LeaveChat => Some(ToChat::Leave),
            Self::Letter { .. } => None,
        }
    }

    /// The letter to an owner or operator, if it is one.
    pub const fn letter(&self) -> Option<&Letter> {
        match self {
            Self::Message(_) | Self::LeaveChat => None,
            Self::Letter { letter, .. } => Some(letter),
        }
    }

    /// The letter, for adding new facts to it.
    pub(crate) const fn letter_mut(&mut self) -> Option<&mut Letter> {
        match self {
            Self::Message(_) | Self::LeaveChat => None,
            Self::Letter { letter, .. } => Some(letter),
        }
    }

    /// The address of a letter by mail.
    pub const fn address(&self) -> Option<&Email> {
        match self {
            Self::Message(_) | Self::LeaveChat => None,
            Self::Letter { to, .. } => Some(to),
        }
    }
}
