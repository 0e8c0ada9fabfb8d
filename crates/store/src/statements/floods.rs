//! A customer who sends more than the business answers: what of it is kept, and what is only counted.

use diesel::prelude::*;
use domain::{CustomerMessage, IgnoreReason};

use super::arrivals::{HOUR, MINUTE, count};
use super::conversations::{pending, untold_edits};
use super::intake::Intake;
use super::lead_origins::forget_content;
use super::rows::messages;
use crate::schema::{dialogs, inbox};
use crate::{FloodNotices, LeadOutcome, Outcome};

impl Intake<'_> {
    pub(super) fn is_flood(&mut self) -> QueryResult<bool> {
        let (most, floods) = (self.rules.max_per_minute, &self.rules.floods);
        Ok(self.arrivals.is_flood(self.counts, most, floods))
    }

    pub(super) fn has_too_many_waiting(&mut self) -> QueryResult<bool> {
        let most = i64::from(self.rules.max_waiting);
        // No more messages than rows: an album is one message.
        if self.rows_waiting <= most {
            return Ok(false);
        }
        let waiting: i64 = pending(self.update.chat.0).select(messages()).first(self.conn)?;
        Ok(waiting > most)
    }

    /// The words of a message; of a flood the beginning.
    pub(super) fn kept_words(&self, message: &CustomerMessage, is_flood: bool) -> String {
        let words = message.transcript();
        let most = self.rules.floods.chars;
        if !is_flood || words.chars().nth(most).is_none() {
            return words;
        }
        words.chars().take(most.saturating_sub(1)).chain(['…']).collect()
    }

    pub(super) fn tell_of_flood(&mut self, notices: &FloodNotices) -> QueryResult<()> {
        match self.arrivals.is_beyond_day(&self.rules.floods) && self.rules.max_per_minute.is_some() {
            true => self.give_notice(self.notice_key("flood-of-day", HOUR), &notices.day),
            false => self.give_notice(self.notice_key("flood", MINUTE), &notices.minute),
        }
    }

    /// The end of a message that is one too many. Beyond what a flood may leave it is counted and gone; a contact in it has its lead by
    /// then, and the words that came with a new one stay.
    pub(super) fn flooded(&mut self, id: i64) -> QueryResult<Outcome> {
        let is_new_lead = self.lead.is_some_and(|lead| lead.outcome == LeadOutcome::New);
        if self.arrivals.keep(&self.rules.floods) || is_new_lead {
            forget_content(self.conn, id)?;
            return self.ignore(id, IgnoreReason::Flood);
        }
        diesel::delete(dialogs::table.filter(dialogs::inbox_id.eq(id))).execute(self.conn)?;
        count(self.conn, self.update.chat.0)?;
        self.pass_over(id)
    }

    /// An update that says nothing is a row as long as there are not too many.
    pub(super) fn said_nothing(&mut self, id: i64, reason: IgnoreReason) -> QueryResult<Outcome> {
        match self.arrivals.keep(&self.rules.floods) {
            true => self.ignore(id, reason),
            false => self.pass_over(id),
        }
    }

    fn pass_over(&mut self, id: i64) -> QueryResult<Outcome> {
        diesel::delete(inbox::table.find(id)).execute(self.conn)?;
        self.arrivals.pass_over(self.update);
        Ok(Outcome::Counted)
    }

    /// Each edit is told to the model with the next message, and until then it is kept in memory.
    pub(super) fn has_too_many_edits(&mut self) -> QueryResult<bool> {
        let untold: i64 = untold_edits(self.update.chat.0).count().get_result(self.conn)?;
        Ok(untold >= i64::from(self.rules.max_waiting))
    }
}
