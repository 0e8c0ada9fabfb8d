//! Several writes in one transaction. An error of one write, or its panic, is rolled back alone and reported; a disk error fails the
//! whole transaction. A savepoint makes SQLite copy each page that changes, so the writer uses savepoints only after one of the writes failed.

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
        Ok(Err(error)) if is_own_fault(&error) => Ok(Err(DbError::Refused(describe(&error)))),
        // SQLite may have rolled back everything by itself.
        Ok(Err(error)) => Err(error),
        Err(_panic) => Ok(Err(DbError::Panicked)),
    }
}

/// Makes a write apart from its neighbours; the inner error is what it did wrong itself.
///
/// # Errors
/// Whatever is not the write's own fault; then nothing in this transaction can be relied on.
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

/// Makes a write that counts whole or not at all: `None` undoes what it wrote so far.
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
    // What went wrong first is what happened.
    let written = written?;
    closed.map(|()| written)
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
