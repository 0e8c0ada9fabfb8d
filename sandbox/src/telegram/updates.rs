//! The queue of updates with the offset rules of `getUpdates`
//! (core.telegram.org/bots/api#getupdates): an update is delivered again until a later call has a
//! higher offset.

use std::collections::VecDeque;

/// The real server treats an offset this far beyond its last update as another numbering,
/// answers from its first update and confirms nothing.
const FAR_AHEAD: i64 = 10;

/// An undelivered or unconfirmed update.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// `None` for a member that has no usable `update_id`.
    pub(crate) id: Option<i64>,
    /// Its JSON text, which need not be valid.
    pub(crate) json: String,
    /// No offset can confirm it, so delivery removes it.
    once: bool,
}

/// The queue of one bot.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    items: VecDeque<Item>,
    next: i64,
    /// Everything below was confirmed.
    confirmed: i64,
    last_batch: Vec<Item>,
    /// How many of the next batches begin with `last_batch`.
    repeats: u32,
    /// Types the bot requested; `None` is the default of the interface.
    allowed: Option<Vec<String>>,
}

impl Queue {
    pub(crate) fn new(first: i64) -> Self {
        Self {
            next: first,
            ..Self::default()
        }
    }

    /// The id of the next update.
    pub(crate) fn take_id(&mut self) -> i64 {
        let id = self.next;
        self.next += 1;
        id
    }

    /// Continues the numbering from another number, as the real server may after a quiet week.
    pub(crate) fn renumber(&mut self, next: i64) {
        self.next = next;
        self.confirmed = self.confirmed.min(next);
    }

    pub(crate) fn allow(&mut self, kinds: Vec<String>) {
        // An empty list means the default (documented at `allowed_updates`).
        self.allowed = if kinds.is_empty() { None } else { Some(kinds) };
    }

    pub(crate) fn allows(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(kinds) => kinds.iter().any(|allowed| allowed == kind),
            None => !matches!(kind, "chat_member" | "message_reaction" | "message_reaction_count"),
        }
    }

    pub(crate) fn allowed(&self) -> Option<&[String]> {
        self.allowed.as_deref()
    }

    pub(crate) fn push(&mut self, id: Option<i64>, json: String) {
        if let Some(id) = id {
            self.next = self.next.max(id + 1);
        }
        let once = id.is_none_or(|id| id < self.confirmed);
        self.items.push_back(Item { id, json, once });
    }

    /// Forgets everything below the offset; `Some(offset)` if that was anything.
    pub(crate) fn confirm(&mut self, offset: i64) -> Option<i64> {
        if offset <= 0 || offset > self.next + FAR_AHEAD {
            return None;
        }
        self.confirmed = self.confirmed.max(offset);
        let before = self.items.len();
        self.items
            .retain(|item| item.once || item.id.is_none_or(|id| id >= offset));
        (self.items.len() < before).then_some(offset)
    }

    pub(crate) fn redeliver(&mut self, times: u32) {
        self.repeats = times;
    }

    /// The next answer of `getUpdates`, or `None` if it must wait.
    pub(crate) fn batch(&mut self, limit: usize) -> Option<Vec<Item>> {
        let mut batch = Vec::new();
        if self.repeats > 0 && !self.last_batch.is_empty() {
            self.repeats -= 1;
            batch.clone_from(&self.last_batch);
        }
        let repeated = batch.len();
        for item in &self.items {
            if batch.len() >= limit.max(repeated) {
                break;
            }
            let again = item.id.is_some() && batch[..repeated].iter().any(|old| old.id == item.id);
            if !again {
                batch.push(item.clone());
            }
        }
        if batch.is_empty() {
            return None;
        }
        let mut taken = batch.iter().skip(repeated).filter(|item| item.once).count();
        self.items.retain(|item| {
            let goes = item.once && taken > 0;
            taken -= usize::from(goes);
            !goes
        });
        self.last_batch.clone_from(&batch);
        Some(batch)
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }
}
