//! When customers begin to write, by the hours of the day.

use chrono::{TimeZone, Timelike as _};

use super::{ReportDialog, ReportPage};

impl ReportPage {
    /// Its dialogs by the hour of the local day, from midnight, in which the customer's first message in the period came.
    /// Each counts once: their sum is [`super::Figures::dialogs`]. Where clocks go back an hour comes twice and counts
    /// as one; where they go forward one is empty. Of a period of several days the hours of all days count together.
    pub fn dialogs_by_hour(&self, zone: &impl TimeZone) -> [u64; 24] {
        let mut hours = by_hour(&self.dialogs, zone);
        self.beyond.dialogs.add_hours(&mut hours, zone);
        hours
    }
}

fn by_hour(dialogs: &[ReportDialog], zone: &impl TimeZone) -> [u64; 24] {
    let mut hours = [0; 24];
    for dialog in dialogs {
        let first = dialog.first_question();
        let hour = first.map(|first| first.with_timezone(zone).hour() as usize);
        if let Some(count) = hour.and_then(|hour| hours.get_mut(hour)) {
            *count += 1;
        }
    }
    hours
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::{Asia, Europe, Tz};
    use domain::{ChatId, Profile};

    use super::*;
    use crate::{DialogLine, Fate, Speaker};

    const CUSTOMER: Speaker = Speaker::Customer;
    const US: Speaker = Speaker::Us(Fate::Sent);

    fn dialog(lines: &[(Speaker, &str)]) -> ReportDialog {
        let line = |(speaker, at): &(Speaker, &str)| DialogLine {
            at: DateTime::parse_from_rfc3339(at).unwrap().to_utc(),
            speaker: *speaker,
            is_edit: false,
            is_markdown: false,
            text: "words".into(),
        };
        ReportDialog {
            lines: lines.iter().map(line).collect(),
            ..ReportDialog::empty(ChatId(1), Profile::default())
        }
    }

    /// The hours that are not empty.
    fn busy_hours(dialogs: &[ReportDialog], zone: Tz) -> Vec<(usize, u64)> {
        let hours = by_hour(dialogs, &zone).into_iter().enumerate();
        hours.filter(|(_, count)| *count > 0).collect()
    }

    #[test]
    fn a_dialog_counts_once_in_the_hour_of_its_first_question() {
        let dialogs = [
            dialog(&[
                (US, "2026-11-22T05:00:00Z"),
                (CUSTOMER, "2026-11-22T06:59:59Z"),
                (CUSTOMER, "2026-11-22T09:00:00Z"),
            ]),
            dialog(&[(CUSTOMER, "2026-11-22T20:59:59Z")]),
            dialog(&[(CUSTOMER, "2026-11-22T21:00:00Z")]),
            dialog(&[(CUSTOMER, "2026-11-21T06:00:00Z")]),
            dialog(&[(US, "2026-11-22T12:00:00Z")]),
        ];
        assert_eq!(busy_hours(&dialogs, Europe::Moscow), [(0, 1), (9, 2), (23, 1)]);
        assert_eq!(
            busy_hours(&dialogs[1..2], Asia::Kolkata),
            [(2, 1)],
            "half an hour aside"
        );
    }

    #[test]
    fn the_hour_that_comes_twice_in_autumn_is_one() {
        let autumn = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"];
        let dialogs = autumn.map(|at| dialog(&[(CUSTOMER, at)]));
        assert_eq!(busy_hours(&dialogs, Europe::Berlin), [(2, 2), (3, 1)]);
    }

    #[test]
    fn the_hour_that_is_left_out_in_spring_is_empty() {
        let spring = ["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z"];
        let dialogs = spring.map(|at| dialog(&[(CUSTOMER, at)]));
        assert_eq!(busy_hours(&dialogs, Europe::Berlin), [(1, 1), (3, 1)]);
    }
}
