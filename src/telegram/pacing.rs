//! Rate limits for sending, as a pure function of earlier sends: one bucket per chat and one for all chats.
//! Telegram allows about one message per second per chat and thirty per second in total (Bot API FAQ, "My bot is
//! hitting limits"), and tolerates a short burst in a chat.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::ChatId;

/// Messages an idle chat may get at once.
const BURST: i32 = 3;
/// Chats remembered before idle ones are forgotten.
const REMEMBERED: usize = 10_000;

/// The next free slot of each chat and of all chats.
#[derive(Debug)]
pub(super) struct Pacing {
    all: Option<TimeDelta>,
    chat: Option<TimeDelta>,
    all_free_at: DateTime<Utc>,
    seen: DateTime<Utc>,
    chats: HashMap<ChatId, DateTime<Utc>>,
}

impl Pacing {
    /// Rates in messages per second; 0 means unlimited.
    pub(super) fn new(all_per_second: u32, chat_per_second: u32) -> Self {
        Self {
            all: gap(all_per_second),
            chat: gap(chat_per_second),
            all_free_at: DateTime::UNIX_EPOCH,
            seen: DateTime::UNIX_EPOCH,
            chats: HashMap::new(),
        }
    }

    /// Drops all reserved slots if the clock was set back.
    fn observe(&mut self, now: DateTime<Utc>) {
        if now < self.seen {
            self.all_free_at = now;
            self.chats.clear();
        }
        self.seen = now;
    }

    /// Reserves the chat's next slot and returns its time.
    pub(super) fn in_chat(&mut self, chat: ChatId, now: DateTime<Utc>) -> DateTime<Utc> {
        self.observe(now);
        let Some(gap) = self.chat else { return now };
        // After an idle time of this length a chat has its whole burst again and need not be remembered.
        let whole_burst = now - gap * (BURST - 1);
        if self.chats.len() >= REMEMBERED {
            self.chats.retain(|_, free_at| *free_at > whole_burst);
        }
        let free_at = self.chats.entry(chat).or_insert(DateTime::UNIX_EPOCH);
        let slot = (*free_at).max(whole_burst);
        *free_at = slot + gap;
        slot.max(now)
    }

    /// Reserves the next slot of the global limit and returns its time.
    pub(super) fn in_all(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.observe(now);
        let Some(gap) = self.all else { return now };
        let slot = self.all_free_at.max(now);
        self.all_free_at = slot + gap;
        slot
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
    fn a_clock_set_back_delays_no_message() {
        let mut pacing = Pacing::new(1, 1);
        for _ in 0..9 {
            pacing.in_chat(A, at(3_600_000));
            pacing.in_all(at(3_600_000));
        }
        assert_eq!((pacing.in_chat(A, at(0)), pacing.in_all(at(0))), (at(0), at(0)));
    }

    #[test]
    fn a_chat_gets_a_burst_and_then_one_message_per_second() {
        let mut pacing = Pacing::new(0, 1);
        for start in [0, 60_000] {
            let slots: Vec<_> = (0..5).map(|_| pacing.in_chat(A, at(start))).collect();
            let expected = [0, 0, 0, 1000, 2000].map(|wait| at(start + wait));
            assert_eq!(slots, expected);
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
    fn all_chats_together_keep_to_the_global_rate() {
        let mut pacing = Pacing::new(30, 0);
        let last = (0..31).map(|_| pacing.in_all(at(0))).last();
        assert!(last >= Some(at(999)) && last <= Some(at(1000)));
    }

    #[test]
    fn idle_chats_are_forgotten_and_busy_ones_are_kept() {
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
        let slots: Vec<_> = (0..3).map(|_| pacing.in_chat(last, now)).collect();
        assert_eq!(
            slots,
            [now, now, now + TimeDelta::seconds(1)],
            "one message of the burst is used up"
        );
    }

    #[test]
    fn a_rate_of_zero_means_unlimited() {
        let mut pacing = Pacing::new(0, 0);
        for _ in 0..1000 {
            assert_eq!(pacing.in_chat(A, at(5)), at(5));
            assert_eq!(pacing.in_all(at(5)), at(5));
        }
    }
}
