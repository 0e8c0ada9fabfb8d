//! One customer's part of a period.

use chrono::{DateTime, Utc};
use domain::{ChatId, LeadFacts, LeadId, Profile};

use super::{DialogLine, Speaker};

/// One customer's part of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDialog {
    /// The customer's chat.
    pub chat: ChatId,
    /// The customer's current Telegram profile.
    pub profile: Profile,
    /// The customer's deep-link payload.
    pub came_from: Option<String>,
    /// The customer never wrote before this period.
    pub is_new: bool,
    /// The customer's newest lead up to the end of the period.
    pub lead: Option<LeadId>,
    /// That lead was recorded in this period.
    pub is_lead_new: bool,
    /// The current facts of that lead.
    pub facts: Option<LeadFacts>,
    /// A contact was left in this period, possibly for an earlier lead.
    pub has_left_contact: bool,
    /// The lines, oldest first.
    pub lines: Vec<DialogLine>,
    /// What was said after that.
    pub rest: Rest,
}

impl ReportDialog {
    /// Without any details.
    pub fn empty(chat: ChatId, profile: Profile) -> Self {
        Self {
            chat,
            profile,
            came_from: None,
            is_new: false,
            lead: None,
            is_lead_new: false,
            facts: None,
            has_left_contact: false,
            lines: Vec::new(),
            rest: Rest::default(),
        }
    }

    /// The number of lines.
    pub fn count(&self) -> usize {
        self.lines.len() + self.rest.count
    }

    /// Whether the customer wrote; else the period holds only a late answer to them.
    pub fn is_written(&self) -> bool {
        self.first_question().is_some()
    }

    /// The number of customer messages.
    pub fn questions(&self) -> u64 {
        let own = self.lines.iter().filter(|line| line.speaker == Speaker::Customer);
        own.count() as u64 + self.rest.questions
    }

    /// The number of replies that were not delivered and are not retried.
    pub fn undelivered(&self) -> u64 {
        let lost = self.lines.iter().filter(|line| line.is_lost());
        lost.count() as u64 + self.rest.undelivered
    }

    /// When the customer first wrote.
    pub fn first_question(&self) -> Option<DateTime<Utc>> {
        let own = self.lines.iter().find(|line| line.speaker == Speaker::Customer);
        own.map(|line| line.at).or(self.rest.first_question)
    }

    /// The customer's first message that is not a command.
    pub fn first_words(&self) -> Option<&DialogLine> {
        let own = self.lines.iter().find(|line| line.has_words());
        own.or(self.rest.first_words.as_ref())
    }

    /// The customer's last message, unless it is also the first.
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
