//! The effect of the connection's last write. A separate SELECT costs less than `RETURNING`, for which SQLite opens a temporary
//! table and copies each page before changing it.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::{BigInt, Bool};

/// Whether the last write changed a row.
pub(crate) fn has_written() -> SqlLiteral<Bool> {
    sql("changes() > 0")
}

/// The id of the last inserted row.
pub(crate) fn inserted_id() -> SqlLiteral<BigInt> {
    sql("last_insert_rowid()")
}
