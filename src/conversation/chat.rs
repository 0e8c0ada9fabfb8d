//! What is known of a chat: its customer, what waits to be answered, what was said of late. Read from its rows once; after that
//! each new row comes as a hint, and where one is missing the rows are read again.

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
use super::messages::{Arrived, LookForWork, TakeRow};

/// What was said of late about media.
#[derive(Debug, Clone, Default)]
pub(super) struct MediaHint {
    /// When the customer was told what is understood.
    pub(super) at: Option<DateTime<Utc>>,
    /// The album whose first part has been answered.
    pub(super) album: Option<String>,
}

/// The chat.
pub(super) struct Chat {
    pub(super) customer: Customer,
    /// Oldest first; the rows of an open turn stay among them until its end is written.
    pub(super) waiting: VecDeque<WaitingRow>,
    /// Those no turn has told the model yet, oldest first.
    pub(super) edits: Vec<Edit>,
    /// The newest row that is known; `None`: one was missed.
    newest: Option<InboxId>,
    /// Turns of the model since midnight.
    pub(super) turns_today: DayCount,
    pub(super) media: MediaHint,
}

impl Chat {
    /// As its rows tell it. `album`: the last one that was answered, which no row tells.
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

    /// The same rows read again while a turn about some of them is open: it has read those, but of an edit it may not know.
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
        self.customer.untold_lead = state.customer.untold_lead;
        self.newest = state.newest.or(Some(InboxId(0)));
    }

    /// Gives back the room of rows that have ended.
    pub(super) fn shrink(&mut self) {
        self.waiting.shrink_to_fit();
        self.edits.shrink_to_fit();
    }

    /// Whether a row was missed, so that nothing may begin before the rows are read again.
    pub(super) fn is_stale(&self) -> bool {
        self.newest.is_none()
    }

    /// What is known here is out of date.
    pub(super) fn mark_stale(&mut self) {
        self.newest = None;
    }

    /// Whether a `/reset` waits.
    pub(super) fn has_reset(&self) -> bool {
        self.waiting.iter().any(agenda::is_reset)
    }

    /// A row was stored. The next reading finds it where it is not taken in.
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
                // Also that of an open turn: the model is told of it later, but its old words hold no contact any more.
                let mut waiting = self.waiting.iter_mut();
                if let Some(row) = waiting.rfind(|row| row.message_id == edit.message_id) {
                    row.message = edit.message.clone();
                }
                self.edits.push(edit);
            }
            Arrived::Lead(_) => {}
        }
    }

    /// A row waits, as somebody else saw it.
    pub(super) fn look(&mut self, look: LookForWork) {
        if self.waiting.iter().all(|row| row.id != look.oldest) {
            self.mark_stale();
        }
    }

    /// A lead was recorded without the model, which is told with its next turn.
    pub(super) fn note_lead(&mut self, source: Option<LeadSource>, now: DateTime<Utc>) {
        if source.is_some() {
            self.customer.lead_at = Some(now);
            self.customer.untold_lead = source;
        }
    }

    /// These rows, as far as they wait, with the edits they had since.
    pub(super) fn rows(&self, ids: &[InboxId]) -> Vec<WaitingRow> {
        let rows = self.waiting.iter().filter(|row| ids.contains(&row.id));
        rows.cloned().collect()
    }

    /// The first `count` rows.
    pub(super) fn first(&self, count: usize) -> Vec<WaitingRow> {
        self.waiting.iter().take(count).cloned().collect()
    }

    /// Edits whose message has been answered, or is among the first `count` rows; those of messages still behind them wait
    /// with these.
    pub(super) fn edits_to_tell(&self, count: usize) -> Vec<Edit> {
        let later: Vec<MessageId> = self.waiting.iter().skip(count).map(|row| row.message_id).collect();
        let edits = self.edits.iter().filter(|edit| !later.contains(&edit.message_id));
        edits.cloned().collect()
    }

    pub(super) fn language(&self, fallback: Language) -> Language {
        self.customer.profile.language(fallback)
    }

    /// An earlier contact button goes away with the next reply.
    pub(super) fn keyboard_to_remove(&self) -> Option<Keyboard> {
        self.customer.has_keyboard.then_some(Keyboard::Remove)
    }

    /// Whether the customer's contact is known and still counts as left.
    pub(super) fn is_lead_open(&self, open_for: TimeDelta, now: DateTime<Utc>) -> bool {
        self.customer.lead_at.is_some_and(|at| now - at < open_for)
    }

    /// An answer closes the form, if it is open.
    pub(super) fn closed_form(&self) -> FormUpdate {
        match self.customer.form.since {
            Some(_) => FormUpdate::Close,
            None => FormUpdate::Keep,
        }
    }

    /// Does what the end of a turn did to the rows. Answers whether the customer's thread is another one now, or none.
    pub(super) fn remember(&mut self, written: &FinishTurn, now: DateTime<Utc>) -> bool {
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
        if customer.untold_lead == written.told_lead {
            customer.untold_lead = None;
        }
        customer.is_greeted |= kind == Some(ReplyKind::Greeting);
        if let Some(keyboard) = written.reply.as_ref().and_then(FinishedReply::keyboard) {
            customer.has_keyboard = matches!(keyboard, Keyboard::Contact { .. });
        }
        renew(&mut customer.thread, &written.thread, now)
    }
}

fn renew(thread: &mut ThreadState, update: &ThreadUpdate, now: DateTime<Utc>) -> bool {
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
        // The mark of `since` is the database's own; it is read again when a thread has to be told the past.
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
    fn a_row_whose_hint_was_lost_is_read_before_the_next_is_answered() {
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
                untold_lead: None,
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
        assert!(!chat.is_stale(), "rows of others lie between");
        chat.take(arrived(6, 5), now);
        assert!(chat.is_stale(), "a row of this chat was missed");
    }
}
