//! Shows events live: the journal of the stand-ins as a chat, the service's log as events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sandbox::{Entry, Event, Reply, Sandbox};
use tokio::sync::{mpsc, watch};

use super::letter;
use super::line::{Line, Output};
use super::screen::Screen;
use super::service::Heard;
use super::words::{Both, Lang};

const TYPING: Both = Both("… typing", "… печатает");
/// Practically no limit.
const FOREVER: Duration = Duration::from_secs(86_400);
/// Events that many actors log at once, and the longest pause between two of them.
const CROWDS: [&str; 2] = ["started", "stopped"];
const CROWD: Duration = Duration::from_millis(60);
/// Events that confirm a delivery.
const SENT: [&str; 2] = ["reply_sent", "email_sent"];
/// Formatting that is counted if colours are off, in this order.
const STYLES: [(&str, Both); 2] = [("bold", Both("bold", "жирный")), ("italic", Both("italic", "курсив"))];

/// How far the screen has caught up.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// Entries of the journal.
    pub(super) journal: u64,
    /// Replies and letters delivered by the current process.
    pub(super) delivered: usize,
    /// Replies and letters the current process logged as sent.
    pub(super) confirmed: usize,
    /// No group of events is waiting to be shown.
    pub(super) is_quiet: bool,
    /// The service logged its start.
    pub(super) is_up: bool,
    /// The process that ended last.
    pub(super) ended: Option<u32>,
    /// Output that is not an event.
    pub(super) words: Vec<String>,
}

/// Shows the journal and the log.
pub(super) struct Feed {
    pub(super) screen: Arc<Screen>,
    pub(super) sandbox: Sandbox,
    pub(super) lang: Lang,
    /// Customers by chat, without the visitor, whose input is already on the screen.
    pub(super) cast: BTreeMap<i64, &'static str>,
    /// The name of the visitor, for every other chat.
    pub(super) visitor: &'static str,
    pub(super) progress: watch::Sender<Progress>,
    /// Actors that just started or stopped: a dozen at once, shown in one line.
    pub(super) crowd: Vec<Line>,
}

impl Feed {
    /// Runs until the demo ends.
    pub(super) async fn run(mut self, mut heard: mpsc::UnboundedReceiver<Heard>) {
        loop {
            let shown = self.progress.borrow().journal;
            let more = |entries: &[Entry]| {
                let new = entries.iter().filter(|entry| entry.n > shown);
                Some(new.cloned().collect::<Vec<_>>()).filter(|new| !new.is_empty())
            };
            tokio::select! {
                // The journal first: a message is shown before its log events.
                biased;
                Ok(entries) = self.sandbox.journal().wait_for(FOREVER, more) => {
                    for entry in entries {
                        self.happened(&entry);
                    }
                }
                Some(heard) = heard.recv() => self.heard(heard),
                () = tokio::time::sleep(CROWD), if !self.crowd.is_empty() => self.show_crowd(),
                else => return,
            }
        }
    }

    fn happened(&mut self, entry: &Entry) {
        if is_shown(&entry.event) {
            self.show_crowd();
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
                self.show_styles(entities);
                self.show_buttons(reply);
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

    /// Bold is invisible without colours.
    fn show_styles(&self, entities: &[serde_json::Value]) {
        let counts = STYLES.iter().filter_map(|(kind, name)| {
            let count = entities.iter().filter(|entity| entity["type"] == *kind).count();
            (count > 0).then(|| format!("{} ×{count}", name.of(self.lang)))
        });
        let counts: Vec<_> = counts.collect();
        if !counts.is_empty() {
            self.screen.styles(&counts.join(", "));
        }
    }

    fn show_buttons(&self, reply: Option<&Reply>) {
        let rows = reply.and_then(|reply| reply.body["reply_markup"]["keyboard"].as_array());
        let buttons = rows.into_iter().flatten().filter_map(|row| row.as_array()).flatten();
        let texts: Vec<_> = buttons.filter_map(|button| button["text"].as_str()).collect();
        if !texts.is_empty() {
            self.screen.buttons(&texts);
        }
    }

    fn heard(&mut self, heard: Heard) {
        match heard {
            Heard::Output(Output::Event(line)) => {
                self.show_event(&line);
                let is_quiet = self.crowd.is_empty();
                self.progress.send_modify(|progress| {
                    progress.is_quiet = is_quiet;
                    progress.confirmed += usize::from(SENT.contains(&line.name.as_str()));
                    progress.is_up |= line.name == "service_started";
                });
            }
            Heard::Output(Output::Text(words)) => self.progress.send_modify(|progress| progress.words.push(words)),
            Heard::Ended(process) => self.progress.send_modify(|progress| progress.ended = Some(process)),
        }
    }

    fn show_event(&mut self, line: &Line) {
        // Only the summary of the status line: one line per actor would hide the chat.
        if line.name == "actor_status" {
            return;
        }
        if self.crowd.first().is_some_and(|first| first.name != line.name) {
            self.show_crowd();
        }
        match CROWDS.contains(&line.name.as_str()) {
            true => self.crowd.push(line.clone()),
            false => self.screen.event(line),
        }
    }

    fn show_crowd(&mut self) {
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

/// Whether the event is shown.
const fn is_shown(event: &Event) -> bool {
    matches!(
        event,
        Event::UpdateQueued { .. }
            | Event::ChatAction { .. }
            | Event::MessageDelivered { .. }
            | Event::MailReceived { .. }
    )
}
