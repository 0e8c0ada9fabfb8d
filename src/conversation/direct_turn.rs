//! Turns that need no model: a row is answered directly, or given up.

use base::Event;
use domain::{Body, FailReason, LeadSource, TurnFigures, WaitingRow};

use super::actor::ConversationActor;
use super::direct::Situation;
use super::reply::{Envelope, from_text};
use crate::db::messages::{Ending, FinishTurn, FormUpdate, LeftContacts, ThreadUpdate};
use crate::runtime::{Behaviour, Ctx};

impl ConversationActor {
    pub(super) fn answer_directly(&mut self, place: usize, ctx: &mut Ctx<'_, Self>) {
        let (Some(row), Some(customer)) = (self.waiting.get(place), &self.customer) else {
            return;
        };
        let situation = Situation {
            phrases: &self.shared.phrases,
            business: &self.shared.business,
            language: self.language(),
            customer,
            media_hint_at: self.media_hint_at,
            last_album: self.last_album.as_deref(),
            now: self.shared.runtime.clock.now(),
        };
        let answer = situation.answer(row);
        let event = Event::info(Self::NAME, "answered_directly")
            .chat(self.chat)
            .upd(row.update)
            .turn(row.id);
        let envelope = Envelope {
            answers: self.question_of(row, row),
            keyboard: answer.keyboard.or_else(|| self.keyboard_to_remove()),
        };
        self.shared
            .runtime
            .events
            .emit(event.with("silent", answer.text.is_none()));
        let is_own_card = matches!(&row.message.body, Body::Contact(card) if card.is_own);
        // What a reset makes pointless to answer may still hold a number.
        let is_reset = answer.thread == ThreadUpdate::Reset;
        let dropped = self.waiting.iter().take(if is_reset { place } else { 0 });
        let finish = FinishTurn {
            reply: answer.text.map(|(text, kind)| from_text(text, kind, envelope)),
            thread: answer.thread,
            contacts: LeftContacts {
                found: self.shared.contacts_in(dropped.chain([row])),
                source: LeadSource::Text,
            },
            form: if is_own_card {
                self.closed_form()
            } else {
                FormUpdate::Keep
            },
            ..self.end_of(std::slice::from_ref(row))
        };
        let album = row.message.album.clone();
        self.last_album = album.or_else(|| self.last_album.take());
        self.finish(finish, ctx);
    }

    /// The first `count` rows are not given to the model, or not again.
    pub(super) fn give_up(&mut self, count: usize, reason: FailReason, ctx: &mut Ctx<'_, Self>) {
        let rows: Vec<WaitingRow> = self.waiting.iter().take(count).cloned().collect();
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return;
        };
        let is_bound = matches!(reason, FailReason::TurnsOfDay | FailReason::TokensOfDay);
        let event = match is_bound {
            true => Event::warn(Self::NAME, "turn_failed"),
            false => Event::error(Self::NAME, "turn_failed"),
        };
        let event = event.chat(self.chat).upd(first.update).turn(first.id);
        self.shared.runtime.events.emit(event.with("reason", reason.word()));
        let end = self.end_of(&rows);
        let stopgap = self.stopgap((reason, None), (first, last), !end.contacts.found.is_empty());
        let finish = FinishTurn {
            ending: Ending::Failed(reason),
            reply: Some(stopgap.reply),
            // Also where the model was not asked: the thread does not know these words, and the next one is told them.
            thread: match reason {
                FailReason::Unreadable => ThreadUpdate::Keep,
                _ => ThreadUpdate::Suspect,
            },
            form: stopgap.form,
            alert: stopgap.alert,
            ..end
        };
        self.finish(finish, ctx);
    }

    /// The bound of the day that this customer, or all of them, have reached.
    pub(super) fn over_bound(&self) -> Option<FailReason> {
        let most = self.shared.turns_per_day;
        if most > 0 && self.turns_today.on(self.shared.local_now()) >= most {
            return Some(FailReason::TurnsOfDay);
        }
        self.shared.is_budget_spent().then_some(FailReason::TokensOfDay)
    }

    /// The end of a turn about these rows, with nothing in it yet but the contacts they hold.
    pub(super) fn end_of(&self, rows: &[WaitingRow]) -> FinishTurn {
        FinishTurn {
            chat: self.chat,
            rows: rows.iter().map(|row| row.id).collect(),
            edits: Vec::new(),
            ending: Ending::Done,
            reply: None,
            thread: ThreadUpdate::Keep,
            figures: TurnFigures::default(),
            contacts: LeftContacts {
                found: self.shared.contacts_in(rows),
                source: LeadSource::Text,
            },
            rules: self.shared.leads.rules.clone(),
            told_lead: None,
            form: FormUpdate::Keep,
            alert: None,
        }
    }
}
