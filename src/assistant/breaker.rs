//! Stops asking OpenAI when it said that nobody here may be answered (key, quota, model): a minute of silence,
//! then one run is let through to see. Pure: times come in as values.

use chrono::{DateTime, TimeDelta, Utc};

use super::messages::{RunAnswer, RunError};

const SILENCE: TimeDelta = TimeDelta::seconds(60);

/// Closed (everybody passes), open (nobody) or half-open (one passes, to see).
#[derive(Debug, Default)]
pub(super) struct Breaker {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    until: DateTime<Utc>,
    is_trial_under_way: bool,
}

/// Leave to make a run; its outcome is owed to [`Breaker::settle`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// The breaker was closed.
    Usual,
    /// The one run that shows whether things are well again.
    Trial,
}

/// A change that an operator wants to know of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// From here on runs are refused without asking OpenAI.
    Opened,
    /// Things are well again.
    Closed,
}

/// What an outcome tells about key, quota and model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Well,
    Ill,
    /// No connection, a time-out, a busy server: nothing was said about us.
    None,
}

impl Sign {
    fn of(outcome: &Result<RunAnswer, RunError>) -> Self {
        match outcome {
            Ok(_) | Err(RunError::Locked | RunError::ThreadLost { .. } | RunError::Rejected { .. }) => Self::Well,
            Err(RunError::Unavailable { .. }) => Self::Ill,
            Err(RunError::NotExecuted { .. } | RunError::Unknown { .. }) => Self::None,
        }
    }
}

impl Breaker {
    /// Whether a run would be refused now.
    pub(super) fn refuses(&self, now: DateTime<Utc>) -> bool {
        self.open
            .as_ref()
            .is_some_and(|open| open.is_trial_under_way || now < open.until)
    }

    /// Lets a run through, or not.
    pub(super) fn admit(&mut self, now: DateTime<Utc>) -> Option<Pass> {
        if self.refuses(now) {
            return None;
        }
        let Some(open) = &mut self.open else {
            return Some(Pass::Usual);
        };
        open.is_trial_under_way = true;
        Some(Pass::Trial)
    }

    /// What came of a run that was let through. A run that began before the breaker opened decides nothing any
    /// more, and a trial that fails prolongs the silence without being news.
    pub(super) fn settle(
        &mut self,
        pass: &Pass,
        outcome: &Result<RunAnswer, RunError>,
        now: DateTime<Utc>,
    ) -> Option<Change> {
        match (pass, Sign::of(outcome), &mut self.open) {
            (Pass::Usual, Sign::Ill, closed @ None) => {
                *closed = Some(Open {
                    until: now + SILENCE,
                    is_trial_under_way: false,
                });
                Some(Change::Opened)
            }
            (Pass::Trial, Sign::Well, open) => {
                *open = None;
                Some(Change::Closed)
            }
            (Pass::Trial, sign, Some(open)) => {
                open.is_trial_under_way = false;
                if sign == Sign::Ill {
                    open.until = now + SILENCE;
                }
                None
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::errors::{not_connected, unavailable};
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn ill() -> Result<RunAnswer, RunError> {
        Err(unavailable("401"))
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        let pass = breaker.admit(at(0)).unwrap();
        assert_eq!(breaker.settle(&pass, &ill(), at(0)), Some(Change::Opened));
        breaker
    }

    #[test]
    fn an_open_breaker_refuses_everybody_for_a_minute() {
        let mut breaker = opened();
        assert!(breaker.refuses(at(0)) && breaker.refuses(at(59)));
        assert_eq!(breaker.admit(at(59)), None);
        assert!(!breaker.refuses(at(60)));
    }

    #[test]
    fn after_the_silence_one_run_is_let_through() {
        let mut breaker = opened();
        assert_eq!(breaker.admit(at(60)), Some(Pass::Trial));
        assert_eq!(breaker.admit(at(60)), None);
        let locked = Err(RunError::Locked);
        assert_eq!(breaker.settle(&Pass::Trial, &locked, at(61)), Some(Change::Closed));
        assert_eq!(breaker.admit(at(61)), Some(Pass::Usual));
    }

    #[test]
    fn a_failed_trial_prolongs_the_silence_without_news() {
        let mut breaker = opened();
        let trial = breaker.admit(at(60)).unwrap();
        assert_eq!(breaker.settle(&trial, &ill(), at(70)), None);
        assert!(breaker.refuses(at(129)));
        assert_eq!(breaker.admit(at(130)), Some(Pass::Trial));
    }

    #[test]
    fn a_trial_without_connection_leaves_room_for_the_next() {
        let mut breaker = opened();
        let trial = breaker.admit(at(60)).unwrap();
        assert_eq!(breaker.settle(&trial, &Err(not_connected()), at(61)), None);
        assert_eq!(breaker.admit(at(61)), Some(Pass::Trial));
    }

    #[test]
    fn runs_from_before_the_opening_decide_nothing() {
        let mut breaker = opened();
        assert_eq!(breaker.settle(&Pass::Usual, &ill(), at(30)), None);
        assert_eq!(breaker.settle(&Pass::Usual, &Err(RunError::Locked), at(31)), None);
        assert!(breaker.refuses(at(59)) && !breaker.refuses(at(60)));
    }

    #[test]
    fn failures_that_say_nothing_of_us_never_open_it() {
        let mut breaker = Breaker::default();
        for outcome in [not_connected(), RunError::Locked] {
            let pass = breaker.admit(at(0)).unwrap();
            assert_eq!(breaker.settle(&pass, &Err(outcome), at(0)), None);
        }
        assert!(!breaker.refuses(at(0)));
    }
}
