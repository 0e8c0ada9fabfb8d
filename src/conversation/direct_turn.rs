//! Turns without the model: a row is answered directly, a form is filled in, or rows fail.

use base::Event;
use domain::{Body, FailReason, LeadSource};
use store::{Ending, FinishTurn, FormUpdate, LeftContacts, ThreadUpdate};

use super::chat::Chat;
use super::direct::Situation;
use super::form::{stopgap, take_form};
use super::reply::{Frame, from_text};
use super::shared::Shared;

/// Answers the row at this index.
pub(super) fn answer_directly(shared: &Shared, chat: &mut Chat, place: usize) -> Option<FinishTurn> {
    let row = chat.waiting.get(place)?;
    let answer = Situation { shared, chat }.answer(row);
    let event = Event::info("conversation", "answered_without_model")
        .chat(chat.customer.chat)
        .upd(row.update)
        .turn(row.id);
    shared.runtime.events.emit(event.with("silent", answer.text.is_none()));
    let frame = Frame {
        answers: shared.question_of(chat, (row, row)),
        keyboard: answer.keyboard.or_else(|| chat.keyboard_to_remove()),
    };
    let is_own_card = matches!(&row.message.body, Body::Contact(card) if card.is_own);
    // The rows before a reset get no answer, but may contain a contact.
    let is_reset = answer.thread == ThreadUpdate::Reset;
    let dropped = chat.waiting.iter().take(if is_reset { place } else { 0 });
    let finish = FinishTurn {
        reply: answer.text.map(|(text, kind)| from_text(text, kind, frame)),
        thread: answer.thread,
        contacts: LeftContacts {
            found: shared.contacts_in(dropped.chain([row])),
            source: LeadSource::Text,
        },
        form: match is_own_card {
            true => chat.closed_form(),
            false => FormUpdate::Keep,
        },
        ..shared.end_of(chat.customer.chat, std::slice::from_ref(row))
    };
    if let Some(album) = row.message.album.clone() {
        chat.media.album = Some(album);
    }
    Some(finish)
}

/// The end of the first `count` rows if they do not need the model: they fill in the form, or a daily limit is reached.
pub(super) fn without_model(shared: &Shared, chat: &Chat, count: usize) -> Option<FinishTurn> {
    if let Some(finish) = take_form(shared, chat, count) {
        return Some(finish);
    }
    fail_rows(shared, chat, count, reached_limit(shared, chat)?)
}

/// The daily limit that this customer or all customers have reached.
fn reached_limit(shared: &Shared, chat: &Chat) -> Option<FailReason> {
    let limit = u64::from(shared.config.conversation.turns_per_customer_per_day);
    if limit > 0 && chat.turns_today.on(shared.local_now()) >= limit {
        return Some(FailReason::TurnsOfDay);
    }
    shared.is_budget_spent().then_some(FailReason::TokensOfDay)
}

/// Ends the first `count` rows without the model's answer.
pub(super) fn fail_rows(shared: &Shared, chat: &Chat, count: usize, reason: FailReason) -> Option<FinishTurn> {
    let rows = chat.first(count);
    let (first, last) = (rows.first()?, rows.last()?);
    let event = match reason {
        FailReason::TurnsOfDay | FailReason::TokensOfDay => Event::warn("conversation", "turn_failed"),
        _ => Event::error("conversation", "turn_failed"),
    };
    let event = event.chat(chat.customer.chat).upd(first.update).turn(first.id);
    shared.runtime.events.emit(event.with("reason", reason.word()));
    let end = shared.end_of(chat.customer.chat, &rows);
    let is_saved = !end.contacts.found.is_empty();
    let stopgap = stopgap(shared, chat, (reason, None), (first, last), is_saved);
    Some(FinishTurn {
        ending: Ending::Failed(reason),
        reply: Some(stopgap.reply),
        // The thread does not contain these messages, so the next turn must start a new one with the history.
        thread: match reason {
            FailReason::Unreadable => ThreadUpdate::Keep,
            _ => ThreadUpdate::Suspect,
        },
        form: stopgap.form,
        alert: stopgap.alert,
        ..end
    })
}
