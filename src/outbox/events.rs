//! The log events of deliveries.

use base::Event;
use chrono::{DateTime, Utc};
use domain::{LeadId, Letter};
use store::{Delivery, Payload, UnreadableDelivery, Verdict};

pub(super) const NAME: &str = "outbox";

/// Adds the fields of a delivery to its courier's event; never the recipient of a letter or the content.
pub(super) fn with_verdict(
    event: Event,
    delivery: &Delivery,
    verdict: &Verdict,
    is_plain: bool,
    now: DateTime<Utc>,
) -> Event {
    let chat = (delivery.chat.0 != 0).then_some(delivery.chat);
    let event = event
        .with_some("chat", chat)
        .with_some("upd", delivery.update)
        .with_some("lead", lead_of(&delivery.payload))
        .with("delivery", delivery.id)
        .with("attempt", delivery.attempt)
        .with_some("plain", is_plain.then_some(true));
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

/// Adds the fields of a row that cannot be parsed.
pub(super) fn unreadable(event: Event, row: &UnreadableDelivery) -> Event {
    let chat = row.chat.filter(|chat| chat.0 != 0);
    event
        .with_some("chat", chat)
        .with_some("upd", row.update)
        .with("delivery", row.id)
        .with("attempt", row.attempt)
        .with("reason", "unreadable")
}

fn lead_of(payload: &Payload) -> Option<LeadId> {
    match payload.letter()? {
        Letter::Lead(notice) => Some(notice.lead),
        Letter::Leads(_) | Letter::Report(_) | Letter::Alert(_) => None,
    }
}
