//! How a letter says things: its language, its zone, and its ways of writing times, spans and numbers.

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use chrono_tz::Tz;
use wording::phrases::{LetterWords, Word};

/// Says things in the language and zone of the letter. The error is a word that is missing.
#[derive(Clone, Copy)]
pub(crate) struct Voice<'a> {
    pub(crate) words: &'a LetterWords,
    pub(crate) zone: Tz,
}

impl Voice<'_> {
    pub(crate) fn say(&self, key: &str) -> Result<String, String> {
        self.words.say(key, &[])
    }

    /// With the form of the word that goes with the number.
    pub(crate) fn count(&self, key: &str, n: u64) -> Result<String, String> {
        self.words.say(key, &[("n", count(n))])
    }

    /// With texts put in.
    pub(crate) fn tell(&self, key: &str, values: &[(&str, &str)]) -> Result<String, String> {
        let values: Vec<_> = values.iter().map(|(name, text)| (*name, Word::Text(text))).collect();
        self.words.say(key, &values)
    }

    /// How many more there are and where, a file or a command; nothing if there are none.
    pub(crate) fn more(&self, key: &str, more: usize, place: &str) -> Result<Option<String>, String> {
        let place = Word::Text(place);
        let values = [("n", count(more as u64)), ("file", place), ("command", place)];
        (more > 0).then(|| self.words.say(key, &values)).transpose()
    }

    pub(crate) fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }

    /// `14:05`.
    pub(crate) fn time(&self, at: DateTime<Utc>) -> String {
        self.local(at).format("%H:%M").to_string()
    }

    /// `22 ноября 2026, 14:05`.
    pub(crate) fn moment(&self, at: DateTime<Utc>) -> Result<String, String> {
        self.tell("moment", &[("date", &self.date(at)?), ("time", &self.time(at))])
    }

    /// `22 ноября 14:05`, where nobody asks for the year.
    pub(crate) fn short_moment(&self, at: DateTime<Utc>) -> Result<String, String> {
        let date = self.words.say("day-of-month", &self.date_values(at))?;
        self.tell("short-moment", &[("date", &date), ("time", &self.time(at))])
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

    /// `1 мин 20 с`: the two largest units are enough.
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
        let told = units.into_iter().skip_while(|(_, n)| *n == 0).take(2);
        let told = told.filter(|(_, n)| *n > 0);
        let told: Result<Vec<String>, String> = told.map(|(unit, n)| self.count(unit, n.unsigned_abs())).collect();
        Ok(told?.join(" "))
    }
}

fn count(n: u64) -> Word<'static> {
    Word::Count(i64::try_from(n).unwrap_or(i64::MAX))
}

/// `12 345`, with spaces at which no line is broken.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut told = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push('\u{a0}');
        }
        told.push(digit);
    }
    told
}

#[cfg(test)]
mod tests {
    use domain::Language;

    use super::*;

    #[test]
    fn a_span_is_told_in_its_two_largest_units() {
        let words = LetterWords::load(Language::Ru, None).unwrap();
        let voice = Voice {
            words: &words,
            zone: Tz::UTC,
        };
        let told = |millis| voice.span(TimeDelta::milliseconds(millis)).unwrap();
        assert_eq!((told(0), told(499)), ("меньше 1 с".into(), "меньше 1 с".into()));
        assert_eq!((told(500), told(4_400)), ("1 с".into(), "4 с".into()));
        assert_eq!((told(80_000), told(60_000)), ("1 мин 20 с".into(), "1 мин".into()));
        assert_eq!((told(8_100_000), told(3_605_000)), ("2 ч 15 мин".into(), "1 ч".into()));
        assert_eq!(told(273_600_000), "3 д 4 ч");
    }

    #[test]
    fn a_long_number_is_written_in_groups_of_three() {
        let told = [0, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(told, ["0", "999", "1\u{a0}000", "12\u{a0}345", "1\u{a0}234\u{a0}567"]);
    }
}
