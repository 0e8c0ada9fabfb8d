//! Opening a database that is already there, beside a running service. No file is ever made here; whoever works with
//! the tables rather than with SQL of his own wants the schema to be the one this build knows.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use super::migrate::{Fit, fit};
use super::trouble::describe;
use crate::Conn;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// There is no such file; it is made by the first `run`.
    #[error("there is no database at {0}")]
    Missing(PathBuf),
    /// The path is not text, which SQLite wants.
    #[error("the database's path is not valid UTF-8: {0}")]
    Path(PathBuf),
    /// The file cannot be opened.
    #[error("failed to open {path}: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        reason: String,
    },
    /// The query would have changed something.
    #[error("this command only reads, and SQLite refused the query: {0}")]
    Write(String),
    /// The query is wrong, or the file is not a database.
    #[error("SQLite refused the query: {0}")]
    Refused(String),
    /// Whatever it is, it is not ours.
    #[error("{0} is no database of frontdesk")]
    Foreign(PathBuf),
    /// An older version made it.
    #[error("{0} was made by an older frontdesk; start `frontdesk run` once, it brings it up to date")]
    Older(PathBuf),
    /// A newer version made it.
    #[error("{0} was made by a newer frontdesk; use that version here too")]
    Newer(PathBuf),
}

/// How long to wait for another writer in milliseconds; in WAL mode only recovery makes a reader wait.
const BUSY_MS: u32 = 5_000;

/// What the connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Reads one snapshot; SQLite refuses writes.
    ReadOnly,
    /// Writes, beside the service's own writer. What it commits survives a power cut, as the service's commits do.
    Write,
}

/// Opens the file, whatever is in it.
pub(crate) fn open(database: &Path, mode: Mode) -> Result<Conn, QueryError> {
    if !database.exists() {
        return Err(QueryError::Missing(database.to_owned()));
    }
    let path = database.to_str().ok_or_else(|| QueryError::Path(database.to_owned()))?;
    let failed = |reason: String| QueryError::Open {
        path: database.to_owned(),
        reason,
    };
    let (access, set_up) = match mode {
        // Inside a transaction SQLite refuses even `VACUUM INTO`, which a read-only connection would allow.
        Mode::ReadOnly => ("ro", "PRAGMA query_only = ON; BEGIN"),
        Mode::Write => ("rw", "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"),
    };
    let mut connection = SqliteConnection::establish(&uri(path, access)).map_err(|error| failed(error.to_string()))?;
    connection
        .batch_execute(&format!("PRAGMA busy_timeout = {BUSY_MS}; {set_up}"))
        .map_err(|error| failed(error.to_string()))?;
    Ok(connection)
}

/// Opens the file, whose schema must be the one of this build.
pub(crate) fn open_known(database: &Path, mode: Mode) -> Result<Conn, QueryError> {
    let mut conn = open(database, mode)?;
    match fit(&mut conn) {
        Ok(Fit::Same) => Ok(conn),
        Ok(Fit::Older) => Err(QueryError::Older(database.to_owned())),
        Ok(Fit::Newer) => Err(QueryError::Newer(database.to_owned())),
        Ok(Fit::Foreign) => Err(QueryError::Foreign(database.to_owned())),
        Err(error) => Err(QueryError::Refused(error.to_string())),
    }
}

/// Whether a start may open the file and bring it up to date; writes nothing. A file without a table is as good as none.
pub(crate) fn accept(database: &Path) -> Result<(), QueryError> {
    if !database.exists() {
        return Ok(());
    }
    let mut conn = open(database, Mode::ReadOnly)?;
    match fit(&mut conn).map_err(|error| unreadable(database, &error))? {
        Fit::Same | Fit::Older => Ok(()),
        Fit::Newer => Err(QueryError::Newer(database.to_owned())),
        Fit::Foreign => match tables(&mut conn).map_err(|error| unreadable(database, &error))? {
            0 => Ok(()),
            _ => Err(QueryError::Foreign(database.to_owned())),
        },
    }
}

fn unreadable(database: &Path, error: &diesel::result::Error) -> QueryError {
    QueryError::Open {
        path: database.to_owned(),
        reason: describe(error),
    }
}

/// How many tables are in it, that of the migrations aside.
fn tables(conn: &mut Conn) -> diesel::QueryResult<i64> {
    sqlite_master::table
        .filter(sqlite_master::kind.eq("table"))
        .filter(sqlite_master::name.ne("__diesel_schema_migrations"))
        .count()
        .get_result(conn)
}

diesel::table! {
    /// What is in a database file; SQLite's own.
    sqlite_master (name) {
        name -> Text,
        #[sql_name = "type"]
        kind -> Text,
    }
}

/// The path as a URI filename, in which `?`, `#` and `%` have meanings of their own.
pub(crate) fn uri(path: &str, access: &str) -> String {
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{path}?mode={access}")
}
