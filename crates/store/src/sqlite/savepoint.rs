//! A write with a savepoint of its own: what is its own fault, a panic included, is rolled back alone and told;
//! trouble of the disk concerns everybody in the transaction. A panic has to be caught inside the savepoint: diesel
//! counts how deep it is, and one that flew past would have the next COMMIT only release an inner level.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::Connection;
use diesel::result::{DatabaseErrorKind, Error as Diesel};

use super::trouble::{describe, unknown};
use crate::{Conn, DbError};

/// Makes a write apart from its neighbours; the inner error is what it did wrong itself.
///
/// # Errors
/// Whatever is not the write's own fault; then nothing in this transaction can be relied on.
pub(crate) fn apart<T>(
    conn: &mut Conn,
    write: impl FnOnce(&mut Conn) -> diesel::QueryResult<T>,
) -> diesel::QueryResult<Result<T, DbError>> {
    let mut met = None;
    let outcome = conn.transaction(|conn| match catch_unwind(AssertUnwindSafe(|| write(conn))) {
        Ok(Ok(written)) => Ok(written),
        Ok(Err(error)) => {
            met = Some(describe(&error));
            Err(Fault::Query(error))
        }
        Err(_panic) => Err(Fault::Panic),
    });
    match outcome {
        Ok(written) => Ok(Ok(written)),
        Err(Fault::Panic) => Ok(Err(DbError::Panicked)),
        Err(Fault::Query(error)) if is_own_fault(&error) => Ok(Err(DbError::Refused(describe(&error)))),
        // SQLite may have rolled everything back by itself; that there is no savepoint left is not what happened.
        Err(Fault::Query(error)) => Err(met.map_or(error, |met| unknown(&met))),
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
