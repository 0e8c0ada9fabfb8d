//! Texts that replace a missing answer: the beginning of an answer that was cut off, or text beside tool calls.

use domain::FailReason;
use wording::repeats;

#[derive(Debug, Default)]
pub(super) struct Spare {
    /// The complete sentences of an answer that was cut off.
    beginning: String,
    /// The texts beside successful calls.
    beside_calls: Vec<String>,
    /// The text beside the running calls; valid only if they succeed.
    beside_open_calls: String,
}

impl Spare {
    /// An answer was cut off after these sentences.
    pub(super) fn cut_off(&mut self, sentences: String) {
        if !sentences.trim().is_empty() {
            self.beginning = sentences;
        }
    }

    /// Adds the text beside new calls. On a new thread the model repeats its earlier texts, perhaps in other words, so these are
    /// dropped.
    pub(super) fn calls_began(&mut self, text: String, is_new_thread: bool) {
        if is_new_thread {
            self.beside_calls.clear();
        }
        self.beside_open_calls = text;
    }

    pub(super) fn calls_ended(&mut self, all_succeeded: bool) {
        let text = std::mem::take(&mut self.beside_open_calls);
        if all_succeeded {
            self.beside_calls.push(text);
        }
    }

    /// All texts beside successful calls.
    pub(super) fn beside_calls(&self) -> String {
        repeats::messages(self.beside_calls.clone())
    }

    /// The text to send if the turn fails for this reason; may be empty.
    pub(super) fn in_place_of(&self, reason: FailReason) -> String {
        match reason {
            _ if !self.beginning.is_empty() => self.beginning.clone(),
            FailReason::Empty => self.beside_calls(),
            _ => String::new(),
        }
    }
}
