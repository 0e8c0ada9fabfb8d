//! `play`: many customers at once, and the figures that show whether any was failed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::counted::{Counted, counted};
use crate::journal::{Event, Journal};
use crate::openai::OpenAi;
use crate::telegram::Telegram;

/// How long it must stay quiet after the last awaited reply, so that doubles are seen.
const SETTLE: Duration = Duration::from_millis(300);

/// Who plays: `customers` chats from `first_chat` on, each of which sends `messages` at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Play {
    /// How many customers.
    pub customers: u32,
    /// How many messages each sends.
    pub messages: u32,
    /// The chat id of the first one.
    pub first_chat: i64,
    /// When to stop waiting for replies.
    pub limit: Duration,
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

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Messages sent.
    pub sent: u32,
    /// Messages named in a reply, or answered together with one that is.
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
    // Reaching the limit is no error here: the figures say what is missing.
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

/// Reads the journal from one entry on and keeps the score.
struct Tally {
    play: Play,
    read: u64,
    sent_ms: BTreeMap<Counted, u64>,
    replied: BTreeSet<Counted>,
    /// The highest message replied to, by customer.
    highest: BTreeMap<u32, u32>,
    waits_ms: Vec<u64>,
    deliveries: u32,
    last_ms: u64,
    figures: Figures,
}

impl Tally {
    fn new(play: Play, read: u64) -> Self {
        Self {
            play,
            read,
            sent_ms: BTreeMap::new(),
            replied: BTreeSet::new(),
            highest: BTreeMap::new(),
            waits_ms: Vec::new(),
            deliveries: 0,
            last_ms: 0,
            figures: Figures::default(),
        }
    }

    fn missing(&self) -> u32 {
        let sent = self.play.customers * self.play.messages;
        sent.saturating_sub(count(self.replied.len()))
    }

    fn read(&mut self, journal: &Journal, openai: &OpenAi) {
        for entry in journal.entries_since(self.read) {
            self.read = entry.n;
            match entry.event {
                Event::UpdateQueued {
                    text, chat: Some(_), ..
                } => {
                    for message in counted(&text) {
                        self.sent_ms.entry(message).or_insert(entry.at_ms);
                    }
                }
                Event::MessageDelivered { chat, text, .. } => {
                    self.delivered(chat, &text, entry.at_ms, openai);
                }
                _ => {}
            }
        }
    }

    fn delivered(&mut self, chat: i64, text: &str, at_ms: u64, openai: &OpenAi) {
        for message in counted(text) {
            let (number, customer) = message;
            self.deliveries += 1;
            self.last_ms = at_ms;
            if self.play.chat(customer) != chat {
                self.figures.wrong_chat += 1;
            } else if self.replied.contains(&message) {
                self.figures.doubles += 1;
            } else {
                let highest = self.highest.entry(customer).or_default();
                self.figures.out_of_order += u32::from(number < *highest);
                *highest = number.max(*highest);
                self.reply(message, at_ms);
                self.merge(message, at_ms, openai);
            }
        }
    }

    fn reply(&mut self, message: Counted, at_ms: u64) {
        self.replied.insert(message);
        let sent = self.sent_ms.get(&message).copied().unwrap_or(at_ms);
        self.waits_ms.push(at_ms.saturating_sub(sent));
    }

    /// Messages that the same run was asked to answer are answered by its reply too.
    fn merge(&mut self, named: Counted, at_ms: u64, openai: &OpenAi) {
        for text in openai.asked_with(named) {
            for message in counted(&text) {
                if message.1 == named.1 && message.0 < named.0 && !self.replied.contains(&message) {
                    self.figures.merged += 1;
                    self.reply(message, at_ms);
                }
            }
        }
    }

    fn figures(mut self) -> Figures {
        self.waits_ms.sort_unstable();
        let first_ms = self.sent_ms.values().min().copied().unwrap_or_default();
        Figures {
            sent: self.play.customers * self.play.messages,
            replied: count(self.replied.len()),
            missing: self.missing(),
            seconds: Duration::from_millis(self.last_ms.saturating_sub(first_ms)).as_secs_f64(),
            p50_ms: percentile(&self.waits_ms, 50),
            p95_ms: percentile(&self.waits_ms, 95),
            ..self.figures
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
