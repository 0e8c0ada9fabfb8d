//! What a report's page has no room for: counted while its rows are read, and not kept. A page is bounded whatever its period
//! holds; on usual days all of this is empty.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, TimeZone, Timelike as _, Utc};

use super::{DialogLine, Profile, ReportDialog, ReportTurn, Speaker, TurnOutcome};

/// Rows of a period that are in no list of its page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beyond {
    /// Dialogs.
    pub dialogs: DialogsBeyond,
    /// Turns that got a reply.
    pub turns: TurnsBeyond,
    /// Turns the model did not answer.
    pub unanswered: usize,
    /// Leads.
    pub leads: usize,
    /// Questions the facts did not answer.
    pub gaps: usize,
    /// Letters that were given up.
    pub dead_letters: usize,
    /// Parts of replies that were given up.
    pub dead_replies: usize,
    /// Times in which nobody fetched updates.
    pub absences: usize,
    /// How long these were.
    pub away: TimeDelta,
}

/// Messages of floods that were counted and not stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unstored {
    /// How many.
    pub messages: u64,
    /// Who sent most of them, and how many.
    pub most: Vec<(Profile, u64)>,
}

/// Dialogs of which nothing is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialogsBeyond {
    /// How many.
    pub all: usize,
    /// Customers who wrote.
    pub written: u64,
    /// Those of them who never wrote before.
    pub new_customers: u64,
    /// Those whose contact was known from before.
    pub known_contact: u64,
    /// Those who have left no contact to this day.
    pub without_contact: u64,
    /// Those who asked something and left no contact in the period.
    pub asking: usize,
    /// Those who only pressed a button and left none.
    pub silent: usize,
    /// Rows that are the customers'.
    pub questions: u64,
    /// Rows that are ours.
    pub replies: u64,
    /// Replies that did not arrive and never will.
    pub undelivered: u64,
    /// Customers who did not get one.
    pub missed: usize,
    /// Where the new ones came from.
    pub sources: BTreeMap<Option<String>, u64>,
    /// First questions by the quarter of an hour in which they came, counted from 1970: the offsets of all zones are whole quarters.
    quarters: BTreeMap<i64, u64>,
}

impl DialogsBeyond {
    /// Deep-link payloads that are told apart; those that come after so many others count as the last of them in alphabetical order.
    const SOURCES: usize = 1_000;
    const QUARTER: i64 = 15 * 60;

    /// Counts a dialog whose lines have been counted.
    pub fn add(&mut self, dialog: &ReportDialog) {
        self.all += 1;
        self.questions += dialog.questions();
        self.replies += dialog.count() as u64 - dialog.questions();
        self.undelivered += dialog.undelivered();
        self.missed += usize::from(dialog.undelivered() > 0);
        let Some(first) = dialog.first_question() else { return };
        self.written += 1;
        self.known_contact += u64::from(dialog.lead.is_some() && !dialog.is_lead_new);
        self.without_contact += u64::from(dialog.lead.is_none());
        if !dialog.has_left_contact {
            let is_asking = dialog.first_words().is_some();
            self.asking += usize::from(is_asking);
            self.silent += usize::from(!is_asking);
        }
        *self
            .quarters
            .entry(first.timestamp().div_euclid(Self::QUARTER))
            .or_default() += 1;
        if dialog.is_new {
            self.new_customers += 1;
            let is_known = self.sources.len() < Self::SOURCES || self.sources.contains_key(&dialog.came_from);
            match self.sources.last_entry() {
                Some(mut last) if !is_known => *last.get_mut() += 1,
                _ => *self.sources.entry(dialog.came_from.clone()).or_default() += 1,
            }
        }
    }

    /// Adds them to the hours of the local day.
    pub fn add_hours(&self, hours: &mut [u64; 24], zone: &impl TimeZone) {
        for (quarter, dialogs) in &self.quarters {
            let at = DateTime::<Utc>::from_timestamp(quarter * Self::QUARTER, 0).unwrap_or_default();
            if let Some(count) = hours.get_mut(at.with_timezone(zone).hour() as usize) {
                *count += dialogs;
            }
        }
    }
}

/// Turns of which nothing is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TurnsBeyond {
    /// Those the model did not answer, by the word of their reason.
    pub failed_by_reason: BTreeMap<String, u64>,
    /// Those of them in which the customer was asked for their contact.
    pub forms: u64,
    /// Answers by the whole seconds they took.
    pub answers: BTreeMap<i64, u64>,
    /// Tokens the model read.
    pub input_tokens: i64,
    /// Tokens it wrote.
    pub output_tokens: i64,
}

impl TurnsBeyond {
    /// Longer ones count as this: a week.
    const LONGEST: i64 = 7 * 24 * 3_600;

    /// Counts a turn.
    pub fn add(&mut self, turn: ReportTurn) {
        match turn.outcome {
            TurnOutcome::Answered => {
                let seconds = turn.took.num_seconds().clamp(0, Self::LONGEST);
                *self.answers.entry(seconds).or_default() += 1;
            }
            TurnOutcome::Failed { reason, is_form } => {
                *self.failed_by_reason.entry(reason).or_default() += 1;
                self.forms += u64::from(is_form);
            }
            TurnOutcome::Service => {}
        }
        self.input_tokens += turn.input_tokens;
        self.output_tokens += turn.output_tokens;
    }
}

/// Lines of a dialog that follow those that are kept: counted, and the last of them kept as well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rest {
    /// How many there are.
    pub count: usize,
    /// Those of them that are the customer's.
    pub questions: u64,
    /// Replies among them that did not arrive and never will.
    pub undelivered: u64,
    /// The last of them, oldest first, long texts cut.
    pub last: Vec<DialogLine>,
    first_question: Option<DateTime<Utc>>,
    first_words: Option<DialogLine>,
    last_words: Option<DialogLine>,
}

impl Rest {
    /// Lines that are kept, bytes of their texts together, and characters of one: more than a letter shows of a dialog among others.
    const LINES: usize = 100;
    const BYTES: usize = 40_000;
    const CHARS: usize = 2_000;

    /// Counts the next line.
    pub fn add(&mut self, mut line: DialogLine) {
        if let Some((end, _)) = line.text.char_indices().nth(Self::CHARS) {
            line.text.truncate(end);
        }
        self.count += 1;
        if line.speaker == Speaker::Customer {
            self.questions += 1;
            self.first_question = self.first_question.or(Some(line.at));
        }
        self.undelivered += u64::from(line.is_lost());
        if line.has_words() {
            self.last_words = Some(line.clone());
            if self.first_words.is_none() {
                self.first_words = self.last_words.clone();
            }
        }
        self.last.push(line);
        let is_over = |last: &[DialogLine]| {
            let bytes: usize = last.iter().map(|line| line.text.len()).sum();
            last.len() > Self::LINES || bytes > Self::BYTES && last.len() > 1
        };
        while is_over(&self.last) {
            self.last.remove(0);
        }
    }
}

impl ReportDialog {
    /// How many lines it has.
    pub fn count(&self) -> usize {
        self.lines.len() + self.rest.count
    }

    /// Whether the customer wrote; else the period holds only a late answer to them.
    pub fn is_written(&self) -> bool {
        self.first_question().is_some()
    }

    /// How many messages are the customer's.
    pub fn questions(&self) -> u64 {
        let own = self.lines.iter().filter(|line| line.speaker == Speaker::Customer);
        own.count() as u64 + self.rest.questions
    }

    /// How many replies did not arrive and never will.
    pub fn undelivered(&self) -> u64 {
        let lost = self.lines.iter().filter(|line| line.is_lost());
        lost.count() as u64 + self.rest.undelivered
    }

    /// When the customer first wrote.
    pub fn first_question(&self) -> Option<DateTime<Utc>> {
        let own = self.lines.iter().find(|line| line.speaker == Speaker::Customer);
        own.map(|line| line.at).or(self.rest.first_question)
    }

    /// What the customer said first; a command says nothing.
    pub fn first_words(&self) -> Option<&DialogLine> {
        let own = self.lines.iter().find(|line| line.has_words());
        own.or(self.rest.first_words.as_ref())
    }

    /// What they said last, if that is not what they said first.
    pub fn last_words(&self) -> Option<&DialogLine> {
        let own = || self.lines.iter().filter(|line| line.has_words());
        match &self.rest.last_words {
            Some(last) if own().next().is_some() || self.rest.first_words.as_ref() != Some(last) => Some(last),
            Some(_) => None,
            None => own().skip(1).last(),
        }
    }

    /// The lines from the last one backwards, as far as none is missing.
    pub fn from_the_end(&self) -> impl Iterator<Item = &DialogLine> {
        let is_whole = self.rest.count == self.rest.last.len();
        let before = is_whole.then(|| self.lines.iter().rev()).into_iter().flatten();
        self.rest.last.iter().rev().chain(before)
    }
}
