//! Restart intensity: an actor that panics now and then is restarted in place; one that does nothing else
//! takes the process down, so that whoever watches it notices.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

const MOST: usize = 5;
const WITHIN: TimeDelta = TimeDelta::seconds(60);

/// The restarts of one service's actors.
#[derive(Debug, Default)]
pub struct Restarts {
    recent: Mutex<VecDeque<DateTime<Utc>>>,
}

impl Restarts {
    /// Counts one; `true` while no more than 5 fell into the last 60 seconds.
    pub fn allow(&self, now: DateTime<Utc>) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.push_back(now);
        while recent.front().is_some_and(|first| now - *first > WITHIN) {
            recent.pop_front();
        }
        recent.len() <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_restart_within_a_minute_is_too_many() {
        let restarts = Restarts::default();
        let start = DateTime::UNIX_EPOCH;
        for second in 0..5 {
            assert!(restarts.allow(start + TimeDelta::seconds(second)));
        }
        assert!(!restarts.allow(start + TimeDelta::seconds(59)));
    }

    #[test]
    fn restarts_a_minute_apart_never_add_up() {
        let restarts = Restarts::default();
        for minute in 0..100 {
            assert!(restarts.allow(DateTime::UNIX_EPOCH + TimeDelta::seconds(61 * minute)));
        }
    }
}
