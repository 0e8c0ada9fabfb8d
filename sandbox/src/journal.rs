//! The journal: everything the sandbox received and did, in one order across all interfaces.
//! Tests wait for its entries instead of sleeping, and read deliveries from it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::lock::locked;

/// The awaited event did not happen within the limit; the text lists what arrived instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Timeout(pub String);

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Position, from 1, without gaps.
    pub n: u64,
    /// Milliseconds since the sandbox was started.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Events at the stand-ins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the fields are the ids and texts that the variant's line names"
)]
pub enum Event {
    /// An update waits for `getUpdates`. `text` is the message's text or caption, else its kind.
    UpdateQueued {
        update_id: Option<i64>,
        chat: Option<i64>,
        text: String,
    },
    /// An update whose type is missing in the last `allowed_updates` was dropped.
    UpdateFiltered { kind: String },
    /// An update was put into an answer of `getUpdates`, which a fault may still have cut.
    UpdateDelivered { update_id: Option<i64> },
    /// An offset confirmed at least one update; all with a lower id are forgotten.
    UpdatesConfirmed { below: i64 },
    /// A Bot API method was called; `status` is the HTTP status, 0 if the answer was withheld.
    TelegramCall {
        method: String,
        chat: Option<i64>,
        status: u16,
    },
    /// A customer (or a group) now sees this message of the bot.
    MessageDelivered { chat: i64, message_id: i64, text: String },
    /// A message of the bot now reads differently.
    MessageEdited { chat: i64, message_id: i64, text: String },
    /// A chat action ("typing…") was shown.
    ChatAction { chat: i64, action: String },
    /// A conversation was created at OpenAI.
    ConversationCreated { conversation: String },
    /// `POST /responses` arrived, whatever its outcome. `text` is the last user text known.
    RunAsked { conversation: Option<String>, text: String },
    /// A run began; its conversation is locked from here on.
    RunStarted { conversation: Option<String>, text: String },
    /// A run ended and its items were added. `text` is the answer, or the tool call as
    /// `name(arguments)`.
    RunCompleted { conversation: Option<String>, text: String },
    /// `POST /responses` was refused.
    RunRefused {
        conversation: Option<String>,
        status: u16,
        code: String,
    },
    /// A letter was accepted, whether or not the client received the answer.
    MailReceived {
        from: String,
        to: Vec<String>,
        message_id: Option<String>,
        subject: String,
    },
    /// A step of sending a letter was refused: one recipient, or all of the letter's, or before any was named.
    MailRefused { to: Vec<String>, code: u16 },
    /// A fault was injected.
    FaultHit { rule: u64 },
    /// The client broke the interface's contract.
    Violation { text: String },
}

/// Receives each event at once and in order, on the thread that caused it and under its locks: it must not call the sandbox.
#[derive(Clone)]
pub struct Listener(Arc<dyn Fn(&Event) + Send + Sync>);

impl Listener {
    /// Calls this for each event.
    pub fn new(hears: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hears))
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Listener")
    }
}

/// A handle on the journal; cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    entries: Mutex<Vec<Entry>>,
    /// The number of the last entry, for waiting callers.
    last: watch::Sender<u64>,
    began: Instant,
    /// Where limits are timed: on the sandbox's own runtime, so that a caller's paused or missing
    /// timers change nothing.
    timers: OnceLock<Handle>,
    /// Receives the events instead, so that nothing is kept.
    listener: Option<Listener>,
}

impl Journal {
    pub(crate) fn new(listener: Option<Listener>) -> Self {
        Self(Arc::new(Shared {
            entries: Mutex::new(Vec::new()),
            last: watch::Sender::new(0),
            began: Instant::now(),
            timers: OnceLock::new(),
            listener,
        }))
    }

    /// Whether events are kept, here and by the stand-ins.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.listener.is_none()
    }

    pub(crate) fn use_timers_of(&self, runtime: Handle) {
        // Only a second runtime of the same sandbox could call this again: there is none.
        let _first = self.0.timers.set(runtime);
    }

    /// Writes an entry and returns its number; 0 if nothing is kept.
    pub(crate) fn record(&self, event: Event) -> u64 {
        if let Some(Listener(hears)) = &self.0.listener {
            hears(&event);
            return 0;
        }
        let mut entries = locked(&self.0.entries);
        let n = entries.len() as u64 + 1;
        let at_ms = u64::try_from(self.0.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        entries.push(Entry { n, at_ms, event });
        // Still under the lock: waiting callers must see the numbers in order.
        self.0.last.send_replace(n);
        n
    }

    pub(crate) fn violation(&self, text: impl Into<String>) {
        self.record(Event::Violation { text: text.into() });
    }

    /// All entries so far.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.entries_since(0)
    }

    /// The entries with a number greater than `n`.
    #[must_use]
    pub fn entries_since(&self, n: u64) -> Vec<Entry> {
        let entries = locked(&self.0.entries);
        let from = usize::try_from(n).unwrap_or(usize::MAX).min(entries.len());
        entries[from..].to_vec()
    }

    /// Waits until `look` finds something in the entries; it is called again after each new entry.
    ///
    /// # Errors
    /// [`Timeout`] when `limit` (of real time) passed first.
    pub async fn wait_for<T, F>(&self, limit: Duration, mut look: F) -> Result<T, Timeout>
    where
        F: FnMut(&[Entry]) -> Option<T>,
    {
        let mut seen: Vec<Entry> = Vec::new();
        let found = self
            .until(limit, || {
                seen.extend(self.entries_since(seen.len() as u64));
                look(&seen)
            })
            .await;
        found.ok_or_else(|| {
            let count = locked(&self.0.entries).len();
            Timeout(format!("not seen within {limit:?}; the journal has {count} entries"))
        })
    }

    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        if let Some(thread) = self.0.timers.get() {
            thread.spawn(future);
        }
    }

    /// Waits until nothing was written for `span`, measured on the sandbox's own thread.
    pub async fn rests(&self, span: Duration) {
        let mut last = self.0.last.subscribe();
        let resting = async move { while let Ok(Ok(())) = tokio::time::timeout(span, last.changed()).await {} };
        if let Some(thread) = self.0.timers.get() {
            // A thread that has ended writes nothing more.
            let _ended = thread.spawn(resting).await;
        }
    }

    /// Waits until `look` finds something; it is called again after each new entry.
    pub(crate) async fn until<T, F>(&self, limit: Duration, mut look: F) -> Option<T>
    where
        F: FnMut() -> Option<T>,
    {
        let mut last = self.0.last.subscribe();
        let mut timer = Timer::start(self.0.timers.get()?, limit);
        loop {
            last.borrow_and_update();
            if let Some(found) = look() {
                return Some(found);
            }
            tokio::select! {
                _ = &mut timer.0 => return look(),
                changed = last.changed() => if changed.is_err() { return look() },
            }
        }
    }

    /// Equal texts delivered to the same chat more than once: one element for each repeat.
    #[must_use]
    pub fn doubles(&self) -> Vec<(i64, String)> {
        let mut seen: BTreeMap<(i64, String), u32> = BTreeMap::new();
        let mut doubles = Vec::new();
        for entry in locked(&self.0.entries).iter() {
            if let Event::MessageDelivered { chat, text, .. } = &entry.event {
                let times = seen.entry((*chat, text.clone())).or_default();
                *times += 1;
                if *times > 1 {
                    doubles.push((*chat, text.clone()));
                }
            }
        }
        doubles
    }

    /// The texts of all violations so far.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let entries = locked(&self.0.entries);
        let texts = entries.iter().filter_map(|entry| match &entry.event {
            Event::Violation { text } => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    }
}

/// A timer that is cancelled when dropped.
struct Timer(tokio::task::JoinHandle<()>);

impl Timer {
    fn start(runtime: &Handle, limit: Duration) -> Self {
        Self(runtime.spawn(async move { tokio::time::sleep(limit).await }))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}
