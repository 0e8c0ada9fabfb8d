//! Who must wait although pacing lets them go, as a pure function of what Telegram has said.
//!
//! 429: a chat that is told to wait waits alone. If a second chat is told to wait before the first one's time is over, the limit is the
//! bot's own, and everybody waits until the earlier of the two times. An answer that belongs to no chat (`getUpdates`) limits the bot at once.
//!
//! 401 and 404: the token is refused, and every further message would be refused as well. All wait; one message goes ahead from time to time,
//! until one of them is answered in any other way.

use std::time::Duration;

use base::backoff::Backoff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ChatId;

use super::answer::LONGEST_WAIT;
use super::messages::{SendError, SentMessage};

/// While one message tries the token the others wait for this long.
const TRIAL: TimeDelta = TimeDelta::seconds(2);

/// What Telegram has said.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// The chat that has been told to wait for longest, and until when.
    limited: Option<(ChatId, DateTime<Utc>)>,
    /// Until when everybody has to wait.
    closed: Option<DateTime<Utc>>,
    refused: Option<Refused>,
}

#[derive(Debug)]
struct Refused {
    times: u32,
    again_at: DateTime<Utc>,
    is_being_tried: bool,
}

impl Gate {
    /// Lets a message go that has its place.
    ///
    /// # Errors
    /// How long it has to wait, and why.
    pub(super) fn admit(&mut self, now: DateTime<Utc>) -> Result<(), SendError> {
        if let Some(rest) = rest(self.closed, now) {
            return Err(SendError::RetryAfter(rest));
        }
        let Some(refused) = &mut self.refused else {
            return Ok(());
        };
        if let Some(rest) = rest(Some(refused.again_at), now) {
            return Err(SendError::Unauthorized(rest));
        }
        if refused.is_being_tried {
            return Err(SendError::Unauthorized(span(TRIAL)));
        }
        refused.is_being_tried = true;
        Ok(())
    }

    /// Takes note of what came of a message that was let go.
    pub(super) fn heard(
        &mut self,
        chat: ChatId,
        outcome: Result<SentMessage, SendError>,
        now: DateTime<Utc>,
    ) -> Result<SentMessage, SendError> {
        match &outcome {
            Err(SendError::Unauthorized(_)) => return Err(SendError::Unauthorized(self.refuse(now))),
            // It says nothing about the token.
            Err(SendError::Transient(_) | SendError::Unknown(_)) => {
                if let Some(refused) = &mut self.refused {
                    refused.is_being_tried = false;
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

    /// The whole bot is told to wait.
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

    /// Those that left before the first refusal came back are refused as well: they count as one.
    fn refuse(&mut self, now: DateTime<Utc>) -> Duration {
        let refused = self.refused.get_or_insert(Refused {
            times: 0,
            again_at: now,
            is_being_tried: true,
        });
        if refused.is_being_tried {
            refused.times = refused.times.saturating_add(1);
            refused.again_at = now + Backoff::REPLY.span(refused.times);
            refused.is_being_tried = false;
        }
        rest(Some(refused.again_at), now).unwrap_or_default()
    }
}

/// What is left of a wait. A clock that was set back makes none longer than the longest.
fn rest(until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Duration> {
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
    fn one_chat_that_is_limited_keeps_nobody_waiting() {
        let mut gate = Gate::default();
        for _ in 0..3 {
            let _ = gate.heard(A, wait(30), at(0));
            assert_eq!(gate.admit(at(1)), Ok(()));
        }
    }

    #[test]
    fn two_limited_chats_within_one_wait_are_the_whole_bot() {
        let mut gate = Gate::default();
        let _ = gate.heard(A, wait(30), at(0));
        let _ = gate.heard(B, wait(20), at(1));
        assert_eq!(gate.admit(at(2)), Err(SendError::RetryAfter(Duration::from_secs(19))));
        assert_eq!(gate.admit(at(21)), Ok(()));
        let _ = gate.heard(C, wait(60), at(22));
        assert!(gate.admit(at(29)).is_err(), "the first chat still waits");
        assert_eq!(gate.admit(at(30)), Ok(()));
    }

    #[test]
    fn waits_that_do_not_meet_are_two_chats() {
        let mut gate = Gate::default();
        let _ = gate.heard(A, wait(5), at(0));
        let _ = gate.heard(B, wait(5), at(5));
        assert_eq!(gate.admit(at(5)), Ok(()));
    }

    #[test]
    fn no_wait_is_longer_than_an_hour_and_none_overflows() {
        let mut gate = Gate::default();
        gate.limit(Duration::from_secs(u64::MAX), at(0));
        assert_eq!(gate.admit(at(0)), Err(SendError::RetryAfter(LONGEST_WAIT)));
        assert_eq!(gate.admit(at(3600)), Ok(()));
        gate.limit(Duration::from_secs(60), at(0));
        assert_eq!(gate.admit(at(-86_400)), Ok(()), "a clock that was set back");
    }

    #[test]
    fn a_refused_token_holds_all_but_one_until_it_is_accepted() {
        let mut gate = Gate::default();
        for chat in [A, B, C] {
            assert_eq!(gate.admit(at(0)), Ok(()), "{chat:?}");
        }
        for chat in [A, B, C] {
            assert!(gate.heard(chat, refused(), at(0)).is_err());
        }
        assert!(matches!(gate.admit(at(0)), Err(SendError::Unauthorized(rest)) if rest <= Duration::from_secs(2)));
        let mut now = 0;
        for _ in 0..9 {
            now += 200;
            assert_eq!(gate.admit(at(now)), Ok(()), "one tries the token");
            assert!(matches!(gate.admit(at(now)), Err(SendError::Unauthorized(_))));
            assert!(gate.heard(A, refused(), at(now)).is_err());
        }
        now += 200;
        assert_eq!(gate.admit(at(now)), Ok(()));
        let _ = gate.heard(A, Err(SendError::Unknown("timeout")), at(now));
        assert_eq!(gate.admit(at(now)), Ok(()), "nothing was said about the token");
        assert!(gate.admit(at(now)).is_err());
        let _ = gate.heard(A, SENT, at(now));
        assert_eq!((gate.admit(at(now)), gate.admit(at(now))), (Ok(()), Ok(())));
    }
}
