//! What the connection's last write did. `RETURNING` costs more than a statement that asks: for it SQLite opens a temporary table, and it
//! copies each page before that changes.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::{BigInt, Bool};

/// Whether it wrote a row.
pub(crate) fn has_written() -> SqlLiteral<Bool> {
    sql("changes() > 0")
}

/// The id of the row that was inserted last.
pub(crate) fn inserted_id() -> SqlLiteral<BigInt> {
    sql("last_insert_rowid()")
}
