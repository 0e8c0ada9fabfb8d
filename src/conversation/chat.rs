//! The state of a chat: its customer, the waiting rows and edits, recent notices. It is read from the rows once. After that each
//! new row arrives as a hint, and if a hint is missing, the rows are read again.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::{InboxId, Keyboard, Language, LeadSource, MessageId};
use store::{
    ConversationState, Customer, Edit, FinishTurn, FinishedReply, FormState, FormUpdate, ReplyKind, ThreadState,
    ThreadUpdate, WaitingRow,
};

use super::agenda;
use super::budget::DayCount;
use super::messages::{Arrived, CheckRows, TakeRow};

/// The last notice about unsupported media.
#[derive(Debug, Clone, Default)]
pub(super) struct MediaHint {
    /// When the notice was sent.
    pub(super) at: Option<DateTime<Utc>>,
    /// The album whose first part has been answered.
    pub(super) album: Option<String>,
}

pub(super) struct Chat {
    pub(super) customer: Customer,
    /// Oldest first; includes the rows of an open turn until its end is saved.
    pub(super) waiting: VecDeque<WaitingRow>,
    /// The edits not yet passed to the model, oldest first.
    pub(super) edits: Vec<Edit>,
    /// The newest known row; `None` if a hint was lost.
    newest: Option<InboxId>,
    /// Turns of the model since midnight.
    pub(super) turns_today: DayCount,
    pub(super) media: MediaHint,
}

impl Chat {
    /// `album`: the last answered album, which is not in the rows.
    pub(super) fn read(state: ConversationState, album: Option<String>, now: DateTime<Tz>) -> Self {
        Self {
            customer: state.customer,
            waiting: state.waiting.into(),
            edits: state.edits,
            newest: state.newest.or(Some(InboxId(0))),
            turns_today: DayCount::known(state.turns_today, now),
            media: MediaHint {
                at: state.media_hint_at,
                album,
            },
        }
    }

    /// Merges rows read again during a turn: the turn knows its own rows, but perhaps not an edit of them.
    pub(super) fn merge(&mut self, state: ConversationState) {
        for row in state.waiting {
            match self.waiting.iter_mut().find(|old| old.id == row.id) {
                Some(old) => old.message = row.message,
                None => self.waiting.push_back(row),
            }
        }
        for edit in state.edits {
            if self.edits.iter().all(|old| old.id != edit.id) {
                self.edits.push(edit);
            }
        }
        self.customer.lead_at = self.customer.lead_at.max(state.customer.lead_at);
        self.customer.lead_pending_for_model = state.customer.lead_pending_for_model;
        self.newest = state.newest.or(Some(InboxId(0)));
    }

    /// Frees the memory of ended rows.
    pub(super) fn shrink(&mut self) {
        self.waiting.shrink_to_fit();
        self.edits.shrink_to_fit();
    }

    /// Whether the rows must be read again before anything else begins.
    pub(super) fn is_stale(&self) -> bool {
        self.newest.is_none()
    }

    pub(super) fn mark_stale(&mut self) {
        self.newest = None;
    }

    pub(super) fn has_reset(&self) -> bool {
        self.waiting.iter().any(agenda::is_reset)
    }

    /// Adds a stored row. If it cannot be added here, the next read finds it.
    pub(super) fn take(&mut self, take: TakeRow, now: DateTime<Utc>) {
        let id = match &take.arrived {
            Arrived::Row(row) => row.id,
            Arrived::Edit(edit) => edit.id,
            Arrived::Lead(row) => *row,
        };
        let Some(newest) = self.newest.filter(|newest| id > *newest) else {
            return;
        };
        if take.previous > Some(newest) {
            return self.mark_stale();
        }
        self.newest = Some(id);
        self.note_lead(take.lead, now);
        match take.arrived {
            Arrived::Row(row) => self.waiting.push_back(row),
            Arrived::Edit(edit) => {
                // Also in an open turn: the model gets the edit later, but a contact in the old text no longer counts.
                let mut waiting = self.waiting.iter_mut();
                if let Some(row) = waiting.rfind(|row| row.message_id == edit.message_id) {
                    row.message = edit.message.clone();
                }
                self.edits.push(edit);
            }
            Arrived::Lead(_) => {}
        }
    }

    /// The sweep found a waiting row.
    pub(super) fn check(&mut self, check: CheckRows) {
        if self.waiting.iter().all(|row| row.id != check.oldest) {
            self.mark_stale();
        }
    }

    /// A lead was recorded without the model; the next turn informs it.
    pub(super) fn note_lead(&mut self, source: Option<LeadSource>, now: DateTime<Utc>) {
        if source.is_some() {
            self.customer.lead_at = Some(now);
            self.customer.lead_pending_for_model = source;
        }
    }

    /// Those of these rows that still wait, with later edits applied.
    pub(super) fn rows(&self, ids: &[InboxId]) -> Vec<WaitingRow> {
        let rows = self.waiting.iter().filter(|row| ids.contains(&row.id));
        rows.cloned().collect()
    }

    pub(super) fn first(&self, count: usize) -> Vec<WaitingRow> {
        self.waiting.iter().take(count).cloned().collect()
    }

    /// The edits of answered messages and of the first `count` rows. Edits of later rows wait with them.
    pub(super) fn edits_for_model(&self, count: usize) -> Vec<Edit> {
        let later: Vec<MessageId> = self.waiting.iter().skip(count).map(|row| row.message_id).collect();
        let edits = self.edits.iter().filter(|edit| !later.contains(&edit.message_id));
        edits.cloned().collect()
    }

    pub(super) fn language(&self, fallback: Language) -> Language {
        self.customer.profile.language(fallback)
    }

    /// The next reply removes an earlier contact button.
    pub(super) fn keyboard_to_remove(&self) -> Option<Keyboard> {
        self.customer.has_keyboard.then_some(Keyboard::Remove)
    }

    /// Whether the customer has left a contact within `open_for`.
    pub(super) fn is_lead_open(&self, open_for: TimeDelta, now: DateTime<Utc>) -> bool {
        self.customer.lead_at.is_some_and(|at| now - at < open_for)
    }

    /// Closes the form if it is open.
    pub(super) fn closed_form(&self) -> FormUpdate {
        match self.customer.form.since {
            Some(_) => FormUpdate::Close,
            None => FormUpdate::Keep,
        }
    }

    /// Applies the saved end of a turn. Returns whether the customer's thread changed.
    pub(super) fn apply(&mut self, written: &FinishTurn, now: DateTime<Utc>) -> bool {
        let is_reset = written.thread == ThreadUpdate::Reset;
        let upto = written.rows.first().copied();
        self.waiting
            .retain(|row| !(written.rows.contains(&row.id) || is_reset && Some(row.id) < upto));
        self.edits
            .retain(|edit| !(written.edits.contains(&edit.id) || is_reset && Some(edit.id) < upto));
        let kind = written.reply.as_ref().map(|reply| reply.kind);
        if kind == Some(ReplyKind::MediaHint) {
            self.media.at = Some(now);
        }
        let customer = &mut self.customer;
        match written.form {
            FormUpdate::Keep => {}
            FormUpdate::Ask => {
                customer.form.since.get_or_insert(now);
                customer.form.asked_at = Some(now);
            }
            FormUpdate::Close => customer.form = FormState::default(),
        }
        if customer.lead_pending_for_model == written.lead_announced {
            customer.lead_pending_for_model = None;
        }
        customer.is_greeted |= kind == Some(ReplyKind::Greeting);
        if let Some(keyboard) = written.reply.as_ref().and_then(FinishedReply::keyboard) {
            customer.has_keyboard = matches!(keyboard, Keyboard::Contact { .. });
        }
        update_thread(&mut customer.thread, &written.thread, now)
    }
}

fn update_thread(thread: &mut ThreadState, update: &ThreadUpdate, now: DateTime<Utc>) -> bool {
    match update {
        ThreadUpdate::Keep => false,
        ThreadUpdate::Suspect => {
            thread.is_suspect = true;
            true
        }
        ThreadUpdate::Used { id, input_tokens } => {
            let is_other = thread.id.as_ref() != Some(id);
            thread.id = Some(id.clone());
            thread.is_suspect = false;
            thread.last_input_tokens = *input_tokens;
            thread.used_at = Some(now);
            is_other
        }
        // The database keeps `since`; it is read again when a new thread needs the history.
        ThreadUpdate::Reset => {
            thread.id = None;
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{ChatId, CustomerMessage, Profile, UpdateId};

    use super::*;

    fn arrived(id: i64, previous: i64) -> TakeRow {
        let row = WaitingRow {
            id: InboxId(id),
            update: UpdateId(id),
            message_id: MessageId(id),
            message: CustomerMessage::text("x"),
            is_unreadable: false,
            received_at: DateTime::UNIX_EPOCH,
            attempts: 0,
            panics: 0,
        };
        TakeRow {
            arrived: Arrived::Row(row),
            previous: Some(InboxId(previous)),
            lead: None,
        }
    }

    #[test]
    fn a_row_whose_hint_was_lost_is_read_before_later_rows_are_answered() {
        let state = ConversationState {
            customer: Customer {
                chat: ChatId(1),
                profile: Profile::default(),
                source: None,
                is_blocked: false,
                is_greeted: false,
                has_keyboard: false,
                form: FormState::default(),
                lead_at: None,
                lead_pending_for_model: None,
                thread: ThreadState::default(),
            },
            waiting: Vec::new(),
            edits: Vec::new(),
            unreadable_edits: Vec::new(),
            newest: Some(InboxId(1)),
            media_hint_at: None,
            turns_today: 0,
        };
        let now = DateTime::UNIX_EPOCH;
        let mut chat = Chat::read(state, None, now.with_timezone(&Tz::UTC));
        chat.take(arrived(3, 1), now);
        assert!(!chat.is_stale(), "the rows between belong to other chats");
        chat.take(arrived(6, 5), now);
        assert!(chat.is_stale(), "a row of this chat was missed");
    }
}
