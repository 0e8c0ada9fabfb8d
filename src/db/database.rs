//! A database whose schema is up to date: its file, the connections that read, and the writer that can be started on it.

use std::path::{Path, PathBuf};

use base::{StepFault, StepName, Steps};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::schema::meta;
use super::sqlite::connection::{FileId, Readers, long_readers, open_writer, readers};
use super::sqlite::existing::{QueryError, accept};
use super::sqlite::migrate::migrate;
use super::sqlite::trouble::{REPLACED, describe};
use super::statement::{Access, Statement};
use super::writer::Writer;
use super::{Conn, DbError};
use crate::runtime::Runtime;

/// Nothing is lost by waiting for another process before anything runs.
const AT_START: &str = "PRAGMA busy_timeout = 5000";

/// Cheap to clone.
#[derive(Clone)]
pub struct Database {
    path: PathBuf,
    file: FileId,
    readers: Readers,
    long_readers: Readers,
}

impl Database {
    /// Opens the file, creating it if need be, and migrates it. What is not ours, or was made by a newer version, is left as it
    /// is; what cannot be written is refused now, not with the first message.
    ///
    /// # Errors
    /// If it cannot be opened, written or migrated; the text names the file.
    pub fn open(path: &Path, steps: &Steps) -> Result<Self, QueryError> {
        let trouble = |reason: String| QueryError::Open {
            path: path.to_owned(),
            reason,
        };
        let fault = |_moment| trouble(StepFault.to_string());
        accept(path)?;
        let mut conn = steps.act(StepName::Open, fault, || {
            open_writer(path).map_err(|error| trouble(error.to_string()))
        })?;
        conn.batch_execute(AT_START)
            .map_err(|error| trouble(error.to_string()))?;
        steps.act(StepName::Migrate, fault, || {
            migrate(&mut conn).map_err(|error| trouble(error.to_string()))
        })?;
        writes_nothing(&mut conn).map_err(|error| trouble(error.to_string()))?;
        let file = FileId::of(path).map_err(|error| trouble(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            file: file.ok_or_else(|| trouble(REPLACED.to_owned()))?,
            readers: readers(path).map_err(|error| trouble(error.to_string()))?,
            long_readers: long_readers(path).map_err(|error| trouble(error.to_string()))?,
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Starts the one thread that writes; when it is dropped, another one may be started.
    ///
    /// # Errors
    /// If the machine has no thread left.
    pub(super) fn writer(&self, runtime: &Runtime) -> std::io::Result<Writer> {
        Writer::start((self.path.clone(), self.file), runtime.clone())
    }

    /// Answers a question here and now, which may take as long as its rows are many.
    ///
    /// # Errors
    /// What the database refuses, a write above all.
    pub(super) fn read<S: Statement>(&self, statement: &S, now: DateTime<Utc>) -> Result<S::Output, DbError> {
        let readers = match S::ACCESS {
            Access::LongRead => &self.long_readers,
            Access::Read | Access::Write => &self.readers,
        };
        let mut conn = readers.get()?;
        // One snapshot for all its queries: a row stored between two of them would be known of and yet missing.
        conn.transaction(|conn| statement.run(conn, now))
            .map_err(|error| DbError::Refused(describe(&error)))
    }

    /// Closes the connections that read, those in use as soon as they are not.
    pub(super) fn close(&self) {
        self.readers.close();
        self.long_readers.close();
    }
}

/// A write without effect: SQLite opens a file that it may only read without a word, and takes `BEGIN IMMEDIATE` on it.
fn writes_nothing(conn: &mut Conn) -> diesel::QueryResult<usize> {
    let none = meta::table.filter(meta::key.eq(""));
    diesel::update(none).set(meta::value.eq("")).execute(conn)
}
