//! Daily limits: turns per customer, and tokens of all customers. A day is in the business's time zone. Beyond a limit the form
//! answers, so that every customer gets a reply and no lead is lost.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A count that restarts each day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DayCount {
    day: Option<NaiveDate>,
    count: u64,
}

impl DayCount {
    /// A count of the day of `now`.
    pub(super) fn known(count: u64, now: DateTime<Tz>) -> Self {
        Self {
            day: Some(now.date_naive()),
            count,
        }
    }

    pub(super) fn add(&mut self, more: u64, now: DateTime<Tz>) {
        let today = self.on(now);
        *self = Self::known(today.saturating_add(more), now);
    }

    /// The count of the day of `now`.
    pub(super) fn on(&self, now: DateTime<Tz>) -> u64 {
        if self.day == Some(now.date_naive()) {
            self.count
        } else {
            0
        }
    }
}

/// The start of the day of `now`. If a clock change skips midnight, the day's first moment.
pub(crate) fn day_start(now: DateTime<Tz>) -> DateTime<Utc> {
    let (zone, day) = (now.timezone(), now.date_naive());
    let hours = (0..24).filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0));
    let first = hours
        .filter_map(|hour| zone.from_local_datetime(&day.and_time(hour)).earliest())
        .next();
    let fallback = || now.checked_sub_days(Days::new(1)).unwrap_or(now);
    first.unwrap_or_else(fallback).with_timezone(&Utc)
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America, Europe};

    use super::*;

    fn at(zone: Tz, day: u32, hour: u32) -> DateTime<Tz> {
        zone.with_ymd_and_hms(2026, 11, day, hour, 30, 0).unwrap()
    }

    #[test]
    fn a_new_day_counts_from_zero() {
        let evening = at(Europe::Moscow, 21, 23);
        let mut count = DayCount::known(7, evening);
        count.add(2, evening);
        assert_eq!(count.on(evening), 9);
        let morning = at(Europe::Moscow, 22, 0);
        assert_eq!(count.on(morning), 0);
        count.add(1, morning);
        assert_eq!(count.on(morning), 1);
    }

    #[test]
    fn a_day_begins_at_midnight_in_the_business_time_zone() {
        let start = day_start(at(Europe::Moscow, 22, 2));
        assert_eq!(start.to_rfc3339(), "2026-11-21T21:00:00+00:00");
    }

    #[test]
    fn a_day_without_midnight_begins_with_its_first_moment() {
        // Clocks in Santiago went from 24:00 to 1:00 on the 6th of September 2026.
        let noon = America::Santiago.with_ymd_and_hms(2026, 9, 6, 12, 0, 0).unwrap();
        assert_eq!(
            day_start(noon)
                .with_timezone(&America::Santiago)
                .format("%H:%M")
                .to_string(),
            "01:00"
        );
    }
}
