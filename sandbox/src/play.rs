//! `play`: many customers at once, and figures that show missing, repeated or misplaced replies.

use std::collections::BTreeMap;
use std::time::Duration;

use audit::{Got, Kind, Name, Rows, Seen, Sent, Taken, names, verify};
use serde::{Deserialize, Deserializer, Serialize};

use crate::journal::Journal;
use crate::openai::OpenAi;
use crate::seen::record;
use crate::telegram::Telegram;

/// Silence required after the last awaited reply, so that repeats are noticed.
const SETTLE: Duration = Duration::from_millis(300);

/// The size of a play: `customers` chats from `first_chat` on, each of which sends `messages` at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Play {
    /// How many customers.
    pub customers: u32,
    /// How many messages each sends.
    pub messages: u32,
    /// The chat id of the first one.
    pub first_chat: i64,
    /// When to stop waiting for replies.
    #[serde(rename = "wait_ms", deserialize_with = "milliseconds")]
    pub limit: Duration,
}

fn milliseconds<'de, D: Deserializer<'de>>(number: D) -> Result<Duration, D::Error> {
    u64::deserialize(number).map(Duration::from_millis)
}

impl Default for Play {
    fn default() -> Self {
        Self {
            customers: 50,
            messages: 10,
            first_chat: 500_001,
            limit: Duration::from_secs(60),
        }
    }
}

/// The result of a play.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Messages sent.
    pub sent: u32,
    /// Messages named in a reply, or answered together with a named one.
    pub replied: u32,
    /// Of those, messages answered together with a later one that the reply names.
    pub merged: u32,
    /// Messages without any reply.
    pub missing: u32,
    /// Replies to a message that had one already.
    pub doubles: u32,
    /// Replies to a message sent before one that was already replied to.
    pub out_of_order: u32,
    /// Replies in the chat of another customer.
    pub wrong_chat: u32,
    /// From the first message to the last reply.
    pub seconds: f64,
    /// Median time from message to reply, in milliseconds.
    pub p50_ms: u64,
    /// 95th percentile of the same.
    pub p95_ms: u64,
}

impl Figures {
    /// Nothing missing, doubled, misplaced or out of order.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.missing == 0 && self.doubles == 0 && self.out_of_order == 0 && self.wrong_chat == 0
    }
}

/// Plays, see [`crate::play()`].
pub(crate) async fn play_on(telegram: &Telegram, openai: &OpenAi, journal: &Journal, play: Play) -> Figures {
    let mut tally = Tally::new(play, journal.entries().len() as u64);
    for message in 1..=play.messages {
        for customer in 1..=play.customers {
            telegram.say(
                play.chat(customer),
                &format!("message {message} of customer {customer}"),
            );
        }
    }
    let all = || {
        tally.read(journal, openai);
        (tally.missing() == 0).then_some(())
    };
    // Reaching the limit is not an error here: the figures show what is missing.
    let _reached = journal.until(play.limit, all).await;
    loop {
        let deliveries = tally.deliveries;
        let more = || {
            tally.read(journal, openai);
            (tally.deliveries > deliveries).then_some(())
        };
        if journal.until(SETTLE, more).await.is_none() {
            return tally.figures();
        }
    }
}

impl Play {
    fn chat(&self, customer: u32) -> i64 {
        self.first_chat + i64::from(customer) - 1
    }
}

/// Reads the journal from one entry on and keeps it as records: a reply answers the message it names, and those sent to the
/// model together with it.
struct Tally {
    play: Play,
    read: u64,
    /// Update and time of each message.
    sent: BTreeMap<Name, (i64, u64)>,
    /// The update of the message by whose reply each was answered.
    answered_by: BTreeMap<Name, i64>,
    waits_ms: Vec<u64>,
    deliveries: u32,
    last_ms: u64,
    seen: Seen,
    rows: Rows,
}

impl Tally {
    fn new(play: Play, read: u64) -> Self {
        Self {
            play,
            read,
            sent: BTreeMap::new(),
            answered_by: BTreeMap::new(),
            waits_ms: Vec::new(),
            deliveries: 0,
            last_ms: 0,
            seen: Seen::default(),
            rows: Rows::default(),
        }
    }

    fn missing(&self) -> u32 {
        let sent = self.play.customers * self.play.messages;
        sent.saturating_sub(count(self.answered_by.len()))
    }

    fn read(&mut self, journal: &Journal, openai: &OpenAi) {
        for entry in journal.entries_since(self.read) {
            self.read = entry.n;
            let (said, got) = (self.seen.said.len(), self.seen.got.len());
            record(&mut self.seen, entry.event);
            for name in self.seen.said.get(said).map_or_else(Vec::new, |said| names(&said.text)) {
                let update = self.seen.said[said].update;
                self.sent.entry(name).or_insert((update, entry.at_ms));
            }
            if let Some(got) = self.seen.got.get(got).cloned() {
                self.delivered(&got, entry.at_ms, openai);
            }
        }
    }

    fn delivered(&mut self, got: &Got, at_ms: u64, openai: &OpenAi) {
        for name in names(&got.text) {
            self.deliveries += 1;
            self.last_ms = at_ms;
            let own = self.sent.get(&name).filter(|_| self.play.chat(name.1) == got.chat);
            let Some(&(update, _)) = own else { continue };
            let turn = self.answered_by.get(&name).copied().unwrap_or(update);
            self.rows.outbox.push(Sent {
                key: format!("reply:{turn}:1"),
                chat: got.chat,
                state: "completed".to_owned(),
                text: got.text.clone(),
                ..Sent::default()
            });
            if self.answer(name, update, at_ms) {
                self.merge(name, update, at_ms, openai);
            }
        }
    }

    /// Returns whether it had no answer so far.
    fn answer(&mut self, name: Name, turn: i64, at_ms: u64) -> bool {
        let Some(&(update, sent_ms)) = self.sent.get(&name).filter(|_| !self.answered_by.contains_key(&name)) else {
            return false;
        };
        self.answered_by.insert(name, turn);
        self.waits_ms.push(at_ms.saturating_sub(sent_ms));
        self.rows.inbox.push(Taken {
            id: update,
            update,
            state: "done".to_owned(),
            turn: Some(turn),
            ..Taken::default()
        });
        true
    }

    /// Messages sent to the model in the same run are answered by its reply too.
    fn merge(&mut self, named: Name, turn: i64, at_ms: u64, openai: &OpenAi) {
        for text in openai.asked_with(named) {
            for message in names(&text) {
                if message.1 == named.1 && message.0 < named.0 {
                    self.answer(message, turn, at_ms);
                }
            }
        }
    }

    fn figures(mut self) -> Figures {
        self.waits_ms.sort_unstable();
        let first_ms = self
            .sent
            .values()
            .map(|(_, sent_ms)| *sent_ms)
            .min()
            .unwrap_or_default();
        // Messages of other chats do not count.
        self.seen.said.retain(|said| !names(&said.text).is_empty());
        let verdict = verify(&self.seen, &self.rows);
        let merged = self.rows.inbox.iter().filter(|row| row.turn != Some(row.id));
        let wrong = |kind| count(verdict.wrong(&[kind]));
        Figures {
            sent: self.play.customers * self.play.messages,
            replied: count(self.answered_by.len()),
            merged: count(merged.count()),
            missing: wrong(Kind::Unanswered),
            doubles: wrong(Kind::Double),
            out_of_order: wrong(Kind::OutOfOrder),
            wrong_chat: wrong(Kind::WrongChat),
            seconds: Duration::from_millis(self.last_ms.saturating_sub(first_ms)).as_secs_f64(),
            p50_ms: percentile(&self.waits_ms, 50),
            p95_ms: percentile(&self.waits_ms, 95),
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let position = (sorted.len() * percent).div_ceil(100);
    sorted.get(position.saturating_sub(1)).copied().unwrap_or_default()
}
