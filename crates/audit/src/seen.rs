//! What happened outside the service: on customers' phones, in owners' mailboxes, at the model.
#![expect(missing_docs, reason = "a chat is a chat, a text a text")]

/// A message of a customer.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The number of its update.
    pub update: i64,
    pub chat: i64,
    pub text: String,
    /// There are no words in it: it may go without a reply of its own.
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

/// Everything, each list in the order in which it happened; and what the run was about.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub said: Vec<Said>,
    pub got: Vec<Got>,
    pub letters: Vec<Letter>,
    /// The input of each request to the model.
    pub asked: Vec<String>,
    /// What the model answered, as a customer would see it, and in whose conversation.
    pub answers: Vec<(Option<i64>, String)>,
    /// Chat and contact (`+79123456789`, an address) of everybody who left one.
    pub contacts: Vec<(i64, String)>,
    /// Who gets letters about leads and reports, in lower case.
    pub owners: Vec<String>,
    /// The reasons for which a message may be ignored.
    pub excused: Vec<&'static str>,
    /// Whether a turn with this message may have this reply, which names none of its messages; `None`: none may.
    pub may_be_nameless: Option<fn(&str, &str) -> bool>,
    /// No chat is sent the same text twice, not even by two rows.
    pub says_once: bool,
}

impl Letter {
    /// What its Message-ID begins with: `lead-7.2`.
    pub(crate) fn name(&self) -> &str {
        let local = self.id.split('@').next().and_then(|local| local.rsplit_once('.'));
        local.map_or("a letter without a name", |(name, _)| name)
    }
}

impl Seen {
    /// The contacts of one customer.
    pub(crate) fn left_by(&self, chat: i64) -> Vec<&String> {
        let own = self.contacts.iter().filter(|(of, _)| *of == chat);
        own.map(|(_, contact)| contact).collect()
    }
}
