//! The writer thread. Jobs queued during a commit form the next batch: one fsync serves many jobs, and no job waits for a timer.
//! If a job fails or panics, the batch is rolled back and retried with a savepoint for each job. All jobs are answered after
//! COMMIT. After an error of the disk or of COMMIT (disk full, file read-only or locked), it is unknown what took effect. The
//! writer then reopens the connection and retries the whole batch until it succeeds; keys and conditional updates make that
//! harmless. Only a damaged, removed or replaced file ends the service.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use base::backoff::Backoff;
use base::{Disk, Event, Moment, StepFault, StepName};
use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::result::Error as Diesel;

use super::sqlite::connection::{FileId, open_writer};
use super::sqlite::prepared::{BEGIN, COMMIT, ROLLBACK};
use super::sqlite::savepoint::{apart, unguarded};
use super::sqlite::trouble::{REPLACED, Trouble, describe, end_damaged, unknown};
use super::{Conn, DbError, Host, Statement};

const BATCH: usize = 256;
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// A write that can be retried until it succeeds.
trait Job: Send {
    /// Makes the write and keeps its result.
    fn run(&mut self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()>;
    /// Makes the write after a failure in its batch.
    fn run_apart(&mut self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()>;
    /// Keeps an error in place of a result.
    fn refuse(&mut self, error: DbError);
    /// The statement's name and error, if it was refused because of its own error.
    fn refusal(&self) -> Option<(&'static str, &DbError)>;
    /// Answers the caller.
    fn answer(self: Box<Self>);
}

/// A queued statement.
struct Write<S: Statement, A> {
    statement: S,
    answer: A,
    outcome: Result<S::Output, DbError>,
}

impl<S: Statement, A> Write<S, A> {
    /// `answer` is called once, after COMMIT.
    fn new(statement: S, answer: A) -> Self {
        Self {
            statement,
            answer,
            outcome: Err(DbError::Stopped),
        }
    }
}

impl<S, A> Job for Write<S, A>
where
    S: Statement,
    A: FnOnce(Result<S::Output, DbError>) + Send,
{
    fn run(&mut self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()> {
        self.outcome = Ok(self.statement.run(conn, now)?);
        Ok(())
    }

    fn run_apart(&mut self, conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()> {
        self.outcome = Ok(self.statement.run_apart(conn, now)?);
        Ok(())
    }

    fn refuse(&mut self, error: DbError) {
        self.outcome = Err(error);
    }

    fn refusal(&self) -> Option<(&'static str, &DbError)> {
        match &self.outcome {
            Err(error @ (DbError::Refused(_) | DbError::Panicked)) => Some((S::name(), error)),
            Ok(_) | Err(DbError::Stopped) => None,
        }
    }

    fn answer(self: Box<Self>) {
        (self.answer)(self.outcome);
    }
}

/// The writer's queue. Dropping it waits until the queued jobs are done and the thread has ended.
pub struct Writer {
    jobs: Option<Sender<Box<dyn Job>>>,
    thread: Option<thread::JoinHandle<()>>,
    abandoned: Arc<AtomicBool>,
    queued: Arc<AtomicUsize>,
}

impl Writer {
    /// Starts the thread, which opens the database and reopens it after errors.
    pub(super) fn start((database, file): (PathBuf, FileId), host: Host) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let (abandoned, queued) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let thread = WriterThread {
            database,
            file,
            host,
            queue,
            abandoned: Arc::clone(&abandoned),
            queued: Arc::clone(&queued),
            conn: None,
            disk: Disk::AsItIs,
            is_given_up: false,
        };
        let thread = thread::Builder::new()
            .name("frontdesk-writer".into())
            .spawn(move || thread.run())?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
            abandoned,
            queued,
        })
    }

    /// Queues a write and calls `answer` with its outcome after COMMIT; `false` if the thread has ended.
    pub fn write<S: Statement>(
        &self,
        statement: S,
        answer: impl FnOnce(Result<S::Output, DbError>) + Send + 'static,
    ) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| {
            self.queued.fetch_add(1, Ordering::Relaxed);
            jobs.send(Box::new(Write::new(statement, answer))).is_ok()
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.abandoned.store(true, Ordering::Relaxed);
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has already been reported.
            let _ = thread.join();
        }
    }
}

struct WriterThread {
    database: PathBuf,
    /// The file the service was started with; a replacement is not written to.
    file: FileId,
    host: Host,
    queue: Receiver<Box<dyn Job>>,
    abandoned: Arc<AtomicBool>,
    /// Jobs not committed yet, including the current batch.
    queued: Arc<AtomicUsize>,
    conn: Option<Conn>,
    /// The disk fault applied to this connection.
    disk: Disk,
    /// The writer no longer retries: it was dropped during a disk error.
    is_given_up: bool,
}

impl WriterThread {
    fn run(mut self) {
        while let Ok(first) = self.queue.recv() {
            let mut batch = vec![first];
            batch.extend(self.queue.try_iter().take(BATCH - 1));
            if self.is_given_up {
                refuse(&mut batch);
            } else {
                self.commit_until_done(&mut batch);
            }
            self.queued.fetch_sub(batch.len(), Ordering::Relaxed);
            for job in batch {
                if let Some((statement, error)) = job.refusal() {
                    let refused = Event::error("db", "write_failed").with("statement", statement);
                    self.host.events.emit(refused.with("reason", error));
                }
                job.answer();
            }
        }
        if let Some(conn) = &mut self.conn {
            // Best effort: otherwise the next start does it.
            let checkpoint = || conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
            let _ = self.host.steps.act(StepName::Checkpoint, injected, checkpoint);
        }
    }

    fn commit_until_done(&mut self, batch: &mut [Box<dyn Job>]) {
        let mut trouble = Trouble::none(self.host.clock.now());
        while let Err(error) = self.commit(batch) {
            // The connection may hold half a transaction or a removed file.
            self.conn = None;
            if trouble.record(describe(&error), self.host.clock.now()) {
                self.log(Event::error("db", "commit_failed"), &trouble);
            }
            if trouble.is_damage() {
                end_damaged(&self.host, &self.database, trouble.reason());
            }
            if self.abandoned.load(Ordering::Relaxed) {
                // Later batches are not tried either: each would wait for the same disk and delay the shutdown.
                self.is_given_up = true;
                refuse(batch);
                return;
            }
            self.wait(Backoff::COMMIT.delay(trouble.attempts()));
        }
        if trouble.attempts() > 0 {
            let lasted = trouble.lasted(self.host.clock.now()).num_seconds();
            let resumed = Event::info("db", "commit_resumed").with("outage_s", lasted);
            self.log(resumed, &trouble);
        }
    }

    fn log(&self, event: Event, trouble: &Trouble) {
        let event = event.with("attempt", trouble.attempts());
        let event = event.with("pending_writes", self.queued.load(Ordering::Relaxed));
        self.host.events.emit(event.with("reason", trouble.reason()));
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a dedicated thread that checks for a stop between naps"
    )]
    fn wait(&self, mut left: Duration) {
        while !left.is_zero() && !self.abandoned.load(Ordering::Relaxed) {
            let nap = left.min(STOP_CHECK_INTERVAL);
            thread::sleep(nap);
            left = left.saturating_sub(nap);
        }
    }

    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> diesel::QueryResult<()> {
        let now = self.host.clock.now();
        let file = FileId::of(&self.database).map_err(|error| unknown(&error.to_string()))?;
        if file != Some(self.file) {
            return Err(unknown(REPLACED));
        }
        self.open()?;
        let Some(conn) = &mut self.conn else {
            return Err(unknown("the database was not opened"));
        };
        self.host.steps.act(StepName::Commit, injected, || {
            BEGIN.run(conn)?;
            if !run_together(batch, conn, now)? {
                ROLLBACK.run(conn)?;
                BEGIN.run(conn)?;
                run_apart(batch, conn, now)?;
            }
            COMMIT.run(conn)
        })
    }

    /// Opens the database if needed and applies the planned disk fault.
    fn open(&mut self) -> diesel::QueryResult<()> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            closed @ None => {
                self.disk = Disk::AsItIs;
                let opening = || open_writer(&self.database).map_err(|error| unknown(&error.to_string()));
                closed.insert(self.host.steps.act(StepName::Open, injected, opening)?)
            }
        };
        let plan = &self.host.disk;
        plan.apply(&mut self.disk, |disk| conn.batch_execute(pragmas_for(disk)))
    }
}

fn refuse(batch: &mut [Box<dyn Job>]) {
    for job in batch {
        job.refuse(DbError::Stopped);
    }
}

const fn pragmas_for(disk: Disk) -> &'static str {
    match disk {
        Disk::AsItIs => "PRAGMA query_only = OFF; PRAGMA max_page_count = 4294967294",
        // A limit below the current size counts as the current size.
        Disk::Full => "PRAGMA query_only = OFF; PRAGMA max_page_count = 1",
        Disk::ReadOnly => "PRAGMA query_only = ON",
    }
}

/// `false` if one of the jobs failed: the caller must roll back the transaction.
fn run_together(batch: &mut [Box<dyn Job>], conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<bool> {
    for job in batch {
        if unguarded(conn, |conn| job.run(conn, now))?.is_err() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Rolls back and refuses only the jobs that fail.
fn run_apart(batch: &mut [Box<dyn Job>], conn: &mut Conn, now: DateTime<Utc>) -> diesel::QueryResult<()> {
    for job in batch {
        if let Err(error) = apart(conn, |conn| job.run_apart(conn, now))? {
            job.refuse(error);
        }
    }
    Ok(())
}

fn injected(_moment: Moment) -> Diesel {
    unknown(&StepFault.to_string())
}
