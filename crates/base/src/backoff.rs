//! Exponential backoff with jitter, as a pure function of the attempt. All retries use it.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use chrono::TimeDelta;

/// Delays double from `first` up to `longest`; each gets a jitter of up to its own length on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The delay after the first attempt.
    pub first: Duration,
    /// The longest delay without jitter.
    pub longest: Duration,
}

impl Backoff {
    /// A run of the model that was certainly not executed.
    pub const RUN: Self = Self::new(Duration::from_millis(500), Duration::from_secs(8));
    /// A reply that Telegram did not accept.
    pub const REPLY: Self = Self::new(Duration::from_secs(1), Duration::from_secs(60));
    /// A letter that the mail server did not accept: it is retried for days, and servers penalise frequent retries.
    pub const MAIL: Self = Self::new(Duration::from_secs(15), Duration::from_mins(10));
    /// A failed `getUpdates`: at most five seconds with jitter, so that polling resumes soon after an outage.
    pub const POLL: Self = Self::new(Duration::from_millis(500), Duration::from_millis(2_500));
    /// A transaction that the disk rejected.
    pub const COMMIT: Self = Self::new(Duration::from_millis(50), Duration::from_secs(5));

    const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest }
    }

    /// The delay after `attempt` (counted from 1) failed.
    pub fn delay(self, attempt: u32) -> Duration {
        ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .without_max_times()
            .with_jitter()
            .build()
            // Doubling reaches any limit long before the 40th step.
            .nth(attempt.saturating_sub(1).min(40) as usize)
            .unwrap_or(self.longest)
    }

    /// [`Backoff::delay`] as a `TimeDelta`.
    pub fn span(self, attempt: u32) -> TimeDelta {
        TimeDelta::from_std(self.delay(attempt)).unwrap_or(TimeDelta::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_with_jitter_up_to_the_maximum() {
        for attempt in 1..60 {
            let bare = Backoff::REPLY
                .first
                .saturating_mul(2_u32.saturating_pow(attempt - 1))
                .min(Backoff::REPLY.longest);
            let delay = Backoff::REPLY.delay(attempt);
            assert!(delay >= bare && delay <= bare * 2, "attempt {attempt}: {delay:?}");
        }
    }

    #[test]
    fn the_poller_pauses_at_most_five_seconds() {
        for attempt in [1, 2, 3, 4, 5, 10, 100, u32::MAX] {
            assert!(
                Backoff::POLL.delay(attempt) <= Duration::from_secs(5),
                "attempt {attempt}"
            );
        }
    }

    #[test]
    fn two_delays_of_the_same_attempt_differ() {
        let delays: std::collections::HashSet<_> = (0..20).map(|_| Backoff::RUN.delay(3)).collect();
        assert!(delays.len() > 1);
    }
}
