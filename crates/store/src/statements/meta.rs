//! Single values, by their key.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::stored::StoredText;
use crate::Conn;
use crate::schema::meta;

/// A time among them; `None` if it is none.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    Some(at.with_timezone(&Utc))
}

/// The value, if there is one.
pub(super) fn get(conn: &mut Conn, key: &str) -> QueryResult<Option<String>> {
    let value: Option<StoredText> = meta::table.find(key).select(meta::value).first(conn).optional()?;
    Ok(value.map(Into::into))
}

/// Keeps it, in the place of the one before.
pub(super) fn set(conn: &mut Conn, key: &str, value: &str) -> QueryResult<()> {
    diesel::insert_into(meta::table)
        .values((meta::key.eq(key), meta::value.eq(value)))
        .on_conflict(meta::key)
        .do_update()
        .set(meta::value.eq(value))
        .execute(conn)?;
    Ok(())
}

/// Keeps it no longer.
pub(super) fn remove(conn: &mut Conn, key: &str) -> QueryResult<()> {
    diesel::delete(meta::table.find(key)).execute(conn)?;
    Ok(())
}
