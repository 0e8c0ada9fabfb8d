//! Single values by key.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::stored::StoredText;
use crate::Conn;
use crate::schema::meta;

/// Parses a stored time.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    Some(at.with_timezone(&Utc))
}

pub(super) fn get(conn: &mut Conn, key: &str) -> QueryResult<Option<String>> {
    let value: Option<StoredText> = meta::table.find(key).select(meta::value).first(conn).optional()?;
    Ok(value.map(Into::into))
}

pub(super) fn set(conn: &mut Conn, key: &str, value: &str) -> QueryResult<()> {
    diesel::insert_into(meta::table)
        .values((meta::key.eq(key), meta::value.eq(value)))
        .on_conflict(meta::key)
        .do_update()
        .set(meta::value.eq(value))
        .execute(conn)?;
    Ok(())
}

pub(super) fn remove(conn: &mut Conn, key: &str) -> QueryResult<()> {
    diesel::delete(meta::table.find(key)).execute(conn)?;
    Ok(())
}
