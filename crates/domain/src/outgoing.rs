//! What leaves towards a customer: plain text with styled spans (Telegram's entities, without their type),
//! a keyboard, a quotation. Offsets count UTF-16 code units, as the Bot API does (MessageEntity).

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::MessageId;

/// Text with its styled spans.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The text as the customer reads it.
    pub text: String,
    /// Its styled parts, ordered by offset, the outer before the inner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
}

impl Reply {
    /// Text without any style.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            spans: Vec::new(),
        }
    }
}

/// A styled part of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Where it begins, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units; never 0.
    pub length: usize,
    /// How it looks.
    pub style: Style,
}

/// How a span looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are those of the Bot API's entity types")]
pub enum Style {
    Bold,
    Italic,
    Strikethrough,
    Code,
    Pre { language: Option<String> },
    Blockquote,
    Link { url: String },
}

/// The keyboard under the text field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keyboard {
    /// The contact button and, beside it, the promise that typing works too.
    Contact {
        /// Label of the button that shares the customer's own number.
        share: String,
        /// Label of the button that does not.
        write: String,
    },
    /// Takes an earlier keyboard away.
    Remove,
}

/// The question a message answers, for replies that come late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The customer's message.
    pub message: MessageId,
    /// When it was sent.
    pub asked_at: DateTime<Utc>,
    /// The apology at the beginning of a late reply, in the customer's language.
    pub apology: String,
}

/// One message to one chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutgoingMessage {
    /// Text and spans, at most 4096 UTF-16 units and 100 spans together with an apology.
    pub reply: Reply,
    /// The keyboard that comes or goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyboard: Option<Keyboard>,
    /// What it answers; only on the first part of a reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// The message it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<MessageId>,
}

/// A reply later than this quotes its question and begins with an apology.
const LATE: TimeDelta = TimeDelta::minutes(10);

impl OutgoingMessage {
    /// A text without style, keyboard or quotation.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::from(Reply::plain(text))
    }

    /// The message as it has to leave at `now`: late, it quotes its question and begins with an apology.
    pub fn leaving_at(mut self, now: DateTime<Utc>) -> Self {
        let Some(answers) = self.answers.take() else {
            return self;
        };
        if now - answers.asked_at <= LATE {
            return self;
        }
        let shift = answers.apology.encode_utf16().count() + 1;
        self.reply.text = format!("{}\n{}", answers.apology, self.reply.text);
        for span in &mut self.reply.spans {
            span.offset += shift;
        }
        self.quotes = Some(answers.message);
        self
    }
}

impl From<Reply> for OutgoingMessage {
    fn from(reply: Reply) -> Self {
        Self {
            reply,
            keyboard: None,
            answers: None,
            quotes: None,
        }
    }
}
