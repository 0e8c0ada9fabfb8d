//! Holds messages back beyond pacing, as a pure function of Telegram's answers.
//!
//! 429: a rate-limited chat waits alone. If a second chat is limited before the first one's wait is over, the limit concerns the whole bot,
//! and all chats wait until the earlier of the two times. An answer that belongs to no chat (`getUpdates`) limits the whole bot at once.
//!
//! 401 and 404: Telegram rejects the token and would reject every further message. All messages wait, and one is sent from time to time as a
//! probe, until Telegram answers one in any other way.

use std::time::Duration;

use base::backoff::Backoff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ChatId;

use super::answer::LONGEST_WAIT;
use super::messages::{SendError, SentMessage};

/// How long the others wait while one message probes the token.
const PROBE_WAIT: TimeDelta = TimeDelta::seconds(2);

/// The waits Telegram has imposed.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// The chat with the longest wait, and its end.
    limited: Option<(ChatId, DateTime<Utc>)>,
    /// The end of the wait of the whole bot.
    closed: Option<DateTime<Utc>>,
    refused: Option<Refused>,
}

#[derive(Debug)]
struct Refused {
    times: u32,
    again_at: DateTime<Utc>,
    is_probing: bool,
}

impl Gate {
    /// Lets a message go that pacing has released.
    ///
    /// # Errors
    /// How long it has to wait, and why.
    pub(super) fn admit(&mut self, now: DateTime<Utc>) -> Result<(), SendError> {
        if let Some(wait) = remaining(self.closed, now) {
            return Err(SendError::RetryAfter(wait));
        }
        let Some(refused) = &mut self.refused else {
            return Ok(());
        };
        if let Some(wait) = remaining(Some(refused.again_at), now) {
            return Err(SendError::Unauthorized(wait));
        }
        if refused.is_probing {
            return Err(SendError::Unauthorized(span(PROBE_WAIT)));
        }
        refused.is_probing = true;
        Ok(())
    }

    /// Records the outcome of an admitted message.
    pub(super) fn record(
        &mut self,
        chat: ChatId,
        outcome: Result<SentMessage, SendError>,
        now: DateTime<Utc>,
    ) -> Result<SentMessage, SendError> {
        match &outcome {
            Err(SendError::Unauthorized(_)) => return Err(SendError::Unauthorized(self.refuse(now))),
            // This outcome does not show whether the token is valid.
            Err(SendError::Transient(_) | SendError::Unknown(_)) => {
                if let Some(refused) = &mut self.refused {
                    refused.is_probing = false;
                }
            }
            Err(SendError::RetryAfter(wait)) => {
                self.refused = None;
                self.limit_chat(chat, now + bounded(*wait), now);
            }
            Ok(_) | Err(SendError::Blocked | SendError::Muted | SendError::Rejected) => self.refused = None,
        }
        outcome
    }

    /// Telegram rate-limited the whole bot.
    pub(super) fn limit(&mut self, wait: Duration, now: DateTime<Utc>) {
        self.closed = self.closed.max(Some(now + bounded(wait)));
    }

    fn limit_chat(&mut self, chat: ChatId, until: DateTime<Utc>, now: DateTime<Utc>) {
        match self.limited {
            Some((other, end)) if other != chat && end > now => {
                self.closed = self.closed.max(Some(end.min(until)));
                if until > end {
                    self.limited = Some((chat, until));
                }
            }
            _ => self.limited = Some((chat, until)),
        }
    }

    /// Messages sent before the first rejection arrived are rejected too; together they count once.
    fn refuse(&mut self, now: DateTime<Utc>) -> Duration {
        let refused = self.refused.get_or_insert(Refused {
            times: 0,
            again_at: now,
            is_probing: true,
        });
        if refused.is_probing {
            refused.times = refused.times.saturating_add(1);
            refused.again_at = now + Backoff::REPLY.span(refused.times);
            refused.is_probing = false;
        }
        remaining(Some(refused.again_at), now).unwrap_or_default()
    }
}

/// Ignores a wait above the upper bound: the clock was set back.
fn remaining(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Duration> {
    let left = until? - now;
    (left > TimeDelta::zero() && span(left) <= LONGEST_WAIT).then(|| span(left))
}

fn span(delta: TimeDelta) -> Duration {
    delta.to_std().unwrap_or_default()
}

fn bounded(wait: Duration) -> TimeDelta {
    TimeDelta::from_std(wait.min(LONGEST_WAIT)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ChatId = ChatId(1);
    const B: ChatId = ChatId(2);
    const C: ChatId = ChatId(3);
    const SENT: Result<SentMessage, SendError> = Ok(SentMessage {
        message_id: Some(1),
        is_plain: false,
    });

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(1) + TimeDelta::seconds(seconds)
    }

    fn wait(seconds: u64) -> Result<SentMessage, SendError> {
        Err(SendError::RetryAfter(Duration::from_secs(seconds)))
    }

    fn refused() -> Result<SentMessage, SendError> {
        Err(SendError::Unauthorized(Duration::ZERO))
    }

    #[test]
    fn one_rate_limited_chat_delays_no_other() {
        let mut gate = Gate::default();
        for _ in 0..3 {
            let _ = gate.record(A, wait(30), at(0));
            assert_eq!(gate.admit(at(1)), Ok(()));
        }
    }

    #[test]
    fn two_rate_limited_chats_at_once_limit_the_whole_bot() {
        let mut gate = Gate::default();
        let _ = gate.record(A, wait(30), at(0));
        let _ = gate.record(B, wait(20), at(1));
        assert_eq!(gate.admit(at(2)), Err(SendError::RetryAfter(Duration::from_secs(19))));
        assert_eq!(gate.admit(at(21)), Ok(()));
        let _ = gate.record(C, wait(60), at(22));
        assert!(gate.admit(at(29)).is_err(), "the first chat still waits");
        assert_eq!(gate.admit(at(30)), Ok(()));
    }

    #[test]
    fn rate_limits_that_do_not_overlap_stay_per_chat() {
        let mut gate = Gate::default();
        let _ = gate.record(A, wait(5), at(0));
        let _ = gate.record(B, wait(5), at(5));
        assert_eq!(gate.admit(at(5)), Ok(()));
    }

    #[test]
    fn waits_are_capped_at_an_hour_and_never_overflow() {
        let mut gate = Gate::default();
        gate.limit(Duration::from_secs(u64::MAX), at(0));
        assert_eq!(gate.admit(at(0)), Err(SendError::RetryAfter(LONGEST_WAIT)));
        assert_eq!(gate.admit(at(3600)), Ok(()));
        gate.limit(Duration::from_secs(60), at(0));
        assert_eq!(gate.admit(at(-86_400)), Ok(()), "the clock was set back");
    }

    #[test]
    fn with_a_rejected_token_one_message_at_a_time_tests_it() {
        let mut gate = Gate::default();
        for chat in [A, B, C] {
            assert_eq!(gate.admit(at(0)), Ok(()), "{chat:?}");
        }
        for chat in [A, B, C] {
            assert!(gate.record(chat, refused(), at(0)).is_err());
        }
        assert!(matches!(gate.admit(at(0)), Err(SendError::Unauthorized(wait)) if wait <= Duration::from_secs(2)));
        let mut now = 0;
        for _ in 0..9 {
            now += 200;
            assert_eq!(gate.admit(at(now)), Ok(()), "one message probes the token");
            assert!(matches!(gate.admit(at(now)), Err(SendError::Unauthorized(_))));
            assert!(gate.record(A, refused(), at(now)).is_err());
        }
        now += 200;
        assert_eq!(gate.admit(at(now)), Ok(()));
        let _ = gate.record(A, Err(SendError::Unknown("timeout")), at(now));
        assert_eq!(gate.admit(at(now)), Ok(()), "a timeout proves nothing about the token");
        assert!(gate.admit(at(now)).is_err());
        let _ = gate.record(A, SENT, at(now));
        assert_eq!((gate.admit(at(now)), gate.admit(at(now))), (Ok(()), Ok(())));
    }
}
