//! The due report, as a pure function of the time, the schedule and the past reports. One report covers all due times missed
//! during a downtime. A due time gets one report only, even if the clock was changed since.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use store::ReportLedger;

use crate::config::ReportCron;

/// The next thing to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A report is due.
    Close {
        /// Its due time.
        due: DateTime<Utc>,
        /// Others were due before it and had none.
        is_catch_up: bool,
    },
    /// None is due before.
    WaitUntil(DateTime<Utc>),
}

/// Looks at the clock.
pub(super) fn next(cron: &ReportCron, zone: Tz, ledger: &ReportLedger, now: DateTime<Utc>) -> Next {
    let open = |due: &DateTime<Utc>| *due > ledger.reported;
    // The library is not trusted with the hour that comes twice: what is not due yet, or has had its report, is not due.
    let is_due = |due: &DateTime<Utc>| open(due) && *due <= now && !ledger.ahead.contains(due);
    if let Some(due) = cron.last_until(now, zone).filter(is_due) {
        let earlier = cron.last_until(due - TimeDelta::seconds(1), zone);
        let is_catch_up = earlier.is_some_and(|earlier| open(&earlier));
        return Next::Close { due, is_catch_up };
    }
    let mut due = cron.next_after(now, zone);
    while let Some(known) = due.filter(|due| ledger.ahead.contains(due)) {
        due = cron.next_after(known, zone);
    }
    // A recurring pattern always has a next time; if it had none, the check runs again tomorrow.
    Next::WaitUntil(due.unwrap_or(now + TimeDelta::days(1)))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe;
    use proptest::prelude::*;

    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn daily() -> ReportCron {
        ReportCron::parse("0 9 * * *").unwrap()
    }

    fn ledger(reported: &str) -> ReportLedger {
        ReportLedger {
            reported: utc(reported),
            ahead: Vec::new(),
        }
    }

    fn look(ledger: &ReportLedger, now: &str) -> Next {
        next(&daily(), Tz::UTC, ledger, utc(now))
    }

    #[test]
    fn none_is_due_at_the_installation_itself() {
        let installed = ledger("2026-11-21T14:05:00Z");
        let due = utc("2026-11-22T09:00:00Z");
        assert_eq!(look(&installed, "2026-11-21T14:05:00Z"), Next::WaitUntil(due));
        assert_eq!(look(&installed, "2026-11-22T08:59:59.999Z"), Next::WaitUntil(due));
        let is_catch_up = false;
        assert_eq!(
            look(&installed, "2026-11-22T09:00:00Z"),
            Next::Close { due, is_catch_up }
        );
    }

    #[test]
    fn what_was_missed_is_one_report_for_the_last_due_time() {
        let due = utc("2026-11-25T09:00:00Z");
        let is_catch_up = true;
        let after_days = look(&ledger("2026-11-22T09:00:00Z"), "2026-11-25T11:30:00Z");
        assert_eq!(after_days, Next::Close { due, is_catch_up });
        let is_catch_up = false;
        let after_hours = look(&ledger("2026-11-24T09:00:00Z"), "2026-11-25T11:30:00Z");
        assert_eq!(
            after_hours,
            Next::Close { due, is_catch_up },
            "late, and nothing is missed"
        );
    }

    #[test]
    fn a_due_time_that_comes_round_again_gets_no_second_report() {
        // Closed for the 25th, then the clock was set back to the 24th.
        let mut set_back = ledger("2026-11-24T09:00:00Z");
        set_back.ahead = vec![utc("2026-11-25T09:00:00Z")];
        assert_eq!(
            look(&set_back, "2026-11-25T08:50:00Z"),
            Next::WaitUntil(utc("2026-11-26T09:00:00Z"))
        );
    }

    #[test]
    fn nothing_is_due_before_its_time_in_the_hour_that_comes_twice() {
        let hourly = ReportCron::parse("0 * * * *").unwrap();
        let due = utc("2026-10-25T01:00:00Z");
        for (millis, ahead) in [(1, vec![]), (999, vec![]), (1, vec![due])] {
            let now = due - TimeDelta::milliseconds(millis);
            let ledger = ReportLedger {
                reported: utc("2026-10-25T00:00:00Z"),
                ahead,
            };
            let next = next(&hourly, Europe::Berlin, &ledger, now);
            assert!(matches!(next, Next::WaitUntil(due) if due > now), "{now}: {next:?}");
        }
    }

    /// The database in miniature: when the installation began, and every report's due time.
    struct Book {
        begun: DateTime<Utc>,
        closed: Vec<DateTime<Utc>>,
    }

    impl Book {
        fn ledger(&self, now: DateTime<Utc>) -> ReportLedger {
            let (past, ahead): (Vec<_>, Vec<_>) = self.closed.iter().copied().partition(|due| *due <= now);
            ReportLedger {
                reported: past.into_iter().max().unwrap_or(self.begun),
                ahead,
            }
        }

        /// Looks until nothing is due.
        fn settle(&mut self, zone: Tz, now: DateTime<Utc>) -> Result<(), TestCaseError> {
            if self.closed.is_empty() {
                self.begun = self.begun.min(now);
            }
            loop {
                match next(&daily(), zone, &self.ledger(now), now) {
                    Next::Close { due, .. } => {
                        prop_assert!(due <= now && !self.closed.contains(&due));
                        self.closed.push(due);
                    }
                    Next::WaitUntil(due) => {
                        prop_assert!(due > now && !self.closed.contains(&due));
                        return Ok(());
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_the_clock_does_no_due_time_has_two_reports(
            jumps in prop::collection::vec(-200_000_i64..400_000, 1..120)
        ) {
            let begun = utc("2026-03-01T10:00:00Z");
            let mut book = Book { begun, closed: Vec::new() };
            let mut now = begun;
            for jump in jumps {
                now += TimeDelta::seconds(jump);
                book.settle(Europe::Berlin, now)?;
            }
            // Every due time up to now lies at or before one that has had its report.
            let last = daily().last_until(now, Europe::Berlin).filter(|due| *due > book.begun);
            prop_assert!(last.is_none_or(|last| book.closed.iter().any(|due| *due >= last)));
        }
    }
}
