//! The form: if the model cannot answer, the customer is asked for phone and name, so that the lead is not lost. While it
//! is open, each message is first checked for a contact; an answer of the model closes it.

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Alert, AlertKind, FailReason, LeadSource};
use store::{FinishTurn, FinishedReply, FormState, FormUpdate, LeftContacts, ReplyKind, ThreadUpdate, WaitingRow};
use wording::phrases::Phrase;

use super::chat::Chat;
use super::reply::{Frame, from_text};
use super::shared::Shared;

/// Rejected turns since the last good answer, of one or more customers, before the operators are alerted.
const REJECTED_FOR_ALERT: u32 = 2;

/// The reply in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Substitute {
    /// The model declined.
    Refused,
    /// Asks for the contact.
    Form,
    /// The customer was asked recently.
    Failed,
    /// The contact was saved in this turn.
    FailedSaved,
    /// The contact was known before: the managers are not notified of this message, and the customer is not asked again.
    FailedKnown,
}

/// The state of a customer's contact when a turn fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    /// Saved in this turn.
    JustSaved,
    /// Part of an open lead.
    Known,
    Missing,
}

/// Opens the form once and reminds the customer after a pause. A customer with a saved contact is not asked.
fn choose(
    reason: FailReason,
    contact: Contact,
    form: FormState,
    pause: TimeDelta,
    now: DateTime<Utc>,
) -> (Substitute, FormUpdate) {
    if reason == FailReason::Refused {
        return (Substitute::Refused, FormUpdate::Keep);
    }
    let reply = match contact {
        Contact::JustSaved => Some(Substitute::FailedSaved),
        Contact::Known => Some(Substitute::FailedKnown),
        Contact::Missing => None,
    };
    if let Some(reply) = reply {
        let is_open = form.since.is_some();
        return (reply, if is_open { FormUpdate::Close } else { FormUpdate::Keep });
    }
    let is_asked = form.since.is_some() && form.asked_at.is_some_and(|asked| now - asked < pause);
    match is_asked {
        true => (Substitute::Failed, FormUpdate::Keep),
        false => (Substitute::Form, FormUpdate::Ask),
    }
}

/// The alert for the operators, if any. There is none for a refusal of the model, a customer's daily limit, a single rejected request,
/// or an unreadable row. `rejected` counts the rejected turns since the last good answer, including this one.
fn alert_of(reason: FailReason, rejected: u32) -> Option<AlertKind> {
    match reason {
        FailReason::Refused | FailReason::TurnsOfDay | FailReason::Unreadable => None,
        FailReason::Unavailable | FailReason::TokensOfDay => Some(AlertKind::Assistant),
        FailReason::Rejected if rejected < REJECTED_FOR_ALERT => None,
        _ => Some(AlertKind::Unanswered),
    }
}

/// The end of a turn without the model's answer.
pub(super) struct Stopgap {
    pub(super) reply: FinishedReply,
    pub(super) form: FormUpdate,
    pub(super) alert: Option<Alert>,
}

/// The reply and the alert for a turn without the model's answer. The alert has the reason and the last run's `failure`.
/// `is_saved`: the contact was saved in this turn.
pub(super) fn stopgap(
    shared: &Shared,
    chat: &Chat,
    (reason, failure): (FailReason, Option<&str>),
    question: (&WaitingRow, &WaitingRow),
    is_saved: bool,
) -> Stopgap {
    let now = shared.runtime.clock.now();
    let contact = match (is_saved, chat.is_lead_open(shared.leads.rules.open_for, now)) {
        (true, _) => Contact::JustSaved,
        (false, true) => Contact::Known,
        (false, false) => Contact::Missing,
    };
    let (reply, form) = choose(
        reason,
        contact,
        chat.customer.form,
        shared.config.limits.form_pause,
        now,
    );
    let (phrase, keyboard) = match reply {
        Substitute::Refused => (Phrase::Refused, chat.keyboard_to_remove()),
        Substitute::Form => (Phrase::Form, Some(shared.contact_button(chat))),
        // The form's button stays.
        Substitute::Failed => (Phrase::Failed, None),
        Substitute::FailedSaved => (Phrase::FailedSaved, chat.keyboard_to_remove()),
        Substitute::FailedKnown => (Phrase::FailedKnown, chat.keyboard_to_remove()),
    };
    let frame = Frame {
        answers: shared.question_of(chat, question),
        keyboard,
    };
    let text = shared.phrases.say(chat.language(shared.language), phrase);
    Stopgap {
        reply: from_text(text, ReplyKind::Failure, frame),
        form,
        alert: alert_of(reason, shared.rejected(reason)).map(|kind| Alert {
            kind,
            reason: match failure {
                Some(failure) => format!("{} ({failure})", reason.word()),
                None => reason.word().to_owned(),
            },
            at: now,
        }),
    }
}

/// The end of the first `count` rows if they fill in the open form: a lead and thanks, without the model.
pub(super) fn take_form(shared: &Shared, chat: &Chat, count: usize) -> Option<FinishTurn> {
    chat.customer.form.since?;
    let rows = chat.first(count);
    let (first, last) = (rows.first()?, rows.last()?);
    let mut found = shared.contacts_in(&rows);
    let contact = found.first_mut()?;
    let words: Vec<String> = rows.iter().map(|row| row.message.transcript()).collect();
    let name = shared.leads.finder.name_beside(&words.join("\n"));
    if name.is_some() {
        contact.name.clone_from(&name);
    }
    let event = Event::info("conversation", "form_submitted").chat(chat.customer.chat);
    let event = event.upd(first.update).turn(first.id);
    shared.runtime.events.emit(event);
    let frame = Frame {
        answers: shared.question_of(chat, (first, last)),
        keyboard: chat.keyboard_to_remove(),
    };
    let phrase = Phrase::FormThanks { name: name.as_deref() };
    let thanks = shared.phrases.say(chat.language(shared.language), phrase);
    Some(FinishTurn {
        reply: Some(from_text(thanks, ReplyKind::Service, frame)),
        contacts: LeftContacts {
            found,
            source: LeadSource::Form,
        },
        form: FormUpdate::Close,
        // The thread does not contain these messages.
        thread: ThreadUpdate::Suspect,
        ..shared.end_of(chat.customer.chat, &rows)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: TimeDelta = TimeDelta::hours(1);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn open(asked: i64) -> FormState {
        FormState {
            since: Some(at(0)),
            asked_at: Some(at(asked)),
        }
    }

    #[test]
    fn a_customer_is_asked_once_and_reminded_after_an_hour() {
        let closed = FormState::default();
        let choose = |form, now| choose(FailReason::Deadline, Contact::Missing, form, HOUR, at(now));
        assert_eq!(choose(closed, 0), (Substitute::Form, FormUpdate::Ask));
        assert_eq!(choose(open(0), 59), (Substitute::Failed, FormUpdate::Keep));
        assert_eq!(choose(open(0), 60), (Substitute::Form, FormUpdate::Ask));
        assert_eq!(choose(open(60), 61), (Substitute::Failed, FormUpdate::Keep));
    }

    #[test]
    fn a_customer_with_a_saved_contact_is_not_asked_for_it() {
        for (form, update) in [(FormState::default(), FormUpdate::Keep), (open(0), FormUpdate::Close)] {
            for (contact, reply) in [
                (Contact::JustSaved, Substitute::FailedSaved),
                (Contact::Known, Substitute::FailedKnown),
            ] {
                let chosen = choose(FailReason::Unavailable, contact, form, HOUR, at(90));
                assert_eq!(chosen, (reply, update));
            }
        }
    }

    #[test]
    fn operators_are_alerted_only_about_problems_they_can_fix() {
        for (reason, rejected, alert) in [
            (FailReason::Unavailable, 0, Some(AlertKind::Assistant)),
            (FailReason::TokensOfDay, 0, Some(AlertKind::Assistant)),
            (FailReason::Deadline, 0, Some(AlertKind::Unanswered)),
            (FailReason::Empty, 0, Some(AlertKind::Unanswered)),
            (FailReason::Rejected, 1, None),
            (FailReason::Rejected, 2, Some(AlertKind::Unanswered)),
            (FailReason::Rejected, 3, Some(AlertKind::Unanswered)),
            (FailReason::Refused, 0, None),
            (FailReason::TurnsOfDay, 0, None),
        ] {
            assert_eq!(alert_of(reason, rejected), alert, "{reason:?} {rejected}");
        }
    }

    #[test]
    fn a_refusal_of_the_model_does_not_open_the_form() {
        let reply = choose(FailReason::Refused, Contact::Missing, FormState::default(), HOUR, at(0));
        assert_eq!(reply, (Substitute::Refused, FormUpdate::Keep));
    }
}
