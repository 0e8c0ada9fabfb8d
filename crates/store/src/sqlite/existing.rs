//! Opens an existing database beside a running service; never creates a file. Code that uses the tables requires the schema of
//! this build; user-written SQL does not.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;

use super::migrate::{Fit, fit};
use super::trouble::describe;
use crate::Conn;

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The file does not exist; the first `run` creates it.
    #[error("there is no database at {0}")]
    Missing(PathBuf),
    /// SQLite requires a UTF-8 path.
    #[error("the database's path is not valid UTF-8: {0}")]
    Path(PathBuf),
    /// The file cannot be opened.
    #[error("failed to open {path}: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// SQLite's error text.
        reason: String,
    },
    /// The query would have changed something.
    #[error("this command only reads, and SQLite refused the query: {0}")]
    Write(String),
    /// The query is wrong, or the file is not a database.
    #[error("SQLite refused the query: {0}")]
    Refused(String),
    /// The file belongs to another program.
    #[error("{0} is not a frontdesk database")]
    Foreign(PathBuf),
    /// An older version created it.
    #[error("{0} was made by an older frontdesk; start `frontdesk run` once to upgrade it")]
    Older(PathBuf),
    /// A newer version created it.
    #[error("{0} was made by a newer frontdesk; use that version for this command")]
    Newer(PathBuf),
}

/// How long to wait for another writer in milliseconds; in WAL mode only recovery makes a reader wait.
const BUSY_MS: u32 = 5_000;

/// What the connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Reads one snapshot; SQLite refuses writes.
    ReadOnly,
    /// Writes beside the service's writer. Its commits survive a power failure, as the service's do.
    Write,
}

/// Opens the file without checking its schema.
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

/// Opens the file; its schema must be that of this build.
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

/// Checks without writing whether a start may open and migrate the file. A file without tables counts as missing.
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

/// The number of tables, without that of the migrations.
fn tables(conn: &mut Conn) -> diesel::QueryResult<i64> {
    sqlite_master::table
        .filter(sqlite_master::kind.eq("table"))
        .filter(sqlite_master::name.ne("__diesel_schema_migrations"))
        .count()
        .get_result(conn)
}

diesel::table! {
    /// SQLite's table of contents.
    sqlite_master (name) {
        name -> Text,
        #[sql_name = "type"]
        kind -> Text,
    }
}

/// The path as a URI filename; `?`, `#` and `%` are escaped.
pub(crate) fn uri(path: &str, access: &str) -> String {
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    format!("file:{path}?mode={access}")
}
