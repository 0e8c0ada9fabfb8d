//! What is logged of a delivery.

use base::Event;
use chrono::{DateTime, Utc};
use domain::{Delivery, LeadId, Letter, Payload, Reason, Verdict};

use crate::db::messages::UnreadableDelivery;

/// The name of the actor in logs.
pub(super) const NAME: &str = "outbox";

/// What is logged of a delivery; never where it went nor what was in it.
pub(super) fn told(delivery: &Delivery, verdict: &Verdict, is_plain: Option<bool>, now: DateTime<Utc>) -> Event {
    let is_letter = matches!(delivery.payload, Payload::Letter { .. });
    let event = match (verdict, is_letter) {
        (Verdict::Sent { .. }, false) => Event::info(NAME, "reply_sent"),
        (Verdict::Sent { .. }, true) => Event::info(NAME, "letter_sent"),
        (Verdict::RetryAt { .. }, false) => Event::warn(NAME, "reply_delayed"),
        (Verdict::RetryAt { reason, .. }, true) if reason.starts_with(Reason::Refused.word()) => {
            Event::error(NAME, "letter_refused")
        }
        (Verdict::RetryAt { .. }, true) => Event::warn(NAME, "letter_delayed"),
        (Verdict::Dead { .. }, false) => Event::error(NAME, "reply_dead"),
        (Verdict::Dead { .. }, true) => Event::error(NAME, "letter_dead"),
        (Verdict::Blocked, _) => Event::info(NAME, "customer_blocked"),
    };
    let chat = (delivery.chat.0 != 0).then_some(delivery.chat);
    let event = event
        .with_some("chat", chat)
        .with_some("upd", delivery.update)
        .with_some("lead", lead_of(&delivery.payload))
        .with("delivery", delivery.id)
        .with("attempt", delivery.attempt)
        .with_some("plain", is_plain);
    match verdict {
        Verdict::RetryAt {
            due,
            reason,
            maybe_sent,
        } => event
            .with("reason", reason)
            .with("maybe_sent", maybe_sent)
            .with("wait_ms", (*due - now).num_milliseconds().max(0)),
        Verdict::Dead { reason } => event.with("reason", reason),
        Verdict::Sent { .. } | Verdict::Blocked => event,
    }
}

/// What is logged of a row that does not parse any more.
pub(super) fn unreadable(row: &UnreadableDelivery) -> Event {
    let chat = row.chat.filter(|chat| chat.0 != 0);
    let event = match row.is_letter {
        true => Event::error(NAME, "letter_dead"),
        false => Event::error(NAME, "reply_dead"),
    };
    event
        .with_some("chat", chat)
        .with_some("upd", row.update)
        .with("delivery", row.id)
        .with("attempt", row.attempt)
        .with("reason", "unreadable")
}

fn lead_of(payload: &Payload) -> Option<LeadId> {
    match payload {
        Payload::Letter {
            letter: Letter::Lead(notice),
            ..
        } => Some(notice.lead),
        _ => None,
    }
}
