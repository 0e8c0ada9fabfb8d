//! State shared by all connections of the SMTP stand-in: the credentials and the letters.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

use super::letter::Letter;
use crate::faults::Faults;
use crate::journal::{Event, Journal};
use crate::lock::locked;

/// The state of one sandbox.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
    letters: Mutex<Vec<Letter>>,
}

impl Shared {
    pub(crate) const fn new(username: String, password: String, journal: Journal, faults: Faults) -> Self {
        Self {
            username,
            password,
            journal,
            faults,
            letters: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn letters(&self) -> MutexGuard<'_, Vec<Letter>> {
        locked(&self.letters)
    }

    /// Keeps a letter and returns its number among all of them.
    pub(crate) fn keep(&self, letter: Letter) -> usize {
        let mut letters = self.letters();
        // Under the lock: a caller woken by the entry finds the letter.
        let at = self.journal.record(Event::MailReceived {
            from: letter.from.clone(),
            to: letter.to.clone(),
            message_id: letter.message_id.clone(),
            subject: letter.subject.clone(),
        });
        letters.push(Letter { at, ..letter });
        letters.len()
    }

    pub(crate) fn violation(&self, text: &str) {
        self.journal.violation(format!("smtp: {text}"));
    }

    /// Message-ID and recipient of each acceptance after the first.
    pub(crate) fn doubles(&self) -> Vec<(String, String)> {
        let mut seen = BTreeSet::new();
        let mut doubles = Vec::new();
        for letter in self.letters().iter() {
            for to in &letter.to {
                let Some(id) = letter.message_id.clone() else {
                    continue;
                };
                let key = (id, to.to_lowercase());
                if !seen.insert(key.clone()) {
                    doubles.push(key);
                }
            }
        }
        doubles
    }
}
