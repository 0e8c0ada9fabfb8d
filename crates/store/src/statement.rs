//! One function over the connection for each message, and where it runs: a write in the writer's next batch, a question
//! beside it on a connection that cannot write. That stands with the statement, so an asker cannot choose wrongly.

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

/// The statement's own name, without its path.
pub(super) fn name_of<S>() -> &'static str {
    let path = std::any::type_name::<S>();
    path.rsplit("::").next().unwrap_or(path)
}
