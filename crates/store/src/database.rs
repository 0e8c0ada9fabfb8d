//! A migrated database: its file, its read connections, and its writer.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base::{Event, StepFault, StepName};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::schema::meta;
use super::sqlite::connection::{FileId, Readers, long_readers, open_writer, readers};
use super::sqlite::existing::{QueryError, accept};
use super::sqlite::migrate::migrate;
use super::sqlite::trouble::{REPLACED, Trouble, describe, end_damaged, is_damage};
use super::{Access, Conn, DbError, Host, Statement, Writer};

/// At start the database may wait longer for another process than later.
const AT_START: &str = "PRAGMA busy_timeout = 5000";

/// Cheap to clone.
#[derive(Clone)]
pub struct Database {
    path: PathBuf,
    file: FileId,
    readers: Readers,
    long_readers: Readers,
    /// Failed reads by statement. Callers retry them; each statement is logged once a minute.
    refused: Arc<Mutex<HashMap<&'static str, Trouble>>>,
    host: Host,
}

impl Database {
    /// Opens the file, creating it if needed, and migrates it. A foreign file or one of a newer version is not changed. A file
    /// that cannot be written is rejected now and not at the first message.
    ///
    /// # Errors
    /// If it cannot be opened, written or migrated; the text names the file.
    pub fn open(path: &Path, host: Host) -> Result<Self, QueryError> {
        let trouble = |reason: String| QueryError::Open {
            path: path.to_owned(),
            reason,
        };
        let fault = |_moment| trouble(StepFault.to_string());
        accept(path)?;
        let mut conn = host.steps.act(StepName::Open, fault, || {
            open_writer(path).map_err(|error| trouble(error.to_string()))
        })?;
        conn.batch_execute(AT_START)
            .map_err(|error| trouble(error.to_string()))?;
        host.steps.act(StepName::Migrate, fault, || {
            migrate(&mut conn).map_err(|error| trouble(error.to_string()))
        })?;
        check_writable(&mut conn).map_err(|error| trouble(error.to_string()))?;
        let file = FileId::of(path).map_err(|error| trouble(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            file: file.ok_or_else(|| trouble(REPLACED.to_owned()))?,
            readers: readers(path).map_err(|error| trouble(error.to_string()))?,
            long_readers: long_readers(path).map_err(|error| trouble(error.to_string()))?,
            refused: Arc::default(),
            host,
        })
    }

    /// Starts the writer thread. Another one may be started after the first is dropped.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn writer(&self) -> std::io::Result<Writer> {
        Writer::start((self.path.clone(), self.file), self.host.clone())
    }

    /// Runs a read on the calling thread; its duration grows with the number of rows.
    ///
    /// # Errors
    /// The database refuses the statement, for example because it writes.
    pub fn read<S: Statement>(&self, statement: &S) -> Result<S::Output, DbError> {
        let query = AssertUnwindSafe(|| self.run_read(statement));
        let outcome = catch_unwind(query).unwrap_or(Err(DbError::Panicked));
        if let Err(error) = &outcome {
            self.log_refused(S::name(), error);
        }
        outcome
    }

    fn run_read<S: Statement>(&self, statement: &S) -> Result<S::Output, DbError> {
        let readers = match S::ACCESS {
            Access::LongRead => &self.long_readers,
            Access::Read | Access::Write => &self.readers,
        };
        let now = self.host.clock.now();
        let mut conn = readers.get()?;
        // One snapshot for all its queries: a row stored between two of them could be counted and yet missing.
        conn.transaction(|conn| statement.run(conn, now))
            .map_err(|error| DbError::Refused(describe(&error)))
    }

    fn log_refused(&self, statement: &'static str, error: &DbError) {
        match error {
            DbError::Stopped => return,
            DbError::Refused(reason) if is_damage(reason) => end_damaged(&self.host, &self.path, reason),
            DbError::Refused(_) | DbError::Panicked => {}
        }
        let (now, reason) = (self.host.clock.now(), error.to_string());
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let trouble = refused.entry(statement).or_insert_with(|| Trouble::none(now));
        if trouble.record(reason, now) {
            let refused = Event::error("db", "read_failed").with("statement", statement);
            self.host.events.emit(refused.with("reason", trouble.reason()));
        }
    }

    /// Closes the read connections; those in use close as soon as they are returned.
    pub fn close(&self) {
        self.readers.close();
        self.long_readers.close();
    }
}

/// Makes a write without effect: SQLite opens a read-only file without an error and even accepts `BEGIN IMMEDIATE` on it.
fn check_writable(conn: &mut Conn) -> diesel::QueryResult<usize> {
    let none = meta::table.filter(meta::key.eq(""));
    diesel::update(none).set(meta::value.eq("")).execute(conn)
}
