//! A circuit breaker for errors that concern every customer (key, quota, model). After a pause it lets one run through as a
//! trial; each failed trial doubles the pause. A single rejection of the key or model may be OpenAI's mistake, so only a second
//! one, of a run that began later, opens the breaker. Pure: it gets the time as a value.

use chrono::{DateTime, TimeDelta, Utc};

use super::messages::{RunAnswer, RunError};

/// Pauses before a trial.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);
/// Only a run that began this long after a rejection can confirm it.
const CONFIRM_AFTER: TimeDelta = TimeDelta::seconds(2);
/// A rejection older than this is forgotten.
const SUSPICION_TTL: TimeDelta = TimeDelta::seconds(60);

/// Closed (all runs pass), open (none) or half-open (one passes, as a trial).
#[derive(Debug, Default)]
pub(super) struct Breaker {
    open: Option<Open>,
    /// The first rejection of key or model since the last good answer.
    suspected_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct Open {
    until: DateTime<Utc>,
    pause: TimeDelta,
    is_trial_under_way: bool,
}

/// Permission to make a run; its outcome must go to [`Breaker::record`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// Issued at this time, while the breaker was closed.
    Normal(DateTime<Utc>),
    /// The one run that tests for recovery.
    Trial,
}

/// A state change for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Runs are now rejected without a request.
    Opened,
    /// Recovered.
    Closed,
}

/// What an outcome shows about key, quota and model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Healthy,
    /// Rejected, perhaps by mistake.
    Suspect,
    Broken,
    /// No connection, a timeout, a busy server or an unrecognised answer.
    Neutral,
}

impl Signal {
    fn of(outcome: &Result<RunAnswer, RunError>) -> Self {
        match outcome {
            Ok(_) | Err(RunError::Locked { .. } | RunError::ThreadLost { .. } | RunError::Declined { .. }) => {
                Self::Healthy
            }
            Err(RunError::Forbidden { .. }) => Self::Suspect,
            Err(RunError::Unavailable { .. }) => Self::Broken,
            Err(RunError::NotExecuted { .. } | RunError::Unknown { .. } | RunError::Rejected { .. }) => Self::Neutral,
        }
    }
}

impl Breaker {
    /// Open or half-open.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether a run would be rejected now.
    pub(super) fn refuses(&self, now: DateTime<Utc>) -> bool {
        self.open
            .as_ref()
            .is_some_and(|open| open.is_trial_under_way || now < open.until)
    }

    /// `None` if the run is rejected.
    pub(super) fn admit(&mut self, now: DateTime<Utc>) -> Option<Pass> {
        if self.refuses(now) {
            return None;
        }
        let Some(open) = &mut self.open else {
            return Some(Pass::Normal(now));
        };
        open.is_trial_under_way = true;
        Some(Pass::Trial)
    }

    /// Records the outcome of an admitted run. A run that began before the breaker opened changes nothing, and a failed trial
    /// only prolongs the pause.
    pub(super) fn record(
        &mut self,
        pass: &Pass,
        outcome: &Result<RunAnswer, RunError>,
        now: DateTime<Utc>,
    ) -> Option<Change> {
        let signal = match (pass, Signal::of(outcome)) {
            (Pass::Normal(began), Signal::Suspect) if !self.confirms(*began, now) => Signal::Neutral,
            (_, signal) => signal,
        };
        match (pass, signal, &mut self.open) {
            (Pass::Normal(_), Signal::Healthy, None) => {
                self.suspected_at = None;
                None
            }
            (Pass::Normal(_), Signal::Broken | Signal::Suspect, closed @ None) => {
                *closed = Some(Open {
                    until: now + FIRST_PAUSE,
                    pause: FIRST_PAUSE,
                    is_trial_under_way: false,
                });
                Some(Change::Opened)
            }
            (Pass::Trial, Signal::Healthy, _) => {
                *self = Self::default();
                Some(Change::Closed)
            }
            (Pass::Trial, signal, Some(open)) => {
                open.is_trial_under_way = false;
                if matches!(signal, Signal::Broken | Signal::Suspect) {
                    open.pause = (open.pause * 2).min(LONGEST_PAUSE);
                    open.until = now + open.pause;
                }
                None
            }
            _ => None,
        }
    }

    /// Whether the rejection of a run begun at `began` is the second one; remembers the first.
    fn confirms(&mut self, began: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let is_recent = |at: &DateTime<Utc>| (TimeDelta::zero()..=SUSPICION_TTL).contains(&(now - *at));
        match self.suspected_at.filter(is_recent) {
            Some(at) => began - at >= CONFIRM_AFTER,
            None => {
                self.suspected_at = Some(now);
                false
            }
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

    fn normal(second: i64) -> Pass {
        Pass::Normal(at(second))
    }

    fn broken() -> Result<RunAnswer, RunError> {
        Err(unavailable("429 insufficient_quota"))
    }

    fn suspect() -> Result<RunAnswer, RunError> {
        Err(RunError::Forbidden { what: "401".into() })
    }

    fn healthy() -> Result<RunAnswer, RunError> {
        Err(RunError::Locked { retry_after: None })
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        let pass = breaker.admit(at(0)).unwrap();
        assert_eq!(breaker.record(&pass, &broken(), at(0)), Some(Change::Opened));
        breaker
    }

    #[test]
    fn breaker_trials_back_off_up_to_a_minute() {
        let mut breaker = opened();
        let mut now = 0;
        for pause in [5, 10, 20, 40, 60, 60, 60] {
            assert!(breaker.refuses(at(now)) && breaker.refuses(at(now + pause - 1)));
            assert_eq!(breaker.admit(at(now + pause - 1)), None);
            now += pause;
            assert_eq!(breaker.admit(at(now)), Some(Pass::Trial));
            assert_eq!(breaker.admit(at(now)), None, "one trial at a time");
            assert_eq!(breaker.record(&Pass::Trial, &suspect(), at(now)), None, "no news");
        }
        now += 60;
        assert_eq!(breaker.admit(at(now)), Some(Pass::Trial));
        assert_eq!(breaker.record(&Pass::Trial, &healthy(), at(now)), Some(Change::Closed));
        assert_eq!(breaker.admit(at(now)), Some(normal(now)));
        assert_eq!(breaker.record(&normal(now), &broken(), at(now)), Some(Change::Opened));
        assert!(
            breaker.refuses(at(now + 4)) && !breaker.refuses(at(now + 5)),
            "from the first pause again"
        );
    }

    #[test]
    fn a_single_rejection_of_the_key_does_not_open_the_breaker() {
        let mut breaker = Breaker::default();
        // Columns: start of the run, its end, its outcome, whether the breaker is open afterwards.
        for (row, (began, ended, outcome, is_open)) in [
            (0, 1, suspect(), false),
            (0, 3, suspect(), false),
            (2, 4, suspect(), false),
            (4, 5, healthy(), false),
            (5, 6, suspect(), false),
            (70, 71, suspect(), false),
            (72, 80, Err(not_connected()), false),
            (73, 81, suspect(), true),
        ]
        .into_iter()
        .enumerate()
        {
            breaker.record(&normal(began), &outcome, at(ended));
            assert_eq!(breaker.is_open(), is_open, "row {row}");
        }
    }

    #[test]
    fn a_trial_without_a_connection_allows_another_at_once() {
        let mut breaker = opened();
        let trial = breaker.admit(at(5)).unwrap();
        assert_eq!(breaker.record(&trial, &Err(not_connected()), at(6)), None);
        assert_eq!(breaker.admit(at(6)), Some(Pass::Trial));
    }

    #[test]
    fn runs_begun_before_the_breaker_opened_do_not_change_it() {
        let mut breaker = opened();
        assert_eq!(breaker.record(&normal(0), &broken(), at(3)), None);
        assert_eq!(breaker.record(&normal(0), &healthy(), at(3)), None);
        assert!(breaker.refuses(at(4)) && !breaker.refuses(at(5)));
    }

    #[test]
    fn transient_failures_never_open_the_breaker() {
        let mut breaker = Breaker::default();
        let rejected = RunError::Rejected { what: "400".into() };
        for outcome in [not_connected(), RunError::Locked { retry_after: None }, rejected] {
            let pass = breaker.admit(at(0)).unwrap();
            assert_eq!(breaker.record(&pass, &Err(outcome), at(0)), None);
        }
        assert!(!breaker.refuses(at(0)));
    }
}
