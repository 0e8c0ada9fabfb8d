//! The one thread that writes. What queues up while a commit runs forms the next batch: one fsync carries many
//! jobs, none waits for a timer. Each job has its own savepoint and is caught if it panics; all are answered
//! after COMMIT. An error of the disk or of COMMIT itself is ambiguous: the connection is opened anew and every
//! job of the batch is made again, which keys and conditional updates make harmless, until it succeeds.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::result::{DatabaseErrorKind, Error as Diesel};

use super::connection::open_writer;
use super::savepoint::{apart, describe};
use super::{Conn, DbError};
use crate::runtime::backoff::Backoff;
use crate::runtime::{Event, Moment, Runtime, StepFault, StepName, Steps};

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
            let checkpoint = || conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
            let _ = self.runtime.steps.act(StepName::Checkpoint, injected, checkpoint);
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
        let steps = &self.runtime.steps;
        let conn = open(&mut self.conn, &self.database, steps)?;
        steps.act(StepName::Commit, injected, || {
            conn.immediate_transaction(|conn| batch.iter_mut().try_for_each(|job| run_one(job.as_mut(), conn, now)))
        })
    }
}

fn open<'a>(conn: &'a mut Option<Conn>, database: &Path, steps: &Steps) -> diesel::QueryResult<&'a mut Conn> {
    match conn {
        Some(conn) => Ok(conn),
        None => {
            let opened = steps.act(StepName::Open, injected, || {
                open_writer(database).map_err(|error| unknown(&error.to_string()))
            })?;
            Ok(conn.insert(opened))
        }
    }
}

/// Only what is the job's own fault is kept from its neighbours.
fn run_one(job: &mut dyn Job, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()> {
    if let Err(fault) = apart(conn, |conn| job.run(conn, now))? {
        job.refuse(fault);
    }
    Ok(())
}

fn unknown(message: &str) -> Diesel {
    Diesel::DatabaseError(DatabaseErrorKind::Unknown, Box::new(message.to_owned()))
}

fn injected(_moment: Moment) -> Diesel {
    unknown(&StepFault.to_string())
}
