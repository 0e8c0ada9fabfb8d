//! What is usual: the reports of the week before a period, brought to its length.

use chrono::TimeDelta;

/// What the reports of the week before a period came to together; each counts as [`super::Figures`] does. In the first days
/// of an installation these are the reports there are, its first one among them however long it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PastWeek {
    /// The time they cover, of each from its beginning to its due time.
    pub span: TimeDelta,
    /// Customers who wrote: whoever wrote on three days is in it three times.
    pub dialogs: u64,
    /// Those of them who never wrote before.
    pub new_customers: u64,
    /// Leads that were recorded.
    pub leads: u64,
    /// Turns the model did not answer.
    pub failed: u64,
}

impl PastWeek {
    /// Its reports were due less than this before the period began, or just then. It is an hour short of seven days, so that
    /// the week in which the clocks go forward has seven daily reports as well, and not an eighth.
    pub const REACH: TimeDelta = TimeDelta::hours(7 * 24 - 1);

    /// What a time of this length usually comes to of what the week came to: the mean, by the length. What is usual for a day is
    /// divided over some hours evenly, whether they are of the day or of the night. For some minutes it is soon nothing; then one dialog
    /// is more than usual. A customer who writes on each of three days is one dialog of a report on all three: beside what is
    /// usual such a report has a little less. Half a tenth counts as one. Nothing comes of no span.
    pub fn usual(&self, count: u64, length: TimeDelta) -> Tenths {
        let [length, span] = [length, self.span].map(|time| u128::from(time.num_milliseconds().max(0).unsigned_abs()));
        let twice = (u128::from(count) * 20 * length).checked_div(span).unwrap_or_default();
        Tenths(u64::try_from(twice.div_ceil(2)).unwrap_or(u64::MAX))
    }
}

/// A count in tenths: 35 are three and a half.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenths(pub u64);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FIGURES;

    /// The dialogs of reports: hours and how many.
    fn week(reports: &[(i64, u64)]) -> PastWeek {
        PastWeek {
            span: TimeDelta::hours(reports.iter().map(|(hours, _)| hours).sum()),
            dialogs: reports.iter().map(|(_, dialogs)| dialogs).sum(),
            ..PastWeek::default()
        }
    }

    fn dialogs(reports: &[(i64, u64)], hours: i64) -> u64 {
        let week = week(reports);
        week.usual(week.dialogs, TimeDelta::hours(hours)).0
    }

    #[test]
    fn usual_for_a_day_is_the_mean_of_its_week() {
        let counts = [3, 9, 4, 0, 7, 12, 1];
        assert_eq!(dialogs(&counts.map(|count| (24, count)), 24), 51, "36 in seven days");
        assert_eq!(dialogs(&[(24, 0); 7], 24), 0, "a quiet week");
    }

    #[test]
    fn each_figure_has_a_usual_of_its_own() {
        let week = PastWeek {
            span: TimeDelta::days(7),
            dialogs: 700,
            new_customers: 70,
            leads: 7,
            failed: 1,
        };
        let usual = FIGURES
            .iter()
            .filter_map(|figure| Some((figure.key, week.usual(figure.past?(&week), TimeDelta::days(1)).0)));
        let expected = [
            ("figure-leads", 10),
            ("figure-dialogs", 1_000),
            ("figure-new", 100),
            ("figure-failed", 1),
        ];
        assert_eq!(usual.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_first_days_are_compared_with_what_there_is() {
        assert_eq!(dialogs(&[(5, 1)], 24), 48, "one report on five hours");
        assert_eq!(dialogs(&[(5, 1), (24, 6)], 24), 58);
        assert_eq!(dialogs(&[], 24), 0, "nothing comes of nothing");
    }

    #[test]
    fn a_report_on_three_days_is_compared_with_three_usual_ones() {
        let daily = [(24, 6); 7];
        assert_eq!(dialogs(&daily, 72), 180);
        // A week with a downtime in it: one report covers three days of it, and weighs as much.
        let with_gap = [(24, 6), (24, 6), (72, 18), (24, 6), (24, 6)];
        assert_eq!(dialogs(&with_gap, 24), 60);
    }

    #[test]
    fn a_day_on_which_clocks_change_is_as_long_as_it_is() {
        let daily = [(24, 24); 7];
        assert_eq!((dialogs(&daily, 23), dialogs(&daily, 25)), (230, 250));
        let spring = [(24, 24), (23, 23), (24, 24)];
        assert_eq!(dialogs(&spring, 24), 240);
    }

    #[test]
    fn usual_is_rounded_to_the_nearest_tenth() {
        let minutes = |minutes| week(&[(24, 24); 7]).usual(7 * 24, TimeDelta::minutes(minutes)).0;
        assert_eq!((minutes(2), minutes(3), minutes(8), minutes(9)), (0, 1, 1, 2));
        assert_eq!(minutes(-60), 0, "a clock was set back");
        let most = PastWeek {
            span: TimeDelta::milliseconds(1),
            ..PastWeek::default()
        };
        assert_eq!(most.usual(u64::MAX, TimeDelta::days(1)), Tenths(u64::MAX));
    }
}
