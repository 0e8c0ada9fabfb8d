//! Restart intensity: an actor that panics now and then is restarted in place; one that does nothing else
//! takes the process down, so that whoever watches it notices.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// The restarts of one service's actors.
#[derive(Debug)]
pub struct Restarts {
    most: usize,
    within: TimeDelta,
    recent: Mutex<VecDeque<DateTime<Utc>>>,
}

impl Restarts {
    /// At most so many in that time.
    pub fn new(most: u32, within: TimeDelta) -> Self {
        Self {
            most: most as usize,
            within,
            recent: Mutex::default(),
        }
    }

    /// Counts one; `true` while they are not too many.
    pub fn allow(&self, now: DateTime<Utc>) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push_back(now);
        while recent.front().is_some_and(|first| now - *first > self.within) {
            recent.pop_front();
        }
        recent.len() <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_restart_within_a_minute_is_too_many() {
        let restarts = Restarts::new(5, TimeDelta::seconds(60));
        let start = DateTime::UNIX_EPOCH;
        for second in 0..5 {
            assert!(restarts.allow(start + TimeDelta::seconds(second)));
        }
        assert!(!restarts.allow(start + TimeDelta::seconds(59)));
    }

    #[test]
    fn restarts_a_minute_apart_never_add_up() {
        let restarts = Restarts::new(5, TimeDelta::seconds(60));
        for minute in 0..100 {
            assert!(restarts.allow(DateTime::UNIX_EPOCH + TimeDelta::seconds(61 * minute)));
        }
    }
}
