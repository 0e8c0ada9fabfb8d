//! The report schedule: a cron pattern in the business's time zone. The only file that uses croner.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use super::values::{Problem, problem};

/// A cron pattern of five fields (minute, hour, day of month, month, day of week), or a nickname like `@daily`, that occurs
/// again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportCron(Cron);

impl ReportCron {
    /// Parses `REPORT_CRON`.
    ///
    /// # Errors
    /// The text is not such a pattern, or describes a time that never occurs, like 30 February.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let fix = "write minute, hour, day of month, month and day of week, like 0 9 * * * for every day at 9:00";
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        // Some `.env` parsers keep the quotes that others require around spaces.
        let bare = text.trim_matches(['\'', '"']);
        let Ok(cron) = parser.parse(bare) else {
            return problem(format!("is not a report schedule: {text:?}"), fix);
        };
        let schedule = Self(cron);
        match schedule.next_after(DateTime::UNIX_EPOCH, Tz::UTC) {
            Some(_) => Ok(schedule),
            None => problem(format!("describes a time that never occurs: {text:?}"), fix),
        }
    }

    /// The pattern, to compare schedules.
    pub fn words(&self) -> String {
        self.0.pattern.to_string()
    }

    /// The first due time after `at`. If a clock change skips it, the moment of the change; if a clock change repeats it, the
    /// first of the two.
    pub fn next_after(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let next = self.0.find_next_occurrence(&at.with_timezone(&zone), false).ok()?;
        Some(next.with_timezone(&Utc))
    }

    /// The last due time up to and including `at`.
    pub fn last_until(&self, at: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let last = self.0.find_previous_occurrence(&at.with_timezone(&zone), true).ok()?;
        Some(last.with_timezone(&Utc))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::{America, Asia, Europe};

    use super::*;

    fn cron(text: &str) -> ReportCron {
        ReportCron::parse(text).unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_schedule_that_never_occurs_is_rejected() {
        for text in [
            "",
            "9:00",
            "0 9 * *",
            "0 0 9 * * *",
            "0 25 * * *",
            "0 9 30 2 *",
            "0 9 31 4,6 *",
        ] {
            assert!(ReportCron::parse(text).is_err(), "{text:?}");
        }
        for text in [
            "0 9 * * *",
            "@daily",
            "30 8 * * MON-FRI",
            "0 9 29 2 *",
            "0 7,19 * * *",
            "'0 9 * * *'",
        ] {
            assert!(ReportCron::parse(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn nine_in_the_morning_is_nine_local_time_all_year() {
        let daily = cron("0 9 * * *");
        let next = |at: &str| daily.next_after(utc(at), Europe::Berlin).unwrap().to_rfc3339();
        assert_eq!(next("2026-10-24T07:00:00Z"), "2026-10-25T08:00:00+00:00", "25 hours");
        assert_eq!(next("2027-03-27T08:00:00Z"), "2027-03-28T07:00:00+00:00", "23 hours");
        let last = daily.last_until(utc("2026-10-25T08:00:00Z"), Europe::Berlin);
        assert_eq!(last, Some(utc("2026-10-25T08:00:00Z")), "the time itself counts");
    }

    #[test]
    fn the_last_due_time_is_the_one_that_was_next() {
        let zones = [
            Europe::Berlin,
            America::Santiago,
            Asia::Beirut,
            America::St_Johns,
            Europe::Moscow,
        ];
        for text in ["0 9 * * *", "30 2 * * *", "15 0 * * *", "0 */6 * * *", "30 1 * * *"] {
            for zone in zones {
                let cron = cron(text);
                let mut due = utc("2026-01-01T00:00:00Z");
                for _ in 0..420 {
                    let next = cron.next_after(due, zone).unwrap();
                    assert!(next > due, "{text} {zone} {due}");
                    let second = TimeDelta::seconds(1);
                    assert_eq!(cron.last_until(next, zone), Some(next), "{text} {zone}");
                    assert_eq!(cron.last_until(next + second, zone), Some(next), "{text} {zone}");
                    if due > utc("2026-01-02T00:00:00Z") {
                        assert_eq!(cron.last_until(next - second, zone), Some(due), "{text} {zone}");
                        let middle = due + (next - due) / 2;
                        assert_eq!(cron.last_until(middle, zone), Some(due), "{text} {zone} {middle}");
                    }
                    due = next;
                }
            }
        }
    }
}
