//! Stops asking OpenAI when it says that no customer here may be answered (key, quota, model): after a pause one run is let
//! through as a trial, and each trial that fails doubles the pause. A key or model that is refused once may be a mistake of
//! OpenAI's: only a second refusal, by a run that began later, opens the breaker. Pure: times come in as values.

use chrono::{DateTime, TimeDelta, Utc};

use super::messages::{RunAnswer, RunError};

/// Pauses before a trial, the first and the longest.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);
/// A run that begins this long after a refusal confirms it.
const SECOND_TRY: TimeDelta = TimeDelta::seconds(2);
/// A refusal this old is forgotten: the next one is the first again.
const DOUBT_LASTS: TimeDelta = TimeDelta::seconds(60);

/// Closed (all runs pass), open (none) or half-open (one passes, as a trial).
#[derive(Debug, Default)]
pub(super) struct Breaker {
    open: Option<Open>,
    /// The first refusal of key or model since the last good answer.
    doubted_at: Option<DateTime<Utc>>,
}

#[derive(Debug)]
struct Open {
    until: DateTime<Utc>,
    pause: TimeDelta,
    is_trial_under_way: bool,
}

/// Leave to make a run; its outcome is owed to [`Breaker::settle`].
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pass {
    /// The breaker was closed then.
    Usual(DateTime<Utc>),
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

/// What an outcome says about key, quota and model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Well,
    /// They were refused, perhaps by mistake.
    Doubt,
    Ill,
    /// No connection, a timeout, a busy server, an answer of unknown shape: nothing about us.
    None,
}

impl Sign {
    fn of(outcome: &Result<RunAnswer, RunError>) -> Self {
        match outcome {
            Ok(_) | Err(RunError::Locked { .. } | RunError::ThreadLost { .. } | RunError::Declined { .. }) => {
                Self::Well
            }
            Err(RunError::Forbidden { .. }) => Self::Doubt,
            Err(RunError::Unavailable { .. }) => Self::Ill,
            Err(RunError::NotExecuted { .. } | RunError::Unknown { .. } | RunError::Rejected { .. }) => Self::None,
        }
    }
}

impl Breaker {
    /// Whether runs are refused or only tried.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

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
            return Some(Pass::Usual(now));
        };
        open.is_trial_under_way = true;
        Some(Pass::Trial)
    }

    /// What came of a run that was let through. A run that began before the breaker opened decides nothing any
    /// more, and a trial that fails prolongs the pause without being news.
    pub(super) fn settle(
        &mut self,
        pass: &Pass,
        outcome: &Result<RunAnswer, RunError>,
        now: DateTime<Utc>,
    ) -> Option<Change> {
        let sign = match (pass, Sign::of(outcome)) {
            (Pass::Usual(began), Sign::Doubt) if !self.confirms(*began, now) => Sign::None,
            (_, sign) => sign,
        };
        match (pass, sign, &mut self.open) {
            (Pass::Usual(_), Sign::Well, None) => {
                self.doubted_at = None;
                None
            }
            (Pass::Usual(_), Sign::Ill | Sign::Doubt, closed @ None) => {
                *closed = Some(Open {
                    until: now + FIRST_PAUSE,
                    pause: FIRST_PAUSE,
                    is_trial_under_way: false,
                });
                Some(Change::Opened)
            }
            (Pass::Trial, Sign::Well, _) => {
                *self = Self::default();
                Some(Change::Closed)
            }
            (Pass::Trial, sign, Some(open)) => {
                open.is_trial_under_way = false;
                if matches!(sign, Sign::Ill | Sign::Doubt) {
                    open.pause = (open.pause * 2).min(LONGEST_PAUSE);
                    open.until = now + open.pause;
                }
                None
            }
            _ => None,
        }
    }

    /// Whether a refusal of a run that began then is the second one; the first is remembered.
    fn confirms(&mut self, began: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let is_doubted = |at: &DateTime<Utc>| (TimeDelta::zero()..=DOUBT_LASTS).contains(&(now - *at));
        match self.doubted_at.filter(is_doubted) {
            Some(at) => began - at >= SECOND_TRY,
            None => {
                self.doubted_at = Some(now);
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

    fn usual(second: i64) -> Pass {
        Pass::Usual(at(second))
    }

    fn ill() -> Result<RunAnswer, RunError> {
        Err(unavailable("429 insufficient_quota"))
    }

    fn doubt() -> Result<RunAnswer, RunError> {
        Err(RunError::Forbidden { what: "401".into() })
    }

    fn well() -> Result<RunAnswer, RunError> {
        Err(RunError::Locked { retry_after: None })
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        let pass = breaker.admit(at(0)).unwrap();
        assert_eq!(breaker.settle(&pass, &ill(), at(0)), Some(Change::Opened));
        breaker
    }

    #[test]
    fn trials_come_after_growing_pauses_of_a_minute_at_most() {
        let mut breaker = opened();
        let mut now = 0;
        for pause in [5, 10, 20, 40, 60, 60, 60] {
            assert!(breaker.refuses(at(now)) && breaker.refuses(at(now + pause - 1)));
            assert_eq!(breaker.admit(at(now + pause - 1)), None);
            now += pause;
            assert_eq!(breaker.admit(at(now)), Some(Pass::Trial));
            assert_eq!(breaker.admit(at(now)), None, "one trial at a time");
            assert_eq!(breaker.settle(&Pass::Trial, &doubt(), at(now)), None, "no news");
        }
        now += 60;
        assert_eq!(breaker.admit(at(now)), Some(Pass::Trial));
        assert_eq!(breaker.settle(&Pass::Trial, &well(), at(now)), Some(Change::Closed));
        assert_eq!(breaker.admit(at(now)), Some(usual(now)));
        assert_eq!(breaker.settle(&usual(now), &ill(), at(now)), Some(Change::Opened));
        assert!(
            breaker.refuses(at(now + 4)) && !breaker.refuses(at(now + 5)),
            "from the first pause again"
        );
    }

    #[test]
    fn a_single_refusal_of_the_key_opens_nothing() {
        let mut breaker = Breaker::default();
        // Each in one row: when the run began, when it ended, what came of it, whether the breaker is open then.
        for (row, (began, ended, outcome, is_open)) in [
            (0, 1, doubt(), false),
            (0, 3, doubt(), false),
            (2, 4, doubt(), false),
            (4, 5, well(), false),
            (5, 6, doubt(), false),
            (70, 71, doubt(), false),
            (72, 80, Err(not_connected()), false),
            (73, 81, doubt(), true),
        ]
        .into_iter()
        .enumerate()
        {
            breaker.settle(&usual(began), &outcome, at(ended));
            assert_eq!(breaker.is_open(), is_open, "row {row}");
        }
    }

    #[test]
    fn a_trial_without_connection_leaves_room_for_the_next() {
        let mut breaker = opened();
        let trial = breaker.admit(at(5)).unwrap();
        assert_eq!(breaker.settle(&trial, &Err(not_connected()), at(6)), None);
        assert_eq!(breaker.admit(at(6)), Some(Pass::Trial));
    }

    #[test]
    fn runs_from_before_the_opening_decide_nothing() {
        let mut breaker = opened();
        assert_eq!(breaker.settle(&usual(0), &ill(), at(3)), None);
        assert_eq!(breaker.settle(&usual(0), &well(), at(3)), None);
        assert!(breaker.refuses(at(4)) && !breaker.refuses(at(5)));
    }

    #[test]
    fn failures_that_say_nothing_of_us_never_open_it() {
        let mut breaker = Breaker::default();
        let rejected = RunError::Rejected { what: "400".into() };
        for outcome in [not_connected(), RunError::Locked { retry_after: None }, rejected] {
            let pass = breaker.admit(at(0)).unwrap();
            assert_eq!(breaker.settle(&pass, &Err(outcome), at(0)), None);
        }
        assert!(!breaker.refuses(at(0)));
    }
}
