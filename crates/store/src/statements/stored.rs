//! Columns that are parsed separately. SQLite allows any type in any column, and a row may be from an older version or edited by
//! hand. A value that does not parse is `None` and does not affect other columns or rows.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::sql_types::{BigInt, Integer, Text, Timestamp};
use diesel::sqlite::{Sqlite, SqliteType};

use super::times;

/// A text. Invalid bytes are replaced, so it always parses.
#[derive(Debug, Clone, Default, PartialEq, Eq, FromSqlRow)]
pub(super) struct StoredText(String);

impl StoredText {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq<&str> for StoredText {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<str> for StoredText {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl std::ops::Deref for StoredText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<StoredText> for String {
    fn from(text: StoredText) -> Self {
        text.0
    }
}

impl FromSql<Text, Sqlite> for StoredText {
    fn from_sql(mut value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().to_owned()))
    }
}

/// A time. An impossible year counts as unreadable, because waiting for it or adding to it would fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub(super) struct StoredTime(Option<NaiveDateTime>);

impl StoredTime {
    /// The time, if it parses.
    pub(super) fn utc(self) -> Option<DateTime<Utc>> {
        self.0.map(|time| time.and_utc())
    }
}

impl FromSql<Timestamp, Sqlite> for StoredTime {
    fn from_sql(mut value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let time = match times::read(value.read_text()) {
            None => <NaiveDateTime as FromSql<Timestamp, Sqlite>>::from_sql(value).ok(),
            time => time,
        };
        Ok(Self(time.filter(|time| (1970..=9999).contains(&time.year()))))
    }
}

/// A whole number. The stored type is checked, because SQLite would convert any text to 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow)]
pub(super) struct StoredNumber(Option<i64>);

impl StoredNumber {
    /// The number, if it is one.
    pub(super) fn get(self) -> Option<i64> {
        self.0
    }

    /// The number, if it is one that an INTEGER column counts.
    pub(super) fn counted(self) -> Option<u32> {
        let number = self.0.and_then(|number| i32::try_from(number).ok());
        number.and_then(|number| u32::try_from(number).ok())
    }

    /// A count; 0 if it does not parse.
    pub(super) fn count(self) -> u32 {
        self.counted().unwrap_or_default()
    }
}

impl FromSql<BigInt, Sqlite> for StoredNumber {
    fn from_sql(mut value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let is_whole = matches!(
            value.value_type(),
            Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long)
        );
        Ok(Self(is_whole.then(|| value.read_long())))
    }
}

impl FromSql<Integer, Sqlite> for StoredNumber {
    fn from_sql(value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <Self as FromSql<BigInt, Sqlite>>::from_sql(value)
    }
}

/// Times of rows in order; a time that does not parse counts as that of the previous row.
pub(super) struct InOrder(DateTime<Utc>);

impl InOrder {
    /// Rows before the first readable time get that time, or `otherwise` if there is none.
    pub(super) fn new(times: impl IntoIterator<Item = StoredTime>, otherwise: DateTime<Utc>) -> Self {
        Self(times.into_iter().find_map(StoredTime::utc).unwrap_or(otherwise))
    }

    /// The next row's time.
    pub(super) fn next(&mut self, time: StoredTime) -> DateTime<Utc> {
        self.0 = time.utc().unwrap_or(self.0);
        self.0
    }
}
