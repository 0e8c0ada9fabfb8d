//! Two hundred customers, each in their own chat: they write at random times, but wait while too many messages are unanswered.

use std::collections::BTreeMap;

use audit::Said;
use fastrand::Rng;
use sandbox::{Entry, Event, Sandbox};
use serde_json::json;

use super::faults::Met;
use super::script::{GAP, LONG, NUMBER};

/// Number of customers; their chats are numbered from 1.
pub(super) const CUSTOMERS: i64 = 200;
/// Maximum number of unanswered messages of a customer.
const UNANSWERED: u32 = 3;
/// The stored text of an unknown kind of message.
const UNKNOWN: &str = "[attachment]";
/// One customer in this many leaves a number.
const LEAVES_NUMBER: i64 = 2;

/// The customers and what they wrote.
pub(super) struct Customers {
    dice: Rng,
    sandbox: Sandbox,
    read: u64,
    unanswered: BTreeMap<i64, u32>,
    count: BTreeMap<i64, u32>,
    /// The number each of them left, with its country.
    pub(super) numbers: BTreeMap<i64, String>,
    /// Everything, in order.
    pub(super) said: Vec<Said>,
    /// Messages in a form newer than the service: with text, and of an unknown kind.
    rich: u32,
    unknown: u32,
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
            rich: 0,
            unknown: 0,
        }
    }

    /// How often they used recent message forms of the Bot API.
    pub(super) fn met(&self) -> [Met; 2] {
        [
            Met::of("customers rich message", self.rich),
            Met::of("customers unknown content", self.unknown),
        ]
    }

    /// A random customer writes, unless they wait for an answer.
    pub(super) fn a_customer_writes(&mut self) {
        let chat = self.dice.i64(1..=CUSTOMERS);
        let unanswered = self.unanswered.entry(chat).or_default();
        if *unanswered >= UNANSWERED {
            return;
        }
        *unanswered += 1;
        if self.dice.u32(0..100) == 0 {
            self.unknown += 1;
            // Answered once a minute, so not waited for.
            self.unanswered.insert(chat, 0);
            let update = self.send(chat, json!({"hologram": {"frames": 24}}));
            return self.said.push(Said {
                chat,
                update,
                text: UNKNOWN.to_owned(),
                is_wordless: true,
            });
        }
        let (text, is_named) = self.words(chat);
        let message = if is_named && self.dice.u32(0..100) < 3 {
            self.rich += 1;
            json!({"rich_message": {"blocks": [{"type": "paragraph", "text": [text]}]}})
        } else {
            json!(text)
        };
        let update = self.send(chat, message);
        self.said.push(Said {
            chat,
            update,
            text,
            is_wordless: false,
        });
    }

    fn send(&self, chat: i64, message: serde_json::Value) -> i64 {
        match message.as_str() {
            Some(text) => self.sandbox.telegram().say(chat, text).update_id,
            None => self.sandbox.telegram().say_as(chat, message).update_id,
        }
    }

    /// The text of a message, and whether the reply names it; a command's does not.
    fn words(&mut self, chat: i64) -> (String, bool) {
        let count = self.count.entry(chat).or_default();
        *count += 1;
        let name = format!("message {count} of customer {chat}");
        match self.dice.u32(0..100) {
            0..=1 => ("/help".to_owned(), false),
            2 => ("/reset".to_owned(), false),
            3..=8 => (format!("{LONG}, {name}"), true),
            9..=13 => (format!("{GAP}, {name}"), true),
            14..=30 if chat % LEAVES_NUMBER == 0 && !self.numbers.contains_key(&chat) => {
                let (middle, end) = (chat % 100, 99 - chat % 100);
                self.numbers.insert(chat, format!("+7912{chat:03}{middle:02}{end:02}"));
                (format!("{NUMBER}8 912 {chat:03}-{middle:02}-{end:02}, {name}"), true)
            }
            _ => (format!("сколько стоит, {name}?"), true),
        }
    }

    /// Reads the new replies; returns the new entries of the journal.
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
