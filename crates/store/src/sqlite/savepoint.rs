//! Several writes in one transaction. If one write fails or panics, only that write is rolled back and reported; a disk error
//! fails the whole transaction. A savepoint makes SQLite copy each changed page, so the writer uses savepoints only after a
//! write has failed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::result::{DatabaseErrorKind, Error as Diesel};

use super::prepared::{RELEASE, ROLLBACK_TO, SAVEPOINT};
use super::trouble::describe;
use crate::{Conn, DbError};

/// Makes a write without a savepoint. After an inner error the caller must roll back the transaction.
///
/// # Errors
/// As [`apart`].
pub(crate) fn unguarded<T>(
    conn: &mut Conn,
    write: impl FnOnce(&mut Conn) -> diesel::QueryResult<T>,
) -> diesel::QueryResult<Result<T, DbError>> {
    match catch_unwind(AssertUnwindSafe(|| write(conn))) {
        Ok(Ok(written)) => Ok(Ok(written)),
        Ok(Err(error)) if is_statement_error(&error) => Ok(Err(DbError::Refused(describe(&error)))),
        // SQLite may have rolled back the whole transaction.
        Ok(Err(error)) => Err(error),
        Err(_panic) => Ok(Err(DbError::Panicked)),
    }
}

/// Makes a write in its own savepoint; the inner error is that of the write itself.
///
/// # Errors
/// Any other error; then the whole transaction has failed.
pub(crate) fn apart<T>(
    conn: &mut Conn,
    write: impl FnOnce(&mut Conn) -> diesel::QueryResult<T>,
) -> diesel::QueryResult<Result<T, DbError>> {
    SAVEPOINT.run(conn)?;
    let written = unguarded(conn, write)?;
    if written.is_err() {
        ROLLBACK_TO.run(conn)?;
    }
    RELEASE.run(conn)?;
    Ok(written)
}

/// Makes a write that takes effect completely or not at all: `None` undoes it.
///
/// # Errors
/// The write's own.
pub(crate) fn whole<T>(
    conn: &mut Conn,
    write: impl FnOnce(&mut Conn) -> diesel::QueryResult<Option<T>>,
) -> diesel::QueryResult<Option<T>> {
    SAVEPOINT.run(conn)?;
    let written = write(conn);
    let undone = match written {
        Ok(Some(_)) => Ok(()),
        Ok(None) | Err(_) => ROLLBACK_TO.run(conn),
    };
    let closed = undone.and_then(|()| RELEASE.run(conn));
    // The first error is the cause.
    let written = written?;
    closed.map(|()| written)
}

fn is_statement_error(error: &Diesel) -> bool {
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
