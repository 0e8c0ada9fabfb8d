//! EDGE to SQLite; diesel is named nowhere else. Messages carry domain types, queries are one function each over
//! the connection, and one thread writes.

mod actor;
#[cfg(test)]
mod contract;
mod database;
pub mod extra_report;
mod host;
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
pub use host::Host;
pub use sqlite::read_only;

/// Opens the database of a service.
///
/// # Errors
/// As [`Database::open`].
pub fn open(path: &std::path::Path, runtime: &crate::runtime::Runtime) -> Result<Database, read_only::QueryError> {
    let fatal = runtime.clone();
    let mut host = Host::new(runtime.clock.clone(), runtime.events.clone(), move |reason| {
        fatal.fail(reason)
    });
    host.steps = runtime.steps.clone();
    host.disk = runtime.disk.clone();
    Database::open(path, host)
}

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
