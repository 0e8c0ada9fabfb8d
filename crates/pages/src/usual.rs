//! Usual values: the average of the reports in the week before a period, scaled to its length.

use chrono::TimeDelta;

/// The totals of the reports in the week before a period, counted as in [`super::Figures`]. A new installation has fewer
/// reports; its first one counts with the time it covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PastWeek {
    /// The time they cover together, each from its beginning to its due time.
    pub span: TimeDelta,
    /// Customers who wrote, counted once per report.
    pub dialogs: u64,
    /// Customers who wrote for the first time.
    pub new_customers: u64,
    /// Recorded leads.
    pub leads: u64,
    /// Turns the model did not answer.
    pub failed: u64,
}

impl PastWeek {
    /// Reports due at most this long before the period began belong to the week. One hour short of seven days: a week in
    /// which the clocks go forward also has seven daily reports, and not an eighth.
    pub const REACH: TimeDelta = TimeDelta::hours(7 * 24 - 1);

    /// The average for a period of this length, rounded to whole numbers, halves up. Zero without reports.
    ///
    /// The average ignores the time of day. A report over three days counts a customer once who wrote on each of them,
    /// so its dialogs are a little below the usual value.
    pub fn usual(&self, count: u64, length: TimeDelta) -> u64 {
        let [length, span] = [length, self.span].map(|time| u128::from(time.num_milliseconds().max(0).unsigned_abs()));
        let twice = (u128::from(count) * 2 * length).checked_div(span).unwrap_or_default();
        u64::try_from(twice.div_ceil(2)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FIGURES;

    /// Reports as hours covered and dialogs.
    fn week(reports: &[(i64, u64)]) -> PastWeek {
        PastWeek {
            span: TimeDelta::hours(reports.iter().map(|(hours, _)| hours).sum()),
            dialogs: reports.iter().map(|(_, dialogs)| dialogs).sum(),
            ..PastWeek::default()
        }
    }

    fn dialogs(reports: &[(i64, u64)], hours: i64) -> u64 {
        let week = week(reports);
        week.usual(week.dialogs, TimeDelta::hours(hours))
    }

    #[test]
    fn the_usual_day_is_the_average_of_the_week() {
        let counts = [3, 9, 4, 0, 7, 12, 1];
        assert_eq!(dialogs(&counts.map(|count| (24, count)), 24), 5, "36 in seven days");
        assert_eq!(dialogs(&[(24, 0); 7], 24), 0, "a quiet week");
    }

    #[test]
    fn each_figure_of_the_first_screen_has_its_own_average() {
        let week = PastWeek {
            span: TimeDelta::days(7),
            dialogs: 700,
            new_customers: 70,
            leads: 7,
            failed: 1,
        };
        let usual = FIGURES
            .iter()
            .filter_map(|figure| Some((figure.key, week.usual(figure.past?(&week), TimeDelta::days(1)))));
        let expected = [
            ("figure-leads", 1),
            ("figure-dialogs", 100),
            ("figure-new", 10),
            ("figure-failed", 0),
        ];
        assert_eq!(usual.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_first_days_are_compared_with_the_reports_so_far() {
        assert_eq!(dialogs(&[(5, 1)], 24), 5, "one report on five hours");
        assert_eq!(dialogs(&[(5, 1), (24, 6)], 24), 6);
        assert_eq!(dialogs(&[], 24), 0, "no report yet");
    }

    #[test]
    fn a_report_on_three_days_is_compared_with_three_usual_days() {
        let daily = [(24, 6); 7];
        assert_eq!(dialogs(&daily, 72), 18);
        // A week with a downtime: one report covers three days and weighs as much.
        let with_gap = [(24, 6), (24, 6), (72, 18), (24, 6), (24, 6)];
        assert_eq!(dialogs(&with_gap, 24), 6);
    }

    #[test]
    fn a_day_with_a_clock_change_counts_with_its_real_length() {
        let daily = [(24, 24); 7];
        assert_eq!((dialogs(&daily, 23), dialogs(&daily, 25)), (23, 25));
        let spring = [(24, 24), (23, 23), (24, 24)];
        assert_eq!(dialogs(&spring, 24), 24);
    }

    #[test]
    fn the_average_is_rounded_half_up() {
        let minutes = |minutes| week(&[(24, 24); 7]).usual(7 * 24, TimeDelta::minutes(minutes));
        assert_eq!((minutes(29), minutes(30), minutes(89), minutes(90)), (0, 1, 1, 2));
        assert_eq!(minutes(-60), 0, "the clock was set back");
        let most = PastWeek {
            span: TimeDelta::milliseconds(1),
            ..PastWeek::default()
        };
        assert_eq!(most.usual(u64::MAX, TimeDelta::days(1)), u64::MAX);
    }
}
