//! The one thread that writes. What queues up while a commit runs forms the next batch: one fsync carries many
//! jobs, none waits for a timer. Each job has its own savepoint and is caught if it panics; all are answered
//! after COMMIT. An error of the disk or of COMMIT itself is ambiguous: the connection is opened anew and every
//! job of the batch is made again, which keys and conditional updates make harmless, until it succeeds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error as Diesel};

use super::connection::open_writer;
use super::{Conn, DbError};
use crate::runtime::backoff::Backoff;
use crate::runtime::{Event, Runtime};

const BATCH: usize = 256;
const LOOK_FOR_STOP: Duration = Duration::from_millis(100);

/// A write, ready to be made as often as it takes.
pub(super) trait Job: Send {
    /// Makes the write; keeps what came of it.
    fn run(&mut self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()>;
    /// The write is not to be had: keeps that instead.
    fn refuse(&mut self, error: DbError);
    /// Tells whoever asked.
    fn answer(self: Box<Self>);
}

/// The writer's queue. Dropping it ends the thread after what is queued, and waits for that.
pub(super) struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<thread::JoinHandle<()>>,
    abandoned: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the thread; it opens the database itself, and again after any trouble.
    pub(super) fn start(database: PathBuf, runtime: Runtime) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let thread = Loop {
            database,
            runtime,
            queue,
            abandoned: Arc::clone(&abandoned),
            conn: None,
        };
        let thread = thread::Builder::new()
            .name("frontdesk-writer".into())
            .spawn(move || thread.run())?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            abandoned,
        })
    }

    /// Queues a job; gives it back if the thread is gone.
    pub(super) fn queue(&self, job: Box<dyn Job>) -> Result<(), Box<dyn Job>> {
        match &self.jobs {
            Some(jobs) => jobs.send(job).map_err(|unsent| unsent.0),
            None => Err(job),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // Its own panic has been reported by then.
            let _ = thread.join();
        }
    }
}

struct Loop {
    database: PathBuf,
    runtime: Runtime,
    queue: Receiver<Box<dyn Job>>,
    abandoned: Arc<AtomicBool>,
    conn: Option<Conn>,
}

impl Loop {
    fn run(mut self) {
        while let Ok(first) = self.queue.recv() {
            let mut batch = vec![first];
            batch.extend(self.queue.try_iter().take(BATCH - 1));
            self.commit_until_done(&mut batch);
            for job in batch {
                job.answer();
            }
        }
        if let Some(conn) = &mut self.conn {
            // Best effort: the next start would do it as well.
            let _ = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
    }

    fn commit_until_done(&mut self, batch: &mut [Box<dyn Job>]) {
        let mut attempt = 0;
        while let Err(error) = self.commit(batch) {
            attempt += 1;
            // The connection may hold half a transaction, or a file that is no longer there.
            self.conn = None;
            let failed = Event::error("db", "commit_failed").with("attempt", attempt);
            self.runtime.events.emit(failed.with("reason", describe(&error)));
            if self.abandoned.load(Ordering::Relaxed) {
                for job in batch.iter_mut() {
                    job.refuse(DbError::Stopped);
                }
                return;
            }
            self.wait(Backoff::COMMIT.delay(attempt));
        }
    }

    fn wait(&self, mut left: Duration) {
        while !left.is_zero() && !self.abandoned.load(Ordering::Relaxed) {
            let nap = left.min(LOOK_FOR_STOP);
            thread::sleep(nap);
            left = left.saturating_sub(nap);
        }
    }

    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> diesel::QueryResult<()> {
        let now = self.runtime.clock.now();
        let conn = open(&mut self.conn, &self.database)?;
        let step = self.runtime.steps.before("commit").map_err(|_fault| injected())?;
        conn.immediate_transaction(|conn| batch.iter_mut().try_for_each(|job| run_one(job.as_mut(), conn, now)))?;
        self.runtime.steps.after(step, "commit").map_err(|_fault| injected())
    }
}

fn open<'a>(conn: &'a mut Option<Conn>, database: &Path) -> diesel::QueryResult<&'a mut Conn> {
    match conn {
        Some(conn) => Ok(conn),
        None => {
            let opened = open_writer(database).map_err(|error| unknown(&error.to_string()))?;
            Ok(conn.insert(opened))
        }
    }
}

/// Only what is the job's own fault is kept from its neighbours; trouble of the disk concerns them all.
fn run_one(job: &mut dyn Job, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()> {
    let outcome = conn.transaction(|conn| match catch_unwind(AssertUnwindSafe(|| job.run(conn, now))) {
        Ok(outcome) => outcome.map_err(Fault::Query),
        Err(_panic) => Err(Fault::Panic),
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(Fault::Panic) => {
            job.refuse(DbError::Panicked);
            Ok(())
        }
        Err(Fault::Query(error)) if is_own_fault(&error) => {
            job.refuse(DbError::Refused(describe(&error)));
            Ok(())
        }
        Err(Fault::Query(error)) => Err(error),
    }
}

enum Fault {
    Query(Diesel),
    Panic,
}

impl From<Diesel> for Fault {
    fn from(error: Diesel) -> Self {
        Self::Query(error)
    }
}

/// Whether the statement itself is at fault, not the disk.
pub(super) fn is_own_fault(error: &Diesel) -> bool {
    use DatabaseErrorKind as Kind;
    match error {
        Diesel::DatabaseError(kind, _) => matches!(
            kind,
            Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation
        ),
        Diesel::NotFound | Diesel::DeserializationError(_) | Diesel::SerializationError(_) => true,
        Diesel::QueryBuilderError(_) => true,
        _ => false,
    }
}

/// SQLite's own words; they name tables and columns, never values.
fn describe(error: &Diesel) -> String {
    match error {
        Diesel::DatabaseError(_, details) => details.message().to_owned(),
        Diesel::NotFound => "not found".to_owned(),
        Diesel::DeserializationError(_) => "a stored value cannot be read".to_owned(),
        _ => "query failed".to_owned(),
    }
}

fn unknown(message: &str) -> Diesel {
    Diesel::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
}

fn injected() -> Diesel {
    unknown("the step was made to fail")
}
