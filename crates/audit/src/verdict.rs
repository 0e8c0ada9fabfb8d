//! The verdict: how many items of each kind were checked, which are wrong, and which duplicates are marked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;

/// A kind of error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Messages without their one row and its reply.
    Unanswered,
    /// Replies and notices that did not arrive.
    Undelivered,
    /// Answered messages that the model never received.
    UnseenByModel,
    /// Messages that are missing in the dialogs, or stored twice.
    Unkept,
    /// Replies that arrived before their question or before an earlier reply.
    OutOfOrder,
    /// Messages in the chat of another customer.
    WrongChat,
    /// Requests to the model with messages of several customers.
    MixedUp,
    /// More duplicates of a reply than marked.
    Double,
    /// Contacts that are not in exactly one lead of their customer, together with their message.
    Unrecorded,
    /// Leads without a contact of their customer.
    StrayLead,
    /// Revisions of leads for which an owner has no letter with the contact.
    Unmailed,
    /// Letters that did not arrive.
    LetterLost,
    /// More duplicates of a letter than marked.
    LetterDouble,
    /// Letters without a row.
    StrayLetter,
    /// Periods with a gap between them, or without a letter to an owner.
    ReportWrong,
    /// Unfinished inbox rows.
    Pending,
    /// Unfinished outbox rows.
    Owed,
}

/// The counts that must be zero, under their reported names.
const ZEROS: [(&str, &[Kind]); 8] = [
    (
        "lost",
        &[Kind::Unanswered, Kind::Undelivered, Kind::UnseenByModel, Kind::Unkept],
    ),
    ("out_of_order", &[Kind::OutOfOrder]),
    ("wrong_chat", &[Kind::WrongChat, Kind::MixedUp]),
    ("leads_lost", &[Kind::Unrecorded, Kind::StrayLead]),
    ("letters_lost", &[Kind::Unmailed, Kind::LetterLost]),
    (
        "unmarked_doubles",
        &[Kind::Double, Kind::LetterDouble, Kind::StrayLetter],
    ),
    ("unfinished", &[Kind::Pending, Kind::Owed]),
    ("reports_wrong", &[Kind::ReportWrong]),
];

/// The result of [`verify`](crate::verify).
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    all: BTreeMap<Kind, usize>,
    wrong: Vec<(Kind, usize, String)>,
    marks: BTreeMap<Kind, usize>,
    excused: BTreeMap<Kind, usize>,
    answered: BTreeSet<i64>,
}

impl Verdict {
    /// The errors of all kinds, under eight names.
    pub fn zeros(&self) -> [(&'static str, usize); 8] {
        ZEROS.map(|(name, kinds)| (name, self.wrong(kinds)))
    }

    /// All errors as texts.
    pub fn complaints(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.wrong.iter().map(|(kind, _, words)| (*kind, words.as_str()))
    }

    /// How many items of this kind were checked.
    pub fn all(&self, kind: Kind) -> usize {
        self.all.get(&kind).copied().unwrap_or_default()
    }

    /// How many of them are right.
    pub fn met(&self, kind: Kind) -> usize {
        self.all(kind).saturating_sub(self.wrong(&[kind]))
    }

    /// How many items of these kinds are wrong.
    pub fn wrong(&self, kinds: &[Kind]) -> usize {
        let wrong = self.wrong.iter().filter(|(kind, ..)| kinds.contains(kind));
        wrong.map(|(_, times, _)| times).sum()
    }

    /// How many duplicates are marked as possible: [`Kind::Double`], [`Kind::LetterDouble`].
    pub fn marks(&self, kind: Kind) -> usize {
        self.marks.get(&kind).copied().unwrap_or_default()
    }

    /// How many marked duplicates arrived.
    pub fn marked_doubles(&self, kind: Kind) -> usize {
        self.excused.get(&kind).copied().unwrap_or_default()
    }

    /// Whether the customer received the reply to this update.
    pub fn is_answered(&self, update: i64) -> bool {
        self.answered.contains(&update)
    }

    pub(crate) fn answer(&mut self, update: i64) {
        self.answered.insert(update);
    }

    pub(crate) fn check(&mut self, kind: Kind, is_met: bool, words: Arguments<'_>) {
        self.count(kind, 1, usize::from(!is_met), words);
    }

    pub(crate) fn count(&mut self, kind: Kind, all: usize, wrong: usize, words: Arguments<'_>) {
        *self.all.entry(kind).or_default() += all;
        if wrong > 0 {
            self.wrong.push((kind, wrong, words.to_string()));
        }
    }

    pub(crate) fn doubled(&mut self, kind: Kind, again: usize, marks: usize, words: Arguments<'_>) {
        *self.marks.entry(kind).or_default() += marks;
        *self.excused.entry(kind).or_default() += again.min(marks);
        self.count(kind, again, again.saturating_sub(marks), words);
    }
}
