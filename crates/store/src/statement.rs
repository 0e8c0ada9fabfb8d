//! Each message is one function over the connection. A write runs in the writer's next batch, a read beside it on a connection
//! that cannot write. The statement itself declares which, so that a caller cannot choose wrongly.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Conn;

/// Whether a statement may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Runs beside the writer; SQLite refuses writes.
    Read,
    /// A read of possibly many rows, on connections that no conversation waits for.
    LongRead,
    /// Runs in the writer's next batch and is answered after COMMIT. It may run again after an error, so it must be idempotent:
    /// use keys and conditional updates.
    Write,
}

/// One function over the connection, for one message.
pub trait Statement: Send + 'static {
    /// What the caller gets.
    type Output: Send + 'static;
    /// Where it runs.
    const ACCESS: Access;
    /// Whether the result takes megabytes: such statements run one at a time, on their own thread.
    fn is_large(&self) -> bool {
        false
    }
    /// Its name in the log.
    fn name() -> &'static str {
        name_of::<Self>()
    }
    /// Runs it; `now` is the time stamp of the batch.
    ///
    /// # Errors
    /// Any error rolls this statement back. An error of the statement itself is returned to the caller; after any other error
    /// the batch is retried.
    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<Self::Output>;
    /// Runs it after a failure in its batch. A statement with several parts isolates them here, so that a failing part does not
    /// fail the others.
    ///
    /// # Errors
    /// As [`Self::run`].
    fn run_apart(&self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<Self::Output> {
        self.run(conn, now)
    }
}

/// A caller that keeps the statement for a retry need not clone it.
impl<S: Statement + Sync> Statement for Arc<S> {
    type Output = S::Output;
    const ACCESS: Access = S::ACCESS;

    fn is_large(&self) -> bool {
        S::is_large(self)
    }

    fn name() -> &'static str {
        S::name()
    }

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<Self::Output> {
        S::run(self, conn, now)
    }

    fn run_apart(&self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<Self::Output> {
        S::run_apart(self, conn, now)
    }
}

/// The statement's own name, without its path.
fn name_of<S: ?Sized>() -> &'static str {
    let path = std::any::type_name::<S>();
    path.rsplit("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FinishTurn;

    #[test]
    fn a_shared_statement_is_logged_by_its_own_name() {
        assert_eq!(
            (FinishTurn::name(), Arc::<FinishTurn>::name()),
            ("FinishTurn", "FinishTurn")
        );
    }
}
