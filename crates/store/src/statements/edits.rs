//! Stores an edit, after comparing it with the message's previous text. An edit never gets its own reply.

use diesel::prelude::*;
use domain::{CustomerMessage, IgnoreReason, InboxId, LeadSource, MessageId, Taken};

use super::intake::{FOUND, Intake};
use super::lead_origins::forget_content;
use super::rows::{dialog_kind, inbox_state as state, to_json};
use super::stored::StoredText;
use crate::schema::{dialogs, inbox};
use crate::{Edit, Outcome};

impl Intake<'_> {
    /// A message that still waits gets the new text; any other edit is passed to the model with the next turn.
    pub(super) fn edited(&mut self, id: i64, message: &CustomerMessage) -> QueryResult<Outcome> {
        let same_message = inbox::table
            .filter(inbox::chat_id.eq(self.update.chat.0))
            .filter(inbox::message_id.eq(self.update.message.map(|message| message.0)))
            .filter(inbox::id.lt(id));
        let before = self.previous_text(id)?;
        let is_flood = self.is_flood()? || self.has_too_many_waiting()? || self.has_too_many_edits()?;
        if before.as_ref() == Some(&message.transcript()) {
            forget_content(self.conn, id)?;
            return self.ignore_empty(id, IgnoreReason::Unchanged);
        }
        self.add_words(id, self.kept_words(message, is_flood), dialog_kind::EDIT)?;
        if is_flood {
            // The conversation does not get this edit, so the waiting text must stay as the conversation has it.
            self.record_contacts(id, LeadSource::Text, FOUND)?;
            return self.flooded(id);
        }
        self.record_contacts(id, LeadSource::Text, Taken::Left)?;
        // The text after a `/reset` is the later of two rows; the reset row stays unchanged.
        let waiting: Option<i64> = same_message
            .filter(inbox::state.eq(state::PENDING))
            .select(diesel::dsl::max(inbox::id))
            .first(self.conn)?;
        diesel::update(inbox::table.filter(inbox::id.nullable().eq(waiting)))
            .set(inbox::content.eq(to_json(message)?))
            .execute(self.conn)?;
        self.ignore(id, IgnoreReason::Edited)?;
        Ok(Outcome::Edited(Edit {
            id: InboxId(id),
            message_id: self.update.message.unwrap_or(MessageId(0)),
            message: message.clone(),
        }))
    }

    /// The message's previous text; `None` if it is unknown, because a repeated edit is better than a lost one.
    fn previous_text(&mut self, id: i64) -> QueryResult<Option<String>> {
        let last: Option<i64> = inbox::table
            .filter(inbox::chat_id.eq(self.update.chat.0))
            .filter(inbox::message_id.eq(self.update.message.map(|message| message.0)))
            .filter(inbox::id.lt(id))
            .filter(
                inbox::reason
                    .is_null()
                    .or(inbox::reason.ne(IgnoreReason::Unchanged.word())),
            )
            .order(inbox::id.desc())
            .select(inbox::id)
            .first(self.conn)
            .optional()?;
        let Some(last) = last else { return Ok(None) };
        let words: Option<StoredText> = dialogs::table
            .filter(dialogs::inbox_id.eq(last))
            .select(dialogs::message)
            .first(self.conn)
            .optional()?;
        Ok(words.map(Into::into))
    }
}
