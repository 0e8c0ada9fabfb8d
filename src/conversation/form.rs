//! The form: when the model cannot answer, the customer is asked for phone and name, so that the lead is taken all the
//! same. While it is open each message is first looked at for a contact; an answer of the model closes it.

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Alert, AlertKind, FailReason, LeadSource};
use store::{FinishTurn, FinishedReply, FormState, FormUpdate, LeftContacts, ReplyKind, ThreadUpdate, WaitingRow};
use wording::phrases::Phrase;

use super::chat::Chat;
use super::reply::{Frame, from_text};
use super::shared::Shared;

/// Rejected turns without a good answer between them, of one customer or several, before an operator is alerted.
const REJECTED_FOR_ALERT: u32 = 2;

/// What a customer is told in place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// The model declined.
    Refused,
    /// Asked for his contact.
    Form,
    /// He was asked lately.
    Failed,
    /// His contact was saved in this turn.
    FailedSaved,
    /// His contact is known from before: nobody is told of this message, and he is not asked again.
    FailedKnown,
}

/// What is known of a customer's contact when a turn fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    /// He left it in this very turn.
    JustSaved,
    /// An open lead carries it.
    Known,
    /// Nothing.
    Missing,
}

/// The form is opened once, and the customer reminded after a pause; nobody whose contact is saved is asked.
fn choose(
    reason: FailReason,
    contact: Contact,
    form: FormState,
    pause: TimeDelta,
    now: DateTime<Utc>,
) -> (Said, FormUpdate) {
    if reason == FailReason::Refused {
        return (Said::Refused, FormUpdate::Keep);
    }
    let said = match contact {
        Contact::JustSaved => Some(Said::FailedSaved),
        Contact::Known => Some(Said::FailedKnown),
        Contact::Missing => None,
    };
    if let Some(said) = said {
        let is_open = form.since.is_some();
        return (said, if is_open { FormUpdate::Close } else { FormUpdate::Keep });
    }
    let is_asked = form.since.is_some() && form.asked_at.is_some_and(|asked| now - asked < pause);
    match is_asked {
        true => (Said::Failed, FormUpdate::Keep),
        false => (Said::Form, FormUpdate::Ask),
    }
}

/// What an operator has to look at, if anything: a refusal of the model is not, nor one customer who writes too much, nor a single
/// rejected request, nor a row that does not parse. `rejected`: how many turns were rejected since the last good answer, this one
/// included.
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

/// What is said when the model did not answer, and what the operator is told: the reason, with the last run's `trouble`.
/// `is_saved`: his contact was saved in this very turn.
pub(super) fn stopgap(
    shared: &Shared,
    chat: &Chat,
    (reason, trouble): (FailReason, Option<&str>),
    question: (&WaitingRow, &WaitingRow),
    is_saved: bool,
) -> Stopgap {
    let now = shared.runtime.clock.now();
    let contact = match (is_saved, chat.is_lead_open(shared.leads.rules.open_for, now)) {
        (true, _) => Contact::JustSaved,
        (false, true) => Contact::Known,
        (false, false) => Contact::Missing,
    };
    let (said, form) = choose(
        reason,
        contact,
        chat.customer.form,
        shared.config.limits.form_pause,
        now,
    );
    let (phrase, keyboard) = match said {
        Said::Refused => (Phrase::Refused, chat.keyboard_to_remove()),
        Said::Form => (Phrase::Form, Some(shared.contact_button(chat))),
        // The button of the form stays where it is.
        Said::Failed => (Phrase::Failed, None),
        Said::FailedSaved => (Phrase::FailedSaved, chat.keyboard_to_remove()),
        Said::FailedKnown => (Phrase::FailedKnown, chat.keyboard_to_remove()),
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
            reason: match trouble {
                Some(trouble) => format!("{} ({trouble})", reason.word()),
                None => reason.word().to_owned(),
            },
            at: now,
        }),
    }
}

/// How the first `count` rows end if the form is open and they fill it in: a lead, thanks, no model.
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
        // Its thread, if there is one, does not know these words.
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
        assert_eq!(choose(closed, 0), (Said::Form, FormUpdate::Ask));
        assert_eq!(choose(open(0), 59), (Said::Failed, FormUpdate::Keep));
        assert_eq!(choose(open(0), 60), (Said::Form, FormUpdate::Ask));
        assert_eq!(choose(open(60), 61), (Said::Failed, FormUpdate::Keep));
    }

    #[test]
    fn nobody_whose_contact_is_saved_is_asked_for_it() {
        for (form, update) in [(FormState::default(), FormUpdate::Keep), (open(0), FormUpdate::Close)] {
            for (contact, said) in [
                (Contact::JustSaved, Said::FailedSaved),
                (Contact::Known, Said::FailedKnown),
            ] {
                let chosen = choose(FailReason::Unavailable, contact, form, HOUR, at(90));
                assert_eq!(chosen, (said, update));
            }
        }
    }

    #[test]
    fn an_operator_is_alerted_of_what_he_can_mend_and_in_true_words() {
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
    fn a_refusal_of_the_model_opens_no_form() {
        let said = choose(FailReason::Refused, Contact::Missing, FormState::default(), HOUR, at(0));
        assert_eq!(said, (Said::Refused, FormUpdate::Keep));
    }
}
