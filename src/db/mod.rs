//! EDGE to SQLite; diesel is named nowhere else. Messages carry domain types, queries are one function each over
//! the connection, and one thread writes.

mod actor;
#[cfg(test)]
mod contract;
mod database;
pub mod extra_report;
pub mod messages;
mod queries;
pub mod records;
pub mod requeue;
mod schema;
mod sqlite;
mod statement;
mod writer;

pub use actor::DbActor;
pub use database::Database;
pub use sqlite::read_only;

/// The connection queries run on: the one word to change for a second database.
pub(crate) type Conn = diesel::SqliteConnection;

/// Why the database gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DbError {
    /// The statement broke a rule of the schema, or a question could not be answered.
    #[error("the database refused: {0}")]
    Refused(String),
    /// The statement panicked; it was rolled back alone.
    #[error("the statement panicked")]
    Panicked,
    /// The service stopped before it could be committed.
    #[error("the service is stopping")]
    Stopped,
}
