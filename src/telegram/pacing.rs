//! How fast messages may leave, as a pure function of what left before: a bucket for each chat and one for all.
//! Telegram's own limits are about one message a second in a chat and thirty a second in all (Bot API FAQ, "My bot
//! is hitting limits"); a short burst in a chat is tolerated.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ChatId;

/// Messages a quiet chat may get at once.
const BURST: i32 = 3;
/// Chats remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

/// Who may send when.
#[derive(Debug)]
pub(super) struct Pacing {
    all: Option<TimeDelta>,
    chat: Option<TimeDelta>,
    all_free_at: DateTime<Utc>,
    seen: DateTime<Utc>,
    chats: HashMap<ChatId, DateTime<Utc>>,
}

impl Pacing {
    /// Rates in messages a second; 0 is unlimited.
    pub(super) fn new(all_per_second: u32, chat_per_second: u32) -> Self {
        Self {
            all: gap(all_per_second),
            chat: gap(chat_per_second),
            all_free_at: DateTime::UNIX_EPOCH,
            seen: DateTime::UNIX_EPOCH,
            chats: HashMap::new(),
        }
    }

    /// Places that were taken by a clock which has been set back are none any more.
    fn see(&mut self, now: DateTime<Utc>) {
        if now < self.seen {
            self.all_free_at = now;
            self.chats.clear();
        }
        self.seen = now;
    }

    /// Takes a chat's next place: when it is.
    pub(super) fn in_chat(&mut self, chat: ChatId, now: DateTime<Utc>) -> DateTime<Utc> {
        self.see(now);
        let Some(gap) = self.chat else { return now };
        // A chat that was quiet for the length of a burst has the whole burst again, and need not be remembered.
        let whole_burst = now - gap * (BURST - 1);
        if self.chats.len() >= REMEMBERED {
            self.chats.retain(|_, free_at| *free_at > whole_burst);
        }
        let free_at = self.chats.entry(chat).or_insert(DateTime::UNIX_EPOCH);
        let place = (*free_at).max(whole_burst);
        *free_at = place + gap;
        place.max(now)
    }

    /// Takes the next place of all: when it is.
    pub(super) fn in_all(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.see(now);
        let Some(gap) = self.all else { return now };
        let place = self.all_free_at.max(now);
        self.all_free_at = place + gap;
        place
    }
}

fn gap(per_second: u32) -> Option<TimeDelta> {
    (per_second > 0).then(|| TimeDelta::microseconds(1_000_000 / i64::from(per_second)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ChatId = ChatId(1);
    const B: ChatId = ChatId(2);

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(1) + TimeDelta::milliseconds(millis)
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_no_place_ahead() {
        let mut pacing = Pacing::new(1, 1);
        for _ in 0..9 {
            pacing.in_chat(A, at(3_600_000));
            pacing.in_all(at(3_600_000));
        }
        assert_eq!((pacing.in_chat(A, at(0)), pacing.in_all(at(0))), (at(0), at(0)));
    }

    #[test]
    fn a_chat_gets_a_burst_and_then_one_a_second() {
        let mut pacing = Pacing::new(0, 1);
        for start in [0, 60_000] {
            let places: Vec<_> = (0..5).map(|_| pacing.in_chat(A, at(start))).collect();
            let expected = [0, 0, 0, 1000, 2000].map(|wait| at(start + wait));
            assert_eq!(places, expected);
        }
    }

    #[test]
    fn a_busy_chat_does_not_slow_another() {
        let mut pacing = Pacing::new(0, 1);
        for _ in 0..100 {
            pacing.in_chat(A, at(0));
        }
        assert_eq!(pacing.in_chat(B, at(0)), at(0));
    }

    #[test]
    fn all_chats_together_keep_to_the_common_rate() {
        let mut pacing = Pacing::new(30, 0);
        let last = (0..31).map(|_| pacing.in_all(at(0))).last();
        assert!(last >= Some(at(999)) && last <= Some(at(1000)));
    }

    #[test]
    fn chats_that_were_quiet_are_forgotten_and_busy_ones_are_not() {
        let mut pacing = Pacing::new(0, 1);
        for chat in 0..3 * i64::try_from(REMEMBERED).unwrap() {
            pacing.in_chat(ChatId(chat), at(chat));
        }
        assert!(
            pacing.chats.len() <= REMEMBERED,
            "{} are remembered",
            pacing.chats.len()
        );
        let last = ChatId(3 * i64::try_from(REMEMBERED).unwrap() - 1);
        let now = at(last.0);
        let places: Vec<_> = (0..3).map(|_| pacing.in_chat(last, now)).collect();
        assert_eq!(
            places,
            [now, now, now + TimeDelta::seconds(1)],
            "one of his burst is used up"
        );
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        let mut pacing = Pacing::new(0, 0);
        for _ in 0..1000 {
            assert_eq!(pacing.in_chat(A, at(5)), at(5));
            assert_eq!(pacing.in_all(at(5)), at(5));
        }
    }
}
