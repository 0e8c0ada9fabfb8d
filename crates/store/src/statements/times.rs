//! Times in columns, in diesel's text form such as `2026-11-22 09:00:00.123456`, but without its slow format patterns. A message
//! has about twenty times, all written inside a transaction.

use std::ops::Range;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use diesel::expression::AsExpression;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Timestamp;
use diesel::sqlite::Sqlite;

/// A time to be written to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = Timestamp)]
pub(crate) struct Stamp(DateTime<Utc>);

impl Stamp {
    pub(super) fn utc(self) -> DateTime<Utc> {
        self.0
    }
}

pub(crate) trait Stamped {
    fn stamp(&self) -> Stamp;
}

impl Stamped for DateTime<Utc> {
    fn stamp(&self) -> Stamp {
        Stamp(*self)
    }
}

impl ToSql<Timestamp, Sqlite> for Stamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(written(self.0.naive_utc()));
        Ok(IsNull::No)
    }
}

fn written(time: NaiveDateTime) -> String {
    const SECOND: u32 = 1_000_000_000;
    let (year, nanos) = (u32::try_from(time.year()).unwrap_or(u32::MAX), time.nanosecond());
    // A signed year or a leap second is left to the pattern.
    if year > 9999 || nanos >= SECOND {
        return time.format("%F %T%.f").to_string();
    }
    let mut text = String::with_capacity("2026-11-22 09:00:00.123456".len());
    let mut push = |mark: &str, number: u32, digits: u32| {
        text.push_str(mark);
        let digits = (0..digits).rev().map(|place| number / 10_u32.pow(place) % 10);
        text.extend(digits.filter_map(|digit| char::from_digit(digit, 10)));
    };
    push("", year, 4);
    push("-", time.month(), 2);
    push("-", time.day(), 2);
    push(" ", time.hour(), 2);
    push(":", time.minute(), 2);
    push(":", time.second(), 2);
    match nanos {
        0 => {}
        nanos if nanos % 1_000_000 == 0 => push(".", nanos / 1_000_000, 3),
        nanos if nanos % 1_000 == 0 => push(".", nanos / 1_000, 6),
        nanos => push(".", nanos, 9),
    }
    text
}

/// Reads a time as written here; any other form is left to diesel.
pub(super) fn read(text: &str) -> Option<NaiveDateTime> {
    const MARKS: [(usize, u8); 5] = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    let bytes = text.as_bytes();
    let has = |(at, mark): (usize, u8)| bytes.get(at) == Some(&mark);
    let number = |place: Range<usize>| {
        let digits = bytes.get(place)?;
        let digit = |number, byte: &u8| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'));
        digits.iter().try_fold(0_u32, digit)
    };
    let micros = match bytes.len() {
        19 => 0,
        23 if has((19, b'.')) => number(20..23)? * 1_000,
        26 if has((19, b'.')) => number(20..26)?,
        _ => return None,
    };
    if !MARKS.into_iter().all(has) {
        return None;
    }
    let year = i32::try_from(number(0..4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)?;
    date.and_hms_micro_opt(number(11..13)?, number(14..16)?, number(17..19)?, micros)
}

#[cfg(test)]
mod tests {
    use diesel::dsl::sql;
    use diesel::prelude::*;
    use diesel::sql_types::Text;
    use proptest::prelude::*;

    use super::super::stored::StoredTime;
    use super::*;

    proptest! {
        #[test]
        fn a_time_is_written_as_diesel_writes_it(seconds in -99_999_999_999..999_999_999_999_i64, nanos in 0..1_000_000_000_u32, unit in prop::sample::select(vec![1, 1_000, 1_000_000, 1_000_000_000])) {
            let time = DateTime::from_timestamp(seconds, nanos / unit * unit).unwrap();
            let mut conn = SqliteConnection::establish(":memory:").unwrap();
            let ours = sql::<Text>("CAST(").bind::<Timestamp, _>(time.stamp()).sql(" AS TEXT)");
            let diesels = sql::<Text>("CAST(").bind::<Timestamp, _>(time.naive_utc()).sql(" AS TEXT)");
            let (ours, diesels): (String, String) = diesel::select((ours, diesels)).get_result(&mut conn).unwrap();
            prop_assert_eq!(ours, diesels);
        }

        #[test]
        fn a_time_is_read_as_diesel_reads_it(text in r"[12][09][0-9]{2}-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,9})?Z?") {
            let mut conn = SqliteConnection::establish(":memory:").unwrap();
            let stored = || sql::<Timestamp>("").bind::<Text, _>(&text);
            let ours: StoredTime = diesel::select(stored()).get_result(&mut conn).unwrap();
            let diesels: Option<NaiveDateTime> = diesel::select(stored()).get_result(&mut conn).ok();
            let known = diesels.filter(|time| (1970..=9999).contains(&time.year()));
            prop_assert_eq!(ours.utc(), known.map(|time| time.and_utc()));
        }
    }
}
