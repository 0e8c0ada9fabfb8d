//! DbActor: the only way to the database. Writes go to the writer's thread and are answered after their commit;
//! questions are answered beside it by connections that cannot write. Which of the two a message is stands with
//! its query, so a caller cannot choose wrongly.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use actix::Message;
use base::{Event, StepFault, StepName, Steps};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::connection::{FileId, Readers, long_readers, open_writer, readers};
use super::existing::{QueryError, accept};
use super::messages::CloseDatabase;
use super::migrate::migrate;
use super::schema::meta;
use super::trouble::{REPLACED, Trouble, describe, end_damaged, is_damage};
use super::writer::{Job, Writer};
use super::{Conn, DbError};
use crate::runtime::{Answer, Behaviour, Ctx, Receive, Runtime};

/// Nothing is lost by waiting for another process before anything runs.
const AT_START: &str = "PRAGMA busy_timeout = 5000";

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
pub trait Statement: Message<Result = Result<Self::Output, DbError>> + Send + 'static {
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
}

/// The actor.
pub struct DbActor {
    /// `None` once closed.
    writer: Option<Writer>,
    readers: Readers,
    long_readers: Readers,
    /// Failed reads, by statement: callers retry them, and each is logged once a minute.
    refused: HashMap<&'static str, Trouble>,
    path: PathBuf,
    runtime: Runtime,
}

/// A database whose schema is up to date.
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
}

/// A write without effect: SQLite opens a file that it may only read without a word, and takes `BEGIN IMMEDIATE` on it.
fn writes_nothing(conn: &mut Conn) -> diesel::QueryResult<usize> {
    let none = meta::table.filter(meta::key.eq(""));
    diesel::update(none).set(meta::value.eq("")).execute(conn)
}

impl DbActor {
    /// An actor over a database; called again after a panic, with a writer of its own.
    ///
    /// # Panics
    /// If the machine has no thread left for the writer: the guard counts that like any other panic.
    pub fn new(database: &Database, runtime: &Runtime) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "without its writer there is no actor; the guard catches it"
        )]
        let writer =
            Writer::start((database.path.clone(), database.file), runtime.clone()).expect("a thread for the writer");
        Self {
            writer: Some(writer),
            readers: database.readers.clone(),
            long_readers: database.long_readers.clone(),
            refused: HashMap::new(),
            path: database.path.clone(),
            runtime: runtime.clone(),
        }
    }

    fn tell_refused(&mut self, statement: &'static str, error: &DbError) {
        match error {
            DbError::Stopped => return,
            DbError::Refused(reason) if is_damage(reason) => end_damaged(&self.runtime, &self.path, reason),
            DbError::Refused(_) | DbError::Panicked => {}
        }
        let (now, reason) = (self.runtime.clock.now(), error.to_string());
        let trouble = self.refused.entry(statement).or_insert_with(|| Trouble::none(now));
        if trouble.met(reason, now) {
            let refused = Event::error(Self::NAME, "read_refused").with("statement", statement);
            self.runtime.events.emit(refused.with("reason", trouble.reason()));
        }
    }
}

impl Behaviour for DbActor {
    const NAME: &'static str = "db";
}

impl<M: Statement> Receive<M> for DbActor {
    fn receive(&mut self, statement: M, answer: Answer<M::Result>, ctx: &mut Ctx<'_, Self>) {
        match M::ACCESS {
            Access::Write => {
                let job = Box::new(Write {
                    statement,
                    answer,
                    outcome: Err(DbError::Stopped),
                });
                match &self.writer {
                    // A writer that is gone panicked outside of every job: start anew with another one.
                    Some(writer) => assert!(writer.queue(job).is_ok(), "the writer is gone"),
                    None => job.answer(),
                }
            }
            Access::Read | Access::LongRead => {
                let readers = match M::ACCESS {
                    Access::LongRead => self.long_readers.clone(),
                    Access::Read | Access::Write => self.readers.clone(),
                };
                let now = self.runtime.clock.now();
                let is_large = statement.is_large();
                let work = move || read(&readers, &statement, now);
                let reading = match is_large {
                    true => self.runtime.large.run(work),
                    false => tokio::task::spawn_blocking(work),
                };
                ctx.spawn(reading, move |this, outcome, _| {
                    let outcome = outcome.unwrap_or_else(|failed| {
                        Err(if failed.is_panic() {
                            DbError::Panicked
                        } else {
                            DbError::Stopped
                        })
                    });
                    if let Err(error) = &outcome {
                        this.tell_refused(name_of::<M>(), error);
                    }
                    answer.give(outcome);
                });
            }
        }
    }
}

impl Receive<CloseDatabase> for DbActor {
    fn receive(&mut self, _close: CloseDatabase, answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        let (writer, readers) = (self.writer.take(), [self.readers.clone(), self.long_readers.clone()]);
        let closing = tokio::task::spawn_blocking(move || {
            drop(writer);
            readers.iter().for_each(Readers::close);
        });
        ctx.spawn(closing, |_, _, _| answer.give(()));
    }
}

fn read<M: Statement>(readers: &Readers, statement: &M, now: DateTime<Utc>) -> Result<M::Output, DbError> {
    let mut conn = readers.get()?;
    // One snapshot for all its queries: a row stored between two of them would be known of and yet missing.
    conn.transaction(|conn| statement.run(conn, now))
        .map_err(|error| DbError::Refused(describe(&error)))
}

/// The statement's own name, without its path.
fn name_of<M>() -> &'static str {
    let path = std::any::type_name::<M>();
    path.rsplit("::").next().unwrap_or(path)
}

struct Write<M: Statement> {
    statement: M,
    answer: Answer<M::Result>,
    outcome: Result<M::Output, DbError>,
}

impl<M: Statement> Job for Write<M> {
    fn run(&mut self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()> {
        self.outcome = Ok(self.statement.run(conn, now)?);
        Ok(())
    }

    fn refuse(&mut self, error: DbError) {
        self.outcome = Err(error);
    }

    fn refusal(&self) -> Option<(&'static str, &DbError)> {
        match &self.outcome {
            Err(error @ (DbError::Refused(_) | DbError::Panicked)) => Some((name_of::<M>(), error)),
            Ok(_) | Err(DbError::Stopped) => None,
        }
    }

    fn answer(self: Box<Self>) {
        self.answer.give(self.outcome);
    }
}
