//! Two hundred customers, each with his own chat: they write when they feel like it, but not on and on to somebody who
//! does not answer.

use std::collections::BTreeMap;

use fastrand::Rng;
use sandbox::{Entry, Event, Sandbox};

use super::clerk::{GAP, LONG, NUMBER};

/// How many there are; their chats are numbered from 1.
pub(super) const CUSTOMERS: i64 = 200;
/// How many messages a customer writes before he waits for an answer.
const UNANSWERED: u32 = 3;
/// One customer in so many leaves his number.
const LEAVES_NUMBER: i64 = 2;

/// Which message of which customer, both from 1.
pub(super) type Name = (u32, i64);

/// The messages that a text names.
pub(super) fn names(text: &str) -> Vec<Name> {
    let mut found = Vec::new();
    for part in text.split("message ").skip(1) {
        let (count, rest) = leading_digits(part);
        let Some(rest) = rest.strip_prefix(" of customer ") else {
            continue;
        };
        if let (Ok(count), Ok(chat)) = (count.parse(), leading_digits(rest).0.parse()) {
            found.push((count, chat));
        }
    }
    found
}

fn leading_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// What a customer wrote.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) chat: i64,
    pub(super) update: i64,
    pub(super) text: String,
    /// How its answer names it; a command is not named.
    pub(super) name: Option<Name>,
}

/// The customers and what they wrote.
pub(super) struct Customers {
    dice: Rng,
    sandbox: Sandbox,
    read: u64,
    unanswered: BTreeMap<i64, u32>,
    count: BTreeMap<i64, u32>,
    /// The number each of them left.
    pub(super) numbers: BTreeMap<i64, String>,
    /// Everything, in order.
    pub(super) said: Vec<Message>,
}

impl Customers {
    pub(super) fn new(sandbox: &Sandbox, seed: u64) -> Self {
        Self {
            dice: Rng::with_seed(seed),
            sandbox: sandbox.clone(),
            read: 0,
            unanswered: BTreeMap::new(),
            count: BTreeMap::new(),
            numbers: BTreeMap::new(),
            said: Vec::new(),
        }
    }

    /// One of them writes, unless he waits for an answer.
    pub(super) fn somebody_writes(&mut self) {
        let chat = self.dice.i64(1..=CUSTOMERS);
        let unanswered = self.unanswered.entry(chat).or_default();
        if *unanswered >= UNANSWERED {
            return;
        }
        *unanswered += 1;
        let count = self.count.entry(chat).or_default();
        *count += 1;
        let named = Some((*count, chat));
        let name = format!("message {count} of customer {chat}");
        let (text, name) = match self.dice.u32(0..100) {
            0..=1 => ("/help".to_owned(), None),
            2 => ("/reset".to_owned(), None),
            3..=8 => (format!("{LONG}, {name}"), named),
            9..=13 => (format!("{GAP}, {name}"), named),
            14..=30 if chat % LEAVES_NUMBER == 0 && !self.numbers.contains_key(&chat) => {
                let number = format!("8 912 {chat:03}-{:02}-{:02}", chat % 100, 99 - chat % 100);
                self.numbers.insert(chat, number.clone());
                (format!("{NUMBER}{number}, {name}"), named)
            }
            _ => (format!("сколько стоит, {name}?"), named),
        };
        let update = self.sandbox.telegram().say(chat, &text).update_id;
        self.said.push(Message {
            chat,
            update,
            text,
            name,
        });
    }

    /// Reads what they were answered meanwhile; the new entries of the journal.
    pub(super) fn listen(&mut self) -> Vec<Entry> {
        let entries = self.sandbox.journal().entries_since(self.read);
        for entry in &entries {
            self.read = entry.n;
            if let Event::MessageDelivered { chat, .. } = entry.event {
                self.unanswered.insert(chat, 0);
            }
        }
        entries
    }
}
