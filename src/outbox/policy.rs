//! What becomes of a delivery, as a pure function of how it went.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Delivery, Verdict};
use crate::runtime::backoff::Backoff;
use crate::telegram::messages::{SendError, SentMessage};

/// The verdict on one attempt to send a message that is worth sending for `age`.
pub(super) fn verdict(
    outcome: &Result<SentMessage, SendError>,
    delivery: &Delivery,
    now: DateTime<Utc>,
    age: TimeDelta,
) -> Verdict {
    let attempt = delivery.attempt;
    let retry = |delay: TimeDelta, reason, maybe_sent| Verdict::RetryAt {
        due: now + delay,
        reason,
        maybe_sent,
    };
    match outcome {
        Ok(sent) => Verdict::Sent {
            remote_id: sent.message_id,
        },
        Err(SendError::Blocked) => Verdict::Blocked,
        Err(SendError::Permanent(reason)) => Verdict::Dead { reason: reason.clone() },
        Err(_) if is_too_old(delivery.created_at, now, age) => too_old(),
        Err(SendError::RetryAfter(wait)) => {
            let wait = TimeDelta::from_std(*wait).unwrap_or(age);
            retry(wait, "retry_after", false)
        }
        Err(SendError::Transient(reason)) => retry(Backoff::REPLY.span(attempt), reason, false),
        Err(SendError::Unknown(reason)) => retry(Backoff::REPLY.span(attempt), reason, true),
    }
}

/// Whether there is no point in sending it any more.
pub(super) fn is_too_old(created_at: DateTime<Utc>, now: DateTime<Utc>, age: TimeDelta) -> bool {
    now - created_at > age
}

/// The verdict on such a row.
pub(super) fn too_old() -> Verdict {
    Verdict::Dead {
        reason: "too old".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{ChatId, DeliveryId, Lane, Payload};

    const REPLY_AGE: TimeDelta = TimeDelta::hours(24);

    fn judge(outcome: &Result<SentMessage, SendError>, age: TimeDelta) -> Verdict {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(400);
        let delivery = Delivery {
            id: DeliveryId(1),
            lane: Lane::chat(ChatId(1)),
            chat: ChatId(1),
            payload: Payload::LeaveChat,
            attempt: 1,
            created_at: now - age,
            update: None,
        };
        verdict(outcome, &delivery, now, REPLY_AGE)
    }

    #[test]
    fn telegrams_own_waiting_time_is_kept_to() {
        let Verdict::RetryAt { due, maybe_sent, .. } =
            judge(&Err(SendError::RetryAfter(Duration::from_secs(30))), TimeDelta::zero())
        else {
            panic!("429 is tried again");
        };
        assert_eq!(
            due,
            DateTime::UNIX_EPOCH + TimeDelta::days(400) + TimeDelta::seconds(30)
        );
        assert!(!maybe_sent);
    }

    #[test]
    fn only_an_unknown_outcome_is_marked_maybe_sent() {
        for (error, marked) in [
            (SendError::Transient("connect"), false),
            (SendError::Unknown("timeout"), true),
        ] {
            let verdict = judge(&Err(error), TimeDelta::zero());
            assert!(matches!(verdict, Verdict::RetryAt { maybe_sent, .. } if maybe_sent == marked));
        }
    }

    #[test]
    fn a_reply_older_than_a_day_is_a_dead_letter() {
        let verdict = judge(&Err(SendError::Transient("connect")), REPLY_AGE + TimeDelta::seconds(1));
        assert_eq!(verdict, too_old());
        let verdict = judge(&Err(SendError::Transient("connect")), REPLY_AGE);
        assert!(matches!(verdict, Verdict::RetryAt { .. }));
    }

    #[test]
    fn a_closed_chat_and_a_refusal_are_never_tried_again() {
        assert_eq!(judge(&Err(SendError::Blocked), TimeDelta::zero()), Verdict::Blocked);
        let refused = judge(&Err(SendError::Permanent("no".into())), TimeDelta::zero());
        assert!(matches!(refused, Verdict::Dead { .. }));
    }
}
