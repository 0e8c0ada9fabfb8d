//! The verdict on a delivery, as a pure function of an attempt's outcome.

use chrono::{DateTime, TimeDelta, Utc};
use store::{Delivery, Verdict};

use super::courier::{Outcome, Terms};

/// `refusals` counts the earlier refusals of this delivery, without this attempt.
pub(super) fn verdict(
    outcome: &Outcome,
    delivery: &Delivery,
    now: DateTime<Utc>,
    terms: &Terms,
    refusals: u32,
) -> Verdict {
    let usual = || now + terms.backoff.span(delivery.attempt);
    // With a wrong clock the age is unknown.
    let last = delivery.created_at.checked_add_signed(terms.age);
    let last = last.filter(|_| terms.last_try > TimeDelta::zero());
    match outcome {
        Outcome::Sent(remote_id) | Outcome::SentPlain(remote_id) => Verdict::Sent { remote_id: *remote_id },
        Outcome::Closed => Verdict::Blocked,
        Outcome::Dead(reason) => dead(reason),
        Outcome::Refused(reply) if last.is_some_and(|last| now >= last) => dead(reply),
        _ if is_too_old(delivery.created_at, now, terms.age) => dead("too old"),
        Outcome::Delayed(due, reason) => retry(due.unwrap_or_else(usual), reason, false),
        Outcome::Held(due, reason) => retry((*due).max(now), reason, false),
        Outcome::Unknown(reason) => retry(usual(), reason, true),
        Outcome::Refused(reply) => match (terms.pause)(refusals).map(|pause| now + pause) {
            // The last attempt is at the maximum age, whatever the sum of the pauses is.
            Some(due) => retry(
                last.map_or(due, |last| last.min(due)),
                &format!("{}{reply}", terms.refused_prefix),
                false,
            ),
            None => dead(reply),
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

pub(super) fn is_too_old(created_at: DateTime<Utc>, now: DateTime<Utc>, age: TimeDelta) -> bool {
    now - created_at > age
}
