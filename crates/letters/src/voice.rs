//! Texts of a letter in its language, and times, spans and numbers as its reader writes them.

use chrono::{DateTime, Datelike, Offset as _, TimeDelta, Utc};
use chrono_tz::Tz;
use wording::phrases::{LetterWords, Word};

/// The texts and the time zone of a letter. Every error names a missing text.
#[derive(Clone, Copy)]
pub(crate) struct Voice<'a> {
    pub(crate) words: &'a LetterWords,
    pub(crate) zone: Tz,
}

impl Voice<'_> {
    pub(crate) fn say(&self, key: &str) -> Result<String, String> {
        self.words.say(key, &[])
    }

    /// In the plural form of the number.
    pub(crate) fn count(&self, key: &str, n: u64) -> Result<String, String> {
        self.words.say(key, &[("n", count(n))])
    }

    /// With these values filled in.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> Result<String, String> {
        let values: Vec<_> = values.iter().map(|(name, text)| (*name, Word::Text(text))).collect();
        self.words.say(key, &values)
    }

    /// How many more there are and the file or command that shows them; `None` for zero.
    pub(crate) fn more(&self, key: &str, more: usize, place: &str) -> Result<Option<String>, String> {
        let place = Word::Text(place);
        let values = [("n", count(more as u64)), ("file", place), ("command", place)];
        (more > 0).then(|| self.words.say(key, &values)).transpose()
    }

    pub(crate) fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }

    /// `UTC+3`: owners do not know zones by their names.
    pub(crate) fn offset(&self, at: DateTime<Utc>) -> String {
        let minutes = self.local(at).offset().fix().local_minus_utc() / 60;
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let sign = if hours < 0 || minutes < 0 { '−' } else { '+' };
        match (hours.abs(), minutes.abs()) {
            (0, 0) => "UTC".to_owned(),
            (hours, 0) => format!("UTC{sign}{hours}"),
            (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
        }
    }

    /// `14:05`.
    pub(crate) fn time(&self, at: DateTime<Utc>) -> String {
        self.local(at).format("%H:%M").to_string()
    }

    /// `22 ноября 2026, 14:05`.
    pub(crate) fn moment(&self, at: DateTime<Utc>) -> Result<String, String> {
        self.fill("moment", &[("date", &self.date(at)?), ("time", &self.time(at))])
    }

    /// `22 ноября 14:05`.
    pub(crate) fn short_moment(&self, at: DateTime<Utc>) -> Result<String, String> {
        let date = self.words.say("day-of-month", &self.date_values(at))?;
        self.fill("short-moment", &[("date", &date), ("time", &self.time(at))])
    }

    pub(crate) fn date(&self, at: DateTime<Utc>) -> Result<String, String> {
        self.words.say("date", &self.date_values(at))
    }

    fn date_values(&self, at: DateTime<Utc>) -> [(&'static str, Word<'static>); 3] {
        let local = self.local(at);
        [
            ("day", Word::Count(local.day().into())),
            ("month", Word::Count(local.month().into())),
            ("year", Word::Count(local.year().into())),
        ]
    }

    /// `воскресенье, 22 ноября 2026`.
    pub(crate) fn day(&self, at: DateTime<Utc>) -> Result<String, String> {
        let weekday = self.local(at).weekday().number_from_monday();
        let weekday = self.count("weekday", weekday.into())?;
        Ok(format!("{weekday}, {}", self.date(at)?))
    }

    /// `1 мин 20 с`: the two largest units.
    pub(crate) fn span(&self, span: TimeDelta) -> Result<String, String> {
        let seconds = (span.num_milliseconds() + 500) / 1_000;
        if seconds < 1 {
            return self.say("under-a-second");
        }
        let units = [
            ("days", seconds / 86_400),
            ("hours", seconds / 3_600 % 24),
            ("minutes", seconds / 60 % 60),
            ("seconds", seconds % 60),
        ];
        let largest = units.into_iter().skip_while(|(_, n)| *n == 0).take(2);
        let largest = largest.filter(|(_, n)| *n > 0);
        let texts: Result<Vec<String>, String> = largest.map(|(unit, n)| self.count(unit, n.unsigned_abs())).collect();
        Ok(texts?.join(" "))
    }
}

fn count(n: u64) -> Word<'static> {
    Word::Count(i64::try_from(n).unwrap_or(i64::MAX))
}

/// `12 345`, with no-break spaces.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    #[test]
    fn an_offset_is_shown_in_hours_and_minutes() {
        let words = LetterWords::load(Language::En, None).unwrap();
        let winter = "2026-01-15T12:00:00Z".parse().unwrap();
        let offset = |zone| Voice { words: &words, zone }.offset(winter);
        assert_eq!(offset(Tz::UTC), "UTC");
        assert_eq!(offset(Tz::Europe__Moscow), "UTC+3");
        assert_eq!(offset(Tz::Asia__Kolkata), "UTC+5:30");
        assert_eq!(offset(Tz::America__St_Johns), "UTC−3:30");
    }

    #[test]
    fn a_span_is_shown_in_its_two_largest_units() {
        let words = LetterWords::load(Language::Ru, None).unwrap();
        let voice = Voice {
            words: &words,
            zone: Tz::UTC,
        };
        let span = |millis| voice.span(TimeDelta::milliseconds(millis)).unwrap();
        assert_eq!((span(0), span(499)), ("меньше 1 с".into(), "меньше 1 с".into()));
        assert_eq!((span(500), span(4_400)), ("1 с".into(), "4 с".into()));
        assert_eq!((span(80_000), span(60_000)), ("1 мин 20 с".into(), "1 мин".into()));
        assert_eq!((span(8_100_000), span(3_605_000)), ("2 ч 15 мин".into(), "1 ч".into()));
        assert_eq!(span(273_600_000), "3 д 4 ч");
    }

    #[test]
    fn a_long_number_is_grouped_in_thousands() {
        let numbers = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(
            numbers,
            ["0", "999", "1\u{a0}000", "12\u{a0}345", "1\u{a0}234\u{a0}567"]
        );
    }
}
