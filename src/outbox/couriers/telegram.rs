//! The courier for messages to chats, using TelegramSender. While Telegram rejects the bot token, no message becomes a dead letter
//! because of its age, and the operators are alerted once.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use base::Event;
use base::backoff::Backoff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::AlertKind;
use store::{Delivery, ToChat, Verdict};

use crate::config::Limits;
use crate::outbox::OutboxActor;
use crate::outbox::courier::{Alarm, Attempt, Courier, Outcome, Terms, misrouted};
use crate::outbox::events::NAME;
use crate::runtime::{Answer, Ctx, Port, Receive, Runtime};
use crate::telegram::messages::{ChatContent, SendError, SendReply, SentMessage, TokenRefused};

/// The pauses before the retries of a rejected message, together below a minute.
const REJECTED_PAUSES: [TimeDelta; 2] = [TimeDelta::seconds(15), TimeDelta::seconds(30)];
/// The upper bound of a `retry_after`.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

pub(super) struct Telegram {
    send: Port<SendReply>,
    limits: Limits,
    runtime: Runtime,
    /// Whether the last answer rejected the bot token.
    is_token_rejected: Cell<bool>,
}

impl Telegram {
    pub(super) fn new(send: &Port<SendReply>, limits: &Limits, runtime: &Runtime) -> Self {
        Self {
            send: send.clone(),
            limits: limits.clone(),
            runtime: runtime.clone(),
            is_token_rejected: Cell::new(false),
        }
    }

    /// Logs once that the token is rejected, and once that it is accepted again.
    fn check_token(&self, answer: &Result<SentMessage, SendError>) -> Option<Alarm> {
        let is_rejected = match answer {
            Err(SendError::Unauthorized(_)) => true,
            Err(SendError::Transient(_) | SendError::Unknown(_)) => return None,
            Ok(_) | Err(_) => false,
        };
        if self.is_token_rejected.replace(is_rejected) == is_rejected {
            return None;
        }
        let event = match is_rejected {
            true => Event::error(NAME, "replies_paused").with("reason", "unauthorized"),
            false => Event::info(NAME, "replies_resumed"),
        };
        self.runtime.events.emit(event);
        is_rejected.then(rejected_token)
    }
}

impl Courier for Telegram {
    fn terms(&self) -> Terms {
        Terms {
            age: match self.is_token_rejected.get() {
                true => TimeDelta::MAX,
                false => self.limits.reply_age,
            },
            ..terms(&self.limits)
        }
    }

    fn start_attempt(self: Rc<Self>, delivery: &Delivery) -> Attempt {
        let (chat, clock) = (delivery.chat, self.runtime.clock.clone());
        let content = match delivery.payload.to_chat() {
            Some(ToChat::Message(message)) => {
                let mut leaving = message.clone();
                // With a wrong clock the delay is unknown.
                if clock.skew().is_none() {
                    leaving = leaving.leaving_at(clock.now());
                }
                ChatContent::Message(Box::new(leaving))
            }
            Some(ToChat::Leave) => ChatContent::Leave,
            None => return misrouted(),
        };
        let answer = self.send.command(SendReply { chat, content });
        Box::pin(async move {
            // Before its panic the sender may have sent it.
            let answer = answer.await.unwrap_or(Err(SendError::Unknown("panicked")));
            let alarm = self.check_token(&answer);
            (outcome(&answer, clock.now()), alarm)
        })
    }

    fn event(&self, verdict: &Verdict) -> Event {
        match verdict {
            Verdict::Sent { .. } => Event::info(NAME, "reply_sent"),
            Verdict::RetryAt { .. } => Event::warn(NAME, "reply_retry_scheduled"),
            Verdict::Dead { .. } => Event::error(NAME, "reply_dead"),
            Verdict::Blocked => Event::info(NAME, "bot_blocked"),
        }
    }
}

fn rejected_token() -> Alarm {
    (AlertKind::Telegram, "unauthorized".into())
}

impl Receive<TokenRefused> for OutboxActor {
    fn receive(&mut self, _refused: TokenRefused, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        self.alert(rejected_token(), ctx);
    }
}

fn terms(limits: &Limits) -> Terms {
    Terms {
        max_in_flight: limits.deliveries_in_progress,
        age: limits.reply_age,
        last_try: TimeDelta::zero(),
        backoff: Backoff::REPLY,
        pause: |refusals| REJECTED_PAUSES.get(refusals as usize).copied(),
        refused_prefix: "",
    }
}

fn outcome(answer: &Result<SentMessage, SendError>, now: DateTime<Utc>) -> Outcome {
    let after =
        |wait: &Duration| Some(now + TimeDelta::from_std(*wait).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT)));
    match answer {
        Ok(sent) if sent.is_plain => Outcome::SentPlain(sent.message_id),
        Ok(sent) => Outcome::Sent(sent.message_id),
        Err(SendError::RetryAfter(wait)) => Outcome::Delayed(after(wait), "retry_after".into()),
        Err(SendError::Unauthorized(wait)) => Outcome::Delayed(after(wait), "unauthorized".into()),
        Err(SendError::Transient(reason)) => Outcome::Delayed(None, (*reason).into()),
        Err(SendError::Unknown(reason)) => Outcome::Unknown(reason),
        Err(SendError::Rejected) => Outcome::Refused("rejected".into()),
        Err(SendError::Muted) => Outcome::Dead("no right to write"),
        Err(SendError::Blocked) => Outcome::Closed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outbox::policy::verdict;
    use crate::outbox::tests::first_attempt;

    const DAY: TimeDelta = TimeDelta::hours(24);

    fn verdict_on(error: SendError, age: TimeDelta, rejections: u32) -> Verdict {
        let (delivery, terms) = (first_attempt(), terms(&Limits::default()));
        let now = delivery.created_at + age;
        verdict(&outcome(&Err(error), now), &delivery, now, &terms, rejections)
    }

    fn wait(error: SendError, rejections: u32) -> TimeDelta {
        match verdict_on(error, TimeDelta::zero(), rejections) {
            Verdict::RetryAt { due, maybe_sent, .. } if !maybe_sent => due - first_attempt().created_at,
            verdict => panic!("{verdict:?}"),
        }
    }

    #[test]
    fn retry_after_from_telegram_is_respected() {
        let asked = SendError::RetryAfter(Duration::from_secs(30));
        assert_eq!(wait(asked, 0), TimeDelta::seconds(30));
    }

    #[test]
    fn only_an_unknown_outcome_is_marked_as_maybe_sent() {
        for (error, marked) in [
            (SendError::Transient("connect"), false),
            (SendError::Unknown("timeout"), true),
        ] {
            let verdict = verdict_on(error, TimeDelta::zero(), 0);
            assert!(matches!(verdict, Verdict::RetryAt { maybe_sent, .. } if maybe_sent == marked));
        }
    }

    #[test]
    fn a_reply_older_than_a_day_is_a_dead_letter() {
        let verdict = verdict_on(SendError::Transient("connect"), DAY + TimeDelta::seconds(1), 0);
        assert_eq!(
            verdict,
            Verdict::Dead {
                reason: "too old".into()
            }
        );
        let verdict = verdict_on(SendError::Transient("connect"), DAY, 0);
        assert!(matches!(verdict, Verdict::RetryAt { .. }));
    }

    #[test]
    fn an_unreachable_chat_is_never_retried() {
        assert_eq!(verdict_on(SendError::Blocked, TimeDelta::zero(), 0), Verdict::Blocked);
    }

    #[test]
    fn a_rejected_message_is_retried_twice_within_a_minute_and_then_dead() {
        assert!(wait(SendError::Rejected, 0) + wait(SendError::Rejected, 1) < TimeDelta::minutes(1));
        for rejections in [2, 3, u32::MAX] {
            let dead = Verdict::Dead {
                reason: "rejected".into(),
            };
            assert_eq!(verdict_on(SendError::Rejected, TimeDelta::zero(), rejections), dead);
        }
    }

    #[test]
    fn a_rejected_token_makes_no_row_dead_and_waits_never_overflow() {
        let delivery = first_attempt();
        let now = delivery.created_at + DAY * 30;
        let terms = Terms {
            age: TimeDelta::MAX,
            ..terms(&Limits::default())
        };
        for error in [SendError::Unauthorized, SendError::RetryAfter] {
            for wait in [Duration::ZERO, Duration::MAX] {
                let outcome = outcome(&Err(error(wait)), now);
                let Verdict::RetryAt { due, .. } = verdict(&outcome, &delivery, now, &terms, 0) else {
                    panic!("it waits")
                };
                assert!(due - now <= LONGEST_WAIT);
            }
        }
    }

    proptest! {
        #[test]
        fn only_errors_about_the_chat_are_final_at_the_first_attempt(
            error in prop_oneof![
                any::<u64>().prop_map(|s| SendError::RetryAfter(Duration::from_secs(s))),
                any::<u64>().prop_map(|s| SendError::Unauthorized(Duration::from_secs(s))),
                Just(SendError::Transient("refused")),
                Just(SendError::Unknown("unreadable")),
                Just(SendError::Rejected),
            ],
            attempt in 1_u32..,
        ) {
            let delivery = Delivery { attempt, ..first_attempt() };
            let now = delivery.created_at;
            let verdict = verdict(&outcome(&Err(error), now), &delivery, now, &terms(&Limits::default()), 0);
            let is_retried = matches!(verdict, Verdict::RetryAt { .. });
            prop_assert!(is_retried);
        }
    }
}
