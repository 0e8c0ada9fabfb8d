//! The outcome: how many things of each kind were checked, which of them are wrong, and which duplicates are marked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Arguments;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Messages without their one row and its reply.
    Unanswered,
    /// Replies and notices that did not arrive.
    Undelivered,
    /// Messages that were answered, but never given to the model.
    Untold,
    /// Words that the dialogs do not keep, or keep twice.
    Unkept,
    /// Replies before their question, or before what was to arrive first.
    OutOfOrder,
    /// Messages in the chat of another customer.
    WrongChat,
    /// Requests to the model with the words of several customers.
    MixedUp,
    /// Copies of a reply beyond its marks.
    Double,
    /// Contacts that are not in exactly one lead of their customer, together with the words that held them.
    Unrecorded,
    /// Leads of customers who left nothing.
    StrayLead,
    /// Revisions of leads that an owner has no letter about, with the contact in it.
    Unmailed,
    /// Letters that were to leave, and did not arrive.
    LetterLost,
    /// Copies of a letter beyond its marks.
    LetterDouble,
    /// Letters without a row.
    StrayLetter,
    /// Periods that do not join, or lack a letter to an owner.
    ReportWrong,
    /// Inbox rows that are not at an end.
    Pending,
    /// Outbox rows that are not at an end.
    Owed,
}

/// The counts that must be zero, under the names that runs report.
const ZEROS: [(&str, &[Kind]); 8] = [
    (
        "lost",
        &[Kind::Unanswered, Kind::Undelivered, Kind::Untold, Kind::Unkept],
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

/// The outcome.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    all: BTreeMap<Kind, usize>,
    wrong: Vec<(Kind, usize, String)>,
    marks: BTreeMap<Kind, usize>,
    excused: BTreeMap<Kind, usize>,
    answered: BTreeSet<i64>,
}

impl Verdict {
    /// How many things are wrong, of everything that can be, under eight names.
    pub fn zeros(&self) -> [(&'static str, usize); 8] {
        ZEROS.map(|(name, kinds)| (name, self.wrong(kinds)))
    }

    /// All that is wrong, in words.
    pub fn complaints(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.wrong.iter().map(|(kind, _, words)| (*kind, words.as_str()))
    }

    /// How many things of this kind there were.
    pub fn all(&self, kind: Kind) -> usize {
        self.all.get(&kind).copied().unwrap_or_default()
    }

    /// How many of them are as promised.
    pub fn met(&self, kind: Kind) -> usize {
        self.all(kind).saturating_sub(self.wrong(&[kind]))
    }

    /// How many things of these kinds are wrong.
    pub fn wrong(&self, kinds: &[Kind]) -> usize {
        let wrong = self.wrong.iter().filter(|(kind, ..)| kinds.contains(kind));
        wrong.map(|(_, times, _)| times).sum()
    }

    /// How often a delivery may have come once more: [`Kind::Double`], [`Kind::LetterDouble`].
    pub fn marks(&self, kind: Kind) -> usize {
        self.marks.get(&kind).copied().unwrap_or_default()
    }

    /// How often one did come once more under such a mark.
    pub fn marked_doubles(&self, kind: Kind) -> usize {
        self.excused.get(&kind).copied().unwrap_or_default()
    }

    /// Whether the message of this update has its reply, and the customer got it.
    pub fn is_answered(&self, update: i64) -> bool {
        self.answered.contains(&update)
    }

    pub(crate) fn answer(&mut self, update: i64) {
        self.answered.insert(update);
    }

    /// Checks one thing.
    pub(crate) fn check(&mut self, kind: Kind, is_met: bool, words: Arguments<'_>) {
        self.count(kind, 1, usize::from(!is_met), words);
    }

    /// Checks several.
    pub(crate) fn count(&mut self, kind: Kind, all: usize, wrong: usize, words: Arguments<'_>) {
        *self.all.entry(kind).or_default() += all;
        if wrong > 0 {
            self.wrong.push((kind, wrong, words.to_string()));
        }
    }

    /// Checks what came again against its marks.
    pub(crate) fn doubled(&mut self, kind: Kind, again: usize, marks: usize, words: Arguments<'_>) {
        *self.marks.entry(kind).or_default() += marks;
        *self.excused.entry(kind).or_default() += again.min(marks);
        self.count(kind, again, again.saturating_sub(marks), words);
    }
}
