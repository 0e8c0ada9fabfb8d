//! What a turn may say if nothing better comes: an answer that broke off, or a text beside calls.

use domain::FailReason;
use wording::repeats;

/// Texts of a turn that are not its answer yet.
#[derive(Debug, Default)]
pub(super) struct Spare {
    /// The whole sentences of an answer that ran out of room.
    beginning: String,
    /// What was said beside calls that were carried out.
    beside_calls: Vec<String>,
    /// The same beside the calls under way: true only if they succeed.
    beside_open_calls: String,
}

impl Spare {
    /// An answer ran out of room after these sentences.
    pub(super) fn broke_off(&mut self, sentences: String) {
        if !sentences.trim().is_empty() {
            self.beginning = sentences;
        }
    }

    /// The model said this beside calls. If the turn began anew, what it said on the thread before is said again, perhaps in
    /// other words.
    pub(super) fn calls_began(&mut self, text: String, is_anew: bool) {
        if is_anew {
            self.beside_calls.clear();
        }
        self.beside_open_calls = text;
    }

    /// The calls were made; `are_done`: each of them with success.
    pub(super) fn calls_ended(&mut self, are_done: bool) {
        let said = std::mem::take(&mut self.beside_open_calls);
        if are_done {
            self.beside_calls.push(said);
        }
    }

    /// All that was said beside calls that were carried out.
    pub(super) fn beside_calls(&self) -> String {
        repeats::messages(self.beside_calls.clone())
    }

    /// What to say where the turn would fail for that reason; empty if there is nothing.
    pub(super) fn in_place_of(&self, reason: FailReason) -> String {
        match reason {
            _ if !self.beginning.is_empty() => self.beginning.clone(),
            FailReason::Empty => self.beside_calls(),
            _ => String::new(),
        }
    }
}
