//! A write with a savepoint of its own: what is its own fault, a panic included, is rolled back alone and told;
//! trouble of the disk concerns everybody in the transaction. A panic has to be caught inside the savepoint: diesel
//! counts how deep it is, and one that flew past would have the next COMMIT only release an inner level.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection;
use diesel::result::{DatabaseErrorKind, Error as Diesel};

use super::{Conn, DbError};

/// Makes a write apart from its neighbours; the inner error is what it did wrong itself.
///
/// # Errors
/// Whatever is not the write's own fault; then nothing in this transaction can be relied on.
pub(super) fn apart<T>(
    conn: &mut Conn,
    write: impl FnOnce(&mut Conn) -> diesel::QueryResult<T>,
) -> diesel::QueryResult<Result<T, DbError>> {
    let outcome = conn.transaction(|conn| match catch_unwind(AssertUnwindSafe(|| write(conn))) {
        Ok(outcome) => outcome.map_err(Fault::Query),
        Err(_panic) => Err(Fault::Panic),
    });
    match outcome {
        Ok(written) => Ok(Ok(written)),
        Err(Fault::Panic) => Ok(Err(DbError::Panicked)),
        Err(Fault::Query(error)) if is_own_fault(&error) => Ok(Err(DbError::Refused(describe(&error)))),
        Err(Fault::Query(error)) => Err(error),
    }
}

enum Fault {
    Query(Diesel),
    Panic,
}

impl From<Diesel> for Fault {
    fn from(error: Diesel) -> Self {
        Self::Query(error)
    }
}

fn is_own_fault(error: &Diesel) -> bool {
    use DatabaseErrorKind as Kind;
    match error {
        Diesel::DatabaseError(kind, _) => matches!(
            kind,
            Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation
        ),
        Diesel::NotFound | Diesel::DeserializationError(_) | Diesel::SerializationError(_) => true,
        Diesel::QueryBuilderError(_) => true,
        _ => false,
    }
}

/// SQLite's own words; they name tables and columns, never values.
pub(super) fn describe(error: &Diesel) -> String {
    match error {
        Diesel::DatabaseError(_, details) => details.message().to_owned(),
        Diesel::NotFound => "not found".to_owned(),
        Diesel::DeserializationError(_) => "a stored value cannot be read".to_owned(),
        _ => "query failed".to_owned(),
    }
}
