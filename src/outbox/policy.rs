//! What becomes of a delivery, as a pure function of how it went.

use std::time::Duration;

use base::backoff::Backoff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Delivery, Reason, Verdict};

use crate::mailer::messages::MailError;
use crate::telegram::messages::{SendError, SentMessage};

/// After how long a message that Telegram rejects is tried again: twice within a minute.
const REJECTED_WAITS: [TimeDelta; 2] = [TimeDelta::seconds(15), TimeDelta::seconds(30)];

/// The verdict on one attempt to send a message that is worth sending for `age` and has been rejected so often, this time included.
pub(super) fn verdict(
    outcome: &Result<SentMessage, SendError>,
    delivery: &Delivery,
    now: DateTime<Utc>,
    (age, rejections): (TimeDelta, u32),
) -> Verdict {
    let attempt = delivery.attempt;
    let retry = |delay, reason: &str, maybe_sent| retry_at(now + delay, reason, maybe_sent);
    match outcome {
        Ok(sent) => Verdict::Sent {
            remote_id: sent.message_id,
        },
        Err(SendError::Blocked) => Verdict::Blocked,
        Err(SendError::Muted) => Verdict::Dead {
            reason: "no right to write".into(),
        },
        // Nothing is wrong with this row: it waits for the token, however old it is.
        Err(SendError::Unauthorized(wait)) => retry(bounded(*wait), "unauthorized", false),
        Err(_) if is_too_old(delivery.created_at, now, age) => too_old(),
        Err(SendError::RetryAfter(wait)) => retry(bounded(*wait), "retry_after", false),
        Err(SendError::Rejected) => match REJECTED_WAITS.get((rejections as usize).saturating_sub(1)) {
            Some(wait) => retry(*wait, "rejected", false),
            None => Verdict::Dead {
                reason: "rejected".into(),
            },
        },
        Err(SendError::Transient(reason)) => retry(Backoff::REPLY.span(attempt), reason, false),
        Err(SendError::Unknown(reason)) => retry(Backoff::REPLY.span(attempt), reason, true),
    }
}

/// The verdict on one attempt to mail a letter that is worth sending for `age` and was refused so many times before,
/// this one not counted. Nothing a mail server says of an owner's letter is final before that age: large providers have
/// refused live mailboxes and harmless letters for a day. What only an operator can put right is tried again as well: the
/// letter must be there when they have.
pub(super) fn letter_verdict(
    outcome: &Result<(), MailError>,
    delivery: &Delivery,
    refusals: u32,
    now: DateTime<Utc>,
    age: TimeDelta,
) -> Verdict {
    let due = now + Backoff::MAIL.span(delivery.attempt);
    // By a clock that is wrong no age is known.
    let last = delivery
        .created_at
        .checked_add_signed(age)
        .unwrap_or(DateTime::<Utc>::MAX_UTC);
    match outcome {
        Ok(()) => Verdict::Sent { remote_id: None },
        Err(MailError::Refused(said) | MailError::TooLarge(said)) if now >= last => {
            Verdict::Dead { reason: said.clone() }
        }
        Err(_) if is_too_old(delivery.created_at, now, age) => too_old(),
        Err(MailError::Refused(said) | MailError::TooLarge(said)) => {
            // The last try is at the very end, whatever the pauses come to.
            let due = (now + refused_pause(refusals)).min(last);
            retry_at(due, &Reason::Refused.of(said), false)
        }
        Err(MailError::Transient(reason)) => retry_at(due, reason, false),
        Err(MailError::Configuration(reason) | MailError::Unwritten(reason)) => {
            retry_at(due, &Reason::Held.of(reason), false)
        }
        Err(MailError::Account(reason)) => retry_at(due, &Reason::Held.of(reason), false),
        Err(MailError::Held { reason, until }) => retry_at((*until).max(now), &Reason::Held.of(reason), false),
        Err(MailError::Unknown(reason)) => retry_at(due, reason, true),
    }
}

/// How long a refused letter rests, after so many refusals before: an hour, six hours, then a day.
fn refused_pause(refusals: u32) -> TimeDelta {
    TimeDelta::hours(match refusals {
        0 => 1,
        1 => 6,
        _ => 24,
    })
}

fn retry_at(due: DateTime<Utc>, reason: &str, maybe_sent: bool) -> Verdict {
    Verdict::RetryAt {
        due,
        reason: reason.to_owned(),
        maybe_sent,
    }
}

/// Telegram's own time; the edge lets none through that is longer than an hour.
fn bounded(wait: Duration) -> TimeDelta {
    const LONGEST: TimeDelta = TimeDelta::hours(1);
    TimeDelta::from_std(wait).map_or(LONGEST, |wait| wait.min(LONGEST))
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
    use domain::{ChatId, DeliveryId, Lane, Payload};
    use proptest::prelude::*;

    use super::*;

    const REPLY_AGE: TimeDelta = TimeDelta::hours(24);

    fn judge(outcome: &Result<SentMessage, SendError>, age: TimeDelta) -> Verdict {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(400);
        let delivery = Delivery {
            created_at: now - age,
            ..delivery(now)
        };
        verdict(outcome, &delivery, now, (REPLY_AGE, 1))
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
        letter_verdict(outcome, &delivery, 0, now, TimeDelta::days(7))
    }

    #[test]
    fn a_letter_waits_for_whatever_may_still_be_put_right() {
        let five_days = TimeDelta::days(5);
        let until = DateTime::UNIX_EPOCH + TimeDelta::days(400) + TimeDelta::minutes(30);
        let held = MailError::Held {
            reason: "535".into(),
            until,
        };
        for (error, marked) in [
            (MailError::Transient("connect".into()), false),
            (MailError::Configuration("554 5.7.1 relay".into()), false),
            (MailError::Unwritten("no such word".into()), false),
            (held.clone(), false),
            (MailError::Unknown("timeout"), true),
        ] {
            let verdict = judge_letter(&Err(error.clone()), five_days);
            assert!(matches!(verdict, Verdict::RetryAt { maybe_sent, .. } if maybe_sent == marked));
            assert_eq!(judge_letter(&Err(error), TimeDelta::days(8)), too_old());
        }
        assert!(matches!(judge_letter(&Err(held), five_days), Verdict::RetryAt { due, .. } if due == until));
        assert_eq!(
            judge_letter(&Ok(()), TimeDelta::days(8)),
            Verdict::Sent { remote_id: None }
        );
    }

    #[test]
    fn a_refused_letter_is_tried_for_seven_days_and_then_a_dead_one() {
        let created = DateTime::UNIX_EPOCH + TimeDelta::days(400);
        let delivery = delivery(created);
        for said in ["550 5.1.1 no such user", "554 5.7.1"] {
            let refused = Err(MailError::Refused(said.into()));
            let (mut now, mut tries) = (created, Vec::new());
            let end = loop {
                tries.push((now - created).num_hours());
                let refusals = u32::try_from(tries.len()).unwrap() - 1;
                match letter_verdict(&refused, &delivery, refusals, now, TimeDelta::days(7)) {
                    Verdict::RetryAt {
                        due,
                        reason,
                        maybe_sent,
                    } => {
                        assert_eq!((reason, maybe_sent), (format!("refused: {said}"), false));
                        assert!(due > now);
                        now = due;
                    }
                    end => break end,
                }
            };
            assert_eq!(tries, [0, 1, 7, 31, 55, 79, 103, 127, 151, 168]);
            assert_eq!(end, Verdict::Dead { reason: said.into() });
        }
        let late = created + TimeDelta::days(8);
        let too_large = Err(MailError::TooLarge("552 5.3.4".into()));
        let verdict = letter_verdict(&too_large, &delivery, 0, late, TimeDelta::days(7));
        assert!(matches!(verdict, Verdict::Dead { .. }));
    }

    #[test]
    fn a_closed_chat_is_never_tried_again() {
        assert_eq!(judge(&Err(SendError::Blocked), TimeDelta::zero()), Verdict::Blocked);
    }

    #[test]
    fn a_rejected_message_is_tried_twice_within_a_minute_and_then_dead() {
        let now = DateTime::UNIX_EPOCH;
        let judge = |rejections| verdict(&Err(SendError::Rejected), &delivery(now), now, (REPLY_AGE, rejections));
        let mut waited = TimeDelta::zero();
        for rejections in 1..=2 {
            let Verdict::RetryAt { due, maybe_sent, .. } = judge(rejections) else {
                panic!("try {rejections} is not the last")
            };
            assert!(!maybe_sent);
            waited += due - now;
        }
        assert!(waited < TimeDelta::minutes(1), "{waited}");
        for rejections in [3, 4, u32::MAX] {
            assert_eq!(
                judge(rejections),
                Verdict::Dead {
                    reason: "rejected".into()
                }
            );
        }
    }

    #[test]
    fn a_refused_token_makes_no_row_dead_and_no_wait_overflows() {
        let old = REPLY_AGE * 30;
        for error in [SendError::Unauthorized, SendError::RetryAfter] {
            for wait in [Duration::ZERO, Duration::MAX] {
                let age = if error(wait) == SendError::Unauthorized(wait) {
                    old
                } else {
                    TimeDelta::zero()
                };
                let now = DateTime::UNIX_EPOCH + TimeDelta::days(400);
                let Verdict::RetryAt { due, .. } = judge(&Err(error(wait)), age) else {
                    panic!("it waits")
                };
                assert!(due - now <= TimeDelta::hours(1));
            }
        }
    }

    proptest! {
        #[test]
        fn only_what_names_this_chat_is_final_at_the_first_try(
            error in prop_oneof![
                any::<u64>().prop_map(|s| SendError::RetryAfter(Duration::from_secs(s))),
                any::<u64>().prop_map(|s| SendError::Unauthorized(Duration::from_secs(s))),
                Just(SendError::Transient("refused")),
                Just(SendError::Unknown("unreadable")),
                Just(SendError::Rejected),
            ],
            attempt in 1_u32..,
        ) {
            let now = DateTime::UNIX_EPOCH + TimeDelta::days(400);
            let delivery = Delivery { attempt, ..delivery(now) };
            let verdict = verdict(&Err(error), &delivery, now, (REPLY_AGE, 1));
            let is_retried = matches!(verdict, Verdict::RetryAt { .. });
            prop_assert!(is_retried);
        }
    }
}
