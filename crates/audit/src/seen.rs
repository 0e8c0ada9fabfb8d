//! What the far sides saw: customers' chats, owners' mailboxes, the model.
#![expect(missing_docs, reason = "a chat is a chat, a text a text")]

/// A message of a customer.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The number of its update.
    pub update: i64,
    pub chat: i64,
    pub text: String,
    /// It has no text and may have no reply of its own.
    pub is_wordless: bool,
}

/// A message that reached a customer.
#[derive(Debug, Clone, Default)]
pub struct Got {
    pub chat: i64,
    /// Its id in this chat.
    pub message: i64,
    pub text: String,
}

/// A letter that reached a mailbox.
#[derive(Debug, Clone, Default)]
pub struct Letter {
    /// In lower case.
    pub address: String,
    /// Its Message-ID, without the angle brackets: `lead-7.2.INSTALLATION@DOMAIN`.
    pub id: String,
    /// The plain part.
    pub text: String,
}

/// Everything seen, each list in order, and the rules of the run.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub said: Vec<Said>,
    pub got: Vec<Got>,
    pub letters: Vec<Letter>,
    /// The input of each request to the model.
    pub asked: Vec<String>,
    /// The model's answers as a customer would see them, each with the chat of its conversation.
    pub answers: Vec<(Option<i64>, String)>,
    /// Contacts that customers left: chat, and number (`+79123456789`) or address.
    pub contacts: Vec<(i64, String)>,
    /// Addresses that get leads and reports, in lower case.
    pub owners: Vec<String>,
    /// Reasons that allow a message to be ignored.
    pub excused: Vec<&'static str>,
    /// Whether a turn with this message may have this reply, which names none of its messages. `None`: never.
    pub may_be_nameless: Option<fn(&str, &str) -> bool>,
    /// No two rows send the same text to a chat.
    pub says_once: bool,
}

impl Letter {
    /// The beginning of its Message-ID: `lead-7.2`.
    pub(crate) fn name(&self) -> &str {
        let local = self.id.split('@').next().and_then(|local| local.rsplit_once('.'));
        local.map_or("a letter without a name", |(name, _)| name)
    }
}

impl Seen {
    pub(crate) fn left_by(&self, chat: i64) -> Vec<&String> {
        let own = self.contacts.iter().filter(|(of, _)| *of == chat);
        own.map(|(_, contact)| contact).collect()
    }
}
