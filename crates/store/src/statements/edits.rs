//! An edit on its way in: compared with what the message said last, and never answered by itself.

use diesel::prelude::*;
use domain::{CustomerMessage, IgnoreReason, InboxId, LeadSource, MessageId, Taken};

use super::intake::{FOUND, Intake};
use super::lead_origins::forget_content;
use super::rows::{dialog_kind, inbox_state as state, to_json};
use super::stored::StoredText;
use crate::schema::{dialogs, inbox};
use crate::{Edit, Outcome};

impl Intake<'_> {
    /// An edit is never answered: a message that still waits gets its new text, any other edit stays to be told to
    /// the model with the next turn.
    pub(super) fn edited(&mut self, id: i64, message: &CustomerMessage) -> QueryResult<Outcome> {
        let same_message = inbox::table
            .filter(inbox::chat_id.eq(self.update.chat.0))
            .filter(inbox::message_id.eq(self.update.message.map(|message| message.0)))
            .filter(inbox::id.lt(id));
        let before = self.words_before(id)?;
        let is_flood = self.is_flood()? || self.has_too_many_waiting()? || self.has_too_many_edits()?;
        if before.as_ref() == Some(&message.transcript()) {
            forget_content(self.conn, id)?;
            return self.said_nothing(id, IgnoreReason::Unchanged);
        }
        self.add_words(id, self.kept_words(message, is_flood), dialog_kind::EDIT)?;
        if is_flood {
            // The conversation is not told of it, so a text that waits stays as the conversation knows it.
            self.record_contacts(id, LeadSource::Text, FOUND)?;
            return self.flooded(id);
        }
        self.record_contacts(id, LeadSource::Text, Taken::Left)?;
        // The words behind a `/reset` are the later of two rows; the reset itself stays one.
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

    /// What the message said last; nothing where nobody knows, for better told twice than never.
    fn words_before(&mut self, id: i64) -> QueryResult<Option<String>> {
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
