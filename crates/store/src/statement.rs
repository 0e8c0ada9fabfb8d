//! One function over the connection for each message, and where it runs: a write in the writer's next batch, a question
//! beside it on a connection that cannot write. That stands with the statement, so an asker cannot choose wrongly.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Conn;

/// Whether a statement may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Runs beside the writer; SQLite refuses writes.
    Read,
    /// The same for what may read many rows: on connections that no conversation waits for.
    LongRead,
    /// Runs in the writer's next batch, answered after COMMIT. It may be run again after an error, so it has to
    /// be harmless the second time: keys and conditional updates.
    Write,
}

/// One function over the connection, for one message.
pub trait Statement: Send + 'static {
    /// What the asker gets.
    type Output: Send + 'static;
    /// Where it runs.
    const ACCESS: Access;
    /// Whether the answer takes megabytes: such statements run one at a time, on their own thread.
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
    /// Any error rolls this statement back; one that is its own fault is answered, any other is repeated.
    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<Self::Output>;
    /// Runs it after it, or a neighbour in its batch, failed: what is its own fault in a part harms no other part.
    ///
    /// # Errors
    /// As [`Self::run`].
    fn run_apart(&self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<Self::Output> {
        self.run(conn, now)
    }
}

/// What is kept for a second try is not copied for the first.
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
