//! What a report's page has no room for: counted while its rows are read, and not kept. A page is bounded whatever its period
//! holds; on usual days all of this is empty.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, TimeZone, Timelike as _, Utc};
use domain::Profile;

use super::ReportDialog;
use super::turn::TurnsBeyond;

/// Counts of rows that are in no list of the page.
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
    /// Dead letters: emails that are no longer retried.
    pub dead_letters: usize,
    /// Parts of replies that are no longer retried.
    pub dead_replies: usize,
    /// Polling gaps.
    pub absences: usize,
    /// How long these were.
    pub away: TimeDelta,
}

/// Messages of floods that were counted and not stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unstored {
    /// Their number.
    pub messages: u64,
    /// The customers who sent most of them, with counts.
    pub most: Vec<(Profile, u64)>,
}

/// Dialogs that are only counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DialogsBeyond {
    /// Their number.
    pub all: usize,
    /// Customers who wrote.
    pub written: u64,
    /// Customers who wrote for the first time.
    pub new_customers: u64,
    /// Customers with a contact from before the period.
    pub known_contact: u64,
    /// Customers who never left a contact.
    pub without_contact: u64,
    /// Customers who asked a question and left no contact in the period.
    pub asking: usize,
    /// Customers who only pressed a button and left no contact.
    pub silent: usize,
    /// Rows that are the customers'.
    pub questions: u64,
    /// Replies.
    pub replies: u64,
    /// Replies that did not arrive and never will.
    pub undelivered: u64,
    /// Customers with an undelivered reply.
    pub missed: usize,
    /// Where the new ones came from.
    pub sources: BTreeMap<Option<String>, u64>,
    /// First questions by the quarter of an hour in which they came, counted from 1970: the offsets of all zones are whole quarters.
    quarters: BTreeMap<i64, u64>,
}

impl DialogsBeyond {
    /// Most distinct deep-link payloads; later ones count as the last of them in alphabetical order.
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
