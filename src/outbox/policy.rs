//! What becomes of a delivery, as a pure function of how it went.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Delivery, Verdict};
use crate::mailer::messages::MailError;
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
    let retry = |delay, reason: &str, maybe_sent| retry_at(now + delay, reason, maybe_sent);
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

/// The verdict on one attempt to mail a letter that is worth sending for `age`. What only an operator can mend (a
/// refused login, no STARTTLS, a broken template) is tried again: the letter must be there when he has mended it.
pub(super) fn letter_verdict(
    outcome: &Result<(), MailError>,
    delivery: &Delivery,
    now: DateTime<Utc>,
    age: TimeDelta,
) -> Verdict {
    let due = now + Backoff::MAIL.span(delivery.attempt);
    match outcome {
        Ok(()) => Verdict::Sent { remote_id: None },
        Err(MailError::Refused(reason)) => Verdict::Dead { reason: reason.clone() },
        Err(_) if is_too_old(delivery.created_at, now, age) => too_old(),
        Err(MailError::Transient(reason) | MailError::Configuration(reason)) => retry_at(due, reason, false),
        Err(MailError::Unknown(reason)) => retry_at(due, reason, true),
    }
}

fn retry_at(due: DateTime<Utc>, reason: &str, maybe_sent: bool) -> Verdict {
    Verdict::RetryAt {
        due,
        reason: reason.to_owned(),
        maybe_sent,
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
            created_at: now - age,
            ..delivery(now)
        };
        verdict(outcome, &delivery, now, REPLY_AGE)
    }

    fn delivery(created_at: DateTime<Utc>) -> Delivery {
        Delivery {
            id: DeliveryId(1),
            lane: Lane::chat(ChatId(1)),
            chat: ChatId(1),
            payload: Payload::LeaveChat,
            attempt: 1,
            created_at,
            update: None,
        }
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

    fn judge_letter(outcome: &Result<(), MailError>, age: TimeDelta) -> Verdict {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(400);
        let delivery = Delivery {
            created_at: now - age,
            ..delivery(now)
        };
        letter_verdict(outcome, &delivery, now, TimeDelta::days(7))
    }

    #[test]
    fn a_letter_waits_for_whatever_may_still_be_mended() {
        let five_days = TimeDelta::days(5);
        for (error, marked) in [
            (MailError::Transient("connect".into()), false),
            (MailError::Configuration("535".into()), false),
            (MailError::Unknown("timeout"), true),
        ] {
            let verdict = judge_letter(&Err(error.clone()), five_days);
            assert!(matches!(verdict, Verdict::RetryAt { maybe_sent, .. } if maybe_sent == marked));
            assert_eq!(judge_letter(&Err(error), TimeDelta::days(8)), too_old());
        }
    }

    #[test]
    fn a_letter_that_is_refused_for_good_is_a_dead_one() {
        let refused = judge_letter(&Err(MailError::Refused("550 no such user".into())), TimeDelta::zero());
        assert_eq!(
            refused,
            Verdict::Dead {
                reason: "550 no such user".into()
            }
        );
        assert_eq!(
            judge_letter(&Ok(()), TimeDelta::days(8)),
            Verdict::Sent { remote_id: None }
        );
    }

    #[test]
    fn a_closed_chat_and_a_refusal_are_never_tried_again() {
        assert_eq!(judge(&Err(SendError::Blocked), TimeDelta::zero()), Verdict::Blocked);
        let refused = judge(&Err(SendError::Permanent("no".into())), TimeDelta::zero());
        assert!(matches!(refused, Verdict::Dead { .. }));
    }
}
