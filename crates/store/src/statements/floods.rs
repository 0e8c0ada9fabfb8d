//! Messages over the flood limits: which of them are stored and which are only counted.

use diesel::prelude::*;
use domain::{CustomerMessage, IgnoreReason};

use super::arrivals::{HOUR, MINUTE, count};
use super::conversations::{pending, pending_edits};
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
        // There are never more messages than rows, because an album is one message.
        if self.rows_waiting <= most {
            return Ok(false);
        }
        let waiting: i64 = pending(self.update.chat.0).select(messages()).first(self.conn)?;
        Ok(waiting > most)
    }

    /// The text of a message; of a flood only its beginning.
    pub(super) fn kept_words(&self, message: &CustomerMessage, is_flood: bool) -> String {
        let words = message.transcript();
        let most = self.rules.floods.chars;
        if !is_flood || words.chars().nth(most).is_none() {
            return words;
        }
        words.chars().take(most.saturating_sub(1)).chain(['…']).collect()
    }

    pub(super) fn notify_flood(&mut self, notices: &FloodNotices) -> QueryResult<()> {
        match self.arrivals.is_beyond_day(&self.rules.floods) && self.rules.max_per_minute.is_some() {
            true => self.send_notice(self.notice_key("flood-of-day", HOUR), &notices.day),
            false => self.send_notice(self.notice_key("flood", MINUTE), &notices.minute),
        }
    }

    /// Ends a message over the limit. If no more rows may be stored, it is deleted and counted. A contact in it is already a
    /// lead, and the text of a new contact stays.
    pub(super) fn flooded(&mut self, id: i64) -> QueryResult<Outcome> {
        let is_new_lead = self.lead.is_some_and(|lead| lead.outcome == LeadOutcome::New);
        if self.arrivals.keep(&self.rules.floods) || is_new_lead {
            forget_content(self.conn, id)?;
            return self.ignore(id, IgnoreReason::Flood);
        }
        diesel::delete(dialogs::table.filter(dialogs::inbox_id.eq(id))).execute(self.conn)?;
        count(self.conn, self.update.chat.0)?;
        self.drop_row(id)
    }

    /// Stores an update without content as ignored, within the flood limits.
    pub(super) fn ignore_empty(&mut self, id: i64, reason: IgnoreReason) -> QueryResult<Outcome> {
        match self.arrivals.keep(&self.rules.floods) {
            true => self.ignore(id, reason),
            false => self.drop_row(id),
        }
    }

    fn drop_row(&mut self, id: i64) -> QueryResult<Outcome> {
        diesel::delete(inbox::table.find(id)).execute(self.conn)?;
        self.arrivals.note_unstored(self.update);
        Ok(Outcome::Counted)
    }

    /// All pending edits are kept in memory until the next turn passes them to the model.
    pub(super) fn has_too_many_edits(&mut self) -> QueryResult<bool> {
        let pending: i64 = pending_edits(self.update.chat.0).count().get_result(self.conn)?;
        Ok(pending >= i64::from(self.rules.max_waiting))
    }
}
