//! Shows what happens as it happens: the stand-ins' journal is the chat, the service's log is its actors' events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Entry, Event, Reply, Sandbox};
use tokio::sync::{mpsc, watch};

use super::letter;
use super::line::{Line, Told};
use super::screen::Screen;
use super::service::Heard;
use super::words::{Both, Lang};

const TYPING: Both = Both("… typing", "… печатает");
/// Long enough to be no limit: a journal is only ever waited for.
const FOREVER: Duration = Duration::from_secs(86_400);
/// Events that come for many actors at once, and how long to wait for the next of them.
const CROWDS: [&str; 2] = ["started", "stopped"];
const CROWD: Duration = Duration::from_millis(60);
/// Events that speak of something which arrived.
const SENT: [&str; 2] = ["reply_sent", "email_sent"];
/// Formatting that a plain text cannot show is counted instead, in this order.
const STYLES: [(&str, Both); 2] = [("bold", Both("bold", "жирный")), ("italic", Both("italic", "курсив"))];

/// How far the telling has come.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Entries of the journal.
    pub(super) journal: u64,
    /// Replies and letters that arrived in the service's present life.
    pub(super) delivered: usize,
    /// Replies and letters the service knows to have been sent, in the same life.
    pub(super) confirmed: usize,
    /// No actor is about to be told of.
    pub(super) is_quiet: bool,
    /// The service reported that it is there.
    pub(super) is_up: bool,
    /// The process that ended last.
    pub(super) ended: Option<u32>,
    /// What was said that is no event.
    pub(super) words: Vec<String>,
}

/// Who tells.
pub(super) struct Feed {
    pub(super) screen: Arc<Screen>,
    pub(super) sandbox: Sandbox,
    pub(super) lang: Lang,
    /// Customers by chat. One whose words are on the screen already, because he typed them there, is not here.
    pub(super) cast: BTreeMap<i64, &'static str>,
    /// What the visitor is called, who has any other chat.
    pub(super) visitor: &'static str,
    pub(super) progress: watch::Sender<Progress>,
    /// Actors that started or stopped just now: a dozen at a time, so they are told in one line.
    pub(super) crowd: Vec<Line>,
}

impl Feed {
    /// Tells until the demo ends.
    pub(super) async fn run(mut self, mut heard: mpsc::UnboundedReceiver<Heard>) {
        loop {
            let told = self.progress.borrow().journal;
            let more = |entries: &[Entry]| {
                let new = entries.iter().filter(|entry| entry.n > told);
                Some(new.cloned().collect::<Vec<_>>()).filter(|new| !new.is_empty())
            };
            tokio::select! {
                // What a customer did comes before what the service says about it.
                biased;
                Ok(entries) = self.sandbox.journal().wait_for(FOREVER, more) => {
                    for entry in entries {
                        self.happened(&entry);
                    }
                }
                Some(heard) = heard.recv() => self.heard(heard),
                () = tokio::time::sleep(CROWD), if !self.crowd.is_empty() => self.tell_crowd(),
                else => return,
            }
        }
    }

    fn happened(&mut self, entry: &Entry) {
        if is_shown(&entry.event) {
            self.tell_crowd();
        }
        self.show(entry);
        let is_delivered = matches!(entry.event, Event::MessageDelivered { .. } | Event::MailReceived { .. });
        self.progress.send_modify(|progress| {
            progress.journal = entry.n;
            progress.delivered += usize::from(is_delivered);
        });
    }

    fn show(&self, entry: &Entry) {
        match &entry.event {
            Event::UpdateQueued {
                chat: Some(chat), text, ..
            } => {
                if let Some(name) = self.cast.get(chat) {
                    self.screen.customer(name, text);
                }
            }
            Event::ChatAction { chat, .. } => self.screen.typing(self.name(*chat), TYPING.of(self.lang)),
            Event::MessageDelivered { chat, message_id, text } => {
                let replies = self.sandbox.telegram().replies(*chat);
                let reply = replies.iter().find(|reply| reply.message_id == *message_id);
                let entities = reply.map(|reply| reply.entities.as_slice()).unwrap_or_default();
                self.screen.reply(self.name(*chat), text, entities);
                self.tell_styles(entities);
                self.tell_buttons(reply);
            }
            Event::MailReceived { .. } => {
                let letters = self.sandbox.smtp().letters();
                if let Some(letter) = letters.iter().find(|letter| letter.at == entry.n) {
                    self.screen.letter(&letter::lines(letter, self.lang));
                }
            }
            _ => {}
        }
    }

    /// Without colours bold would not be seen.
    fn tell_styles(&self, entities: &[serde_json::Value]) {
        let counts = STYLES.iter().filter_map(|(kind, name)| {
            let count = entities.iter().filter(|entity| entity["type"] == *kind).count();
            (count > 0).then(|| format!("{} ×{count}", name.of(self.lang)))
        });
        let counts: Vec<_> = counts.collect();
        if !counts.is_empty() {
            self.screen.styles(&counts.join(", "));
        }
    }

    fn tell_buttons(&self, reply: Option<&Reply>) {
        let rows = reply.and_then(|reply| reply.body["reply_markup"]["keyboard"].as_array());
        let buttons = rows.into_iter().flatten().filter_map(|row| row.as_array()).flatten();
        let texts: Vec<_> = buttons.filter_map(|button| button["text"].as_str()).collect();
        if !texts.is_empty() {
            self.screen.buttons(&texts);
        }
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Told(Told::Event(line)) => {
                self.tell(&line);
                let is_quiet = self.crowd.is_empty();
                self.progress.send_modify(|progress| {
                    progress.is_quiet = is_quiet;
                    progress.confirmed += usize::from(SENT.contains(&line.name.as_str()));
                    progress.is_up |= line.name == "service_started";
                });
            }
            Heard::Told(Told::Words(words)) => self.progress.send_modify(|progress| progress.words.push(words)),
            Heard::Ended(process) => self.progress.send_modify(|progress| progress.ended = Some(process)),
        }
    }

    fn tell(&mut self, line: &Line) {
        // The status line a minute is enough; those of the single actors would push the chat away.
        if line.name == "actor_status" {
            return;
        }
        if self.crowd.first().is_some_and(|first| first.name != line.name) {
            self.tell_crowd();
        }
        match CROWDS.contains(&line.name.as_str()) {
            true => self.crowd.push(line.clone()),
            false => self.screen.event(line),
        }
    }

    fn tell_crowd(&mut self) {
        let crowd = std::mem::take(&mut self.crowd);
        if let Some(first) = crowd.first() {
            let actors: Vec<_> = crowd.iter().map(|line| line.actor.as_str()).collect();
            self.screen.crowd(&first.name, &actors);
        }
        self.progress.send_modify(|progress| progress.is_quiet = true);
    }

    fn name(&self, chat: i64) -> &'static str {
        self.cast.get(&chat).copied().unwrap_or(self.visitor)
    }
}

/// Whether it is a line of its own on the screen.
const fn is_shown(event: &Event) -> bool {
    matches!(
        event,
        Event::UpdateQueued { .. }
            | Event::ChatAction { .. }
            | Event::MessageDelivered { .. }
            | Event::MailReceived { .. }
    )
}
