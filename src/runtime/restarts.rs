//! Restart intensity: an actor that panics occasionally is restarted in place. Too many restarts end the process, so that its
//! service manager notices. Counted by the monotonic clock, because a wall clock may jump.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

/// The restarts of one service's actors.
#[derive(Debug)]
pub struct Restarts {
    max: usize,
    window: Duration,
    recent: Mutex<VecDeque<Instant>>,
}

impl Restarts {
    /// At most `max` restarts within `window`.
    pub fn new(max: u32, window: TimeDelta) -> Self {
        Self {
            max: max as usize,
            window: window.to_std().unwrap_or_default(),
            recent: Mutex::default(),
        }
    }

    /// Counts a restart; `false` if it exceeds the limit.
    pub fn allow(&self, now: Instant) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push_back(now);
        while recent
            .front()
            .is_some_and(|first| now.saturating_duration_since(*first) > self.window)
        {
            recent.pop_front();
        }
        recent.len() <= self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_restart_within_a_minute_is_too_many() {
        let restarts = Restarts::new(5, TimeDelta::seconds(60));
        let start = Instant::now();
        for second in 0..5 {
            assert!(restarts.allow(start + Duration::from_secs(second)));
        }
        assert!(!restarts.allow(start + Duration::from_secs(59)));
    }

    #[test]
    fn restarts_a_minute_apart_never_add_up() {
        let restarts = Restarts::new(5, TimeDelta::seconds(60));
        let start = Instant::now();
        for minute in 0..100 {
            assert!(restarts.allow(start + Duration::from_secs(61 * minute)));
        }
    }
}
