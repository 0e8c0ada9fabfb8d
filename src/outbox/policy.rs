//! What becomes of a delivery, as a pure function of how it went.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Delivery, Verdict};

use super::courier::{Outcome, Terms};

/// The verdict on one attempt at a delivery that was refused so many times before, this one not counted.
pub(super) fn verdict(
    outcome: &Outcome,
    delivery: &Delivery,
    now: DateTime<Utc>,
    terms: &Terms,
    refusals: u32,
) -> Verdict {
    let usual = || now + terms.backoff.span(delivery.attempt);
    // By a clock that is wrong no age is known.
    let last = delivery.created_at.checked_add_signed(terms.age);
    let last = last.filter(|_| terms.last_try > TimeDelta::zero());
    match outcome {
        Outcome::Sent(remote_id) | Outcome::SentPlain(remote_id) => Verdict::Sent { remote_id: *remote_id },
        Outcome::Closed => Verdict::Blocked,
        Outcome::Dead(reason) => dead(reason),
        Outcome::Refused(said) if last.is_some_and(|last| now >= last) => dead(said),
        _ if is_too_old(delivery.created_at, now, terms.age) => dead("too old"),
        Outcome::Delayed(due, reason) => retry(due.unwrap_or_else(usual), reason, false),
        Outcome::Held(due, reason) => retry((*due).max(now), reason, false),
        Outcome::Unknown(reason) => retry(usual(), reason, true),
        Outcome::Refused(said) => match (terms.pause)(refusals).map(|pause| now + pause) {
            // The last try is at the very end, whatever the pauses come to.
            Some(due) => retry(
                last.map_or(due, |last| last.min(due)),
                &format!("{}{said}", terms.refused),
                false,
            ),
            None => dead(said),
        },
    }
}

fn retry(due: DateTime<Utc>, reason: &str, maybe_sent: bool) -> Verdict {
    Verdict::RetryAt {
        due,
        reason: reason.to_owned(),
        maybe_sent,
    }
}

pub(super) fn dead(reason: &str) -> Verdict {
    Verdict::Dead { reason: reason.into() }
}

/// Whether there is no point in sending it any more.
pub(super) fn is_too_old(created_at: DateTime<Utc>, now: DateTime<Utc>, age: TimeDelta) -> bool {
    now - created_at > age
}
