//! Polling gaps, and the updates that Telegram drops meanwhile.

use chrono::{DateTime, TimeDelta, Utc};
use domain::AbsenceKind;

/// A period without polling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Why.
    pub kind: AbsenceKind,
    /// The last poll before it.
    pub began: DateTime<Utc>,
    /// The first poll after it.
    pub ended: DateTime<Utc>,
}

impl Absence {
    /// Telegram keeps unfetched updates for 24 hours (Bot API, Getting updates).
    pub const TELEGRAM_KEEPS: TimeDelta = TimeDelta::hours(24);

    /// Absences this close to each other are one: between them hardly anything can have been fetched.
    const SAME_OUTAGE: TimeDelta = TimeDelta::minutes(5);

    /// The time of which Telegram has forgotten the messages, for each absence in which it has come to that: from when to when
    /// they were written. An outage that a restart has cut in two forgets as much as a whole one.
    pub fn losses(absences: &[Self]) -> Vec<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let mut outage: Option<(DateTime<Utc>, DateTime<Utc>)> = None;
        let loss = |absence: &Self| {
            let began = match outage {
                Some((began, ended)) if absence.began - ended <= Self::SAME_OUTAGE => began.min(absence.began),
                _ => absence.began,
            };
            outage = Some((began, absence.ended));
            let kept_from = absence.ended - Self::TELEGRAM_KEEPS;
            (kept_from > began).then_some((began, kept_from))
        };
        absences.iter().map(loss).collect()
    }

    /// Its length.
    pub fn span(&self) -> TimeDelta {
        self.ended - self.began
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn losses(spans: &[(i64, i64)]) -> Vec<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let kind = AbsenceKind::Stopped;
        let absence = |(began, ended): &(i64, i64)| Absence {
            kind,
            began: at(*began),
            ended: at(*ended),
        };
        Absence::losses(&spans.iter().map(absence).collect::<Vec<_>>())
    }

    #[test]
    fn updates_unfetched_for_a_day_are_lost() {
        assert_eq!(losses(&[(0, 24)]), [None]);
        assert_eq!(losses(&[(0, 30)]), [Some((at(0), at(6)))]);
        assert_eq!(
            losses(&[(0, 15), (15, 30)]),
            [None, Some((at(0), at(6)))],
            "cut by a restart"
        );
        assert_eq!(losses(&[(0, 15), (16, 31)]), [None, None], "fetched in between");
    }
}
