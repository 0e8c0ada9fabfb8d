//! The writer: a failed job affects no other, an answer means COMMIT, and disk errors only cost time.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use base::{Moment, Step, StepFault, StepHook, StepName, Steps};
use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::bench::{Asked, Bench};
use super::samples::{batch, is_duplicate, text, turn, waiting};
use crate::schema::meta;
use crate::sqlite::existing::{Mode, open_known};
use crate::{Access, Conn, DbError, LoadInstallation, Statement};

/// Writes a value under a key, then panics if the flag is set.
pub(super) struct Put(pub &'static str, pub bool);

impl Statement for Put {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        diesel::insert_into(meta::table)
            .values((meta::key.eq(self.0), meta::value.eq("")))
            .execute(conn)?;
        assert!(!self.1, "made to panic");
        Ok(())
    }
}

/// Misspells a column.
struct Slip;

impl Statement for Slip {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        diesel::sql_query("UPDATE meta SET vlaue = ''").execute(conn).map(drop)
    }
}

/// The `PRAGMA synchronous` of the writer's connection; 2 is FULL.
struct Synchronous;

impl Statement for Synchronous {
    type Output = i32;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<i32> {
        synchronous(conn)
    }
}

fn synchronous(conn: &mut Conn) -> QueryResult<i32> {
    diesel::dsl::sql::<diesel::sql_types::Integer>("SELECT synchronous FROM pragma_synchronous").get_result(conn)
}

/// Keeps the writer busy until the test releases it.
struct Busy(Arc<Mutex<Option<Receiver<()>>>>);

impl Statement for Busy {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, _conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        // A batch may be retried.
        let _ = self.0.lock().unwrap().take().map(|wait| wait.recv());
        Ok(())
    }
}

/// Keeps the writer busy; jobs sent before the release become one batch.
fn busy(bench: &Bench) -> (Asked<()>, Sender<()>) {
    let (go, wait) = channel();
    (bench.send(Busy(Arc::new(Mutex::new(Some(wait))))), go)
}

/// Sends everything first, then waits for all answers.
pub(super) fn answers<T>(asked: impl Iterator<Item = Asked<T>>) -> Vec<Result<T, DbError>> {
    let asked: Vec<Asked<T>> = asked.collect();
    asked.into_iter().map(Asked::answer).collect()
}

pub(super) fn keys(bench: &Bench) -> Vec<String> {
    let keys = meta::table.select(meta::key).order(meta::key.asc());
    keys.load(&mut bench.conn()).unwrap()
}

/// Counts commits, and fails each of the listed ones once.
#[derive(Default)]
struct Faults {
    failing: Vec<(usize, Moment)>,
    seen: Mutex<Vec<Step>>,
}

impl StepHook for Faults {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name != StepName::Commit {
            return Ok(());
        }
        self.seen.lock().unwrap().push(step);
        if self.failing.contains(&(self.begun(), step.moment)) {
            return Err(StepFault);
        }
        Ok(())
    }
}

impl Faults {
    /// Commits that were begun.
    fn begun(&self) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|step| step.moment == Moment::Before).count()
    }
}

fn failing(commits: &[(usize, Moment)]) -> (Bench, Arc<Faults>) {
    let faults = Arc::new(Faults {
        failing: commits.to_vec(),
        ..Faults::default()
    });
    let hook: Arc<dyn StepHook> = Arc::clone(&faults) as _;
    (Bench::with_steps(Steps::watched_by(hook)), faults)
}

#[test]
fn a_job_that_panics_or_violates_a_constraint_is_rolled_back_alone() {
    let (bench, faults) = failing(&[]);
    let mut events = bench.events.listen();
    let (first, go) = busy(&bench);
    let good = bench.send(Put("a", false));
    let panics = bench.send(Put("b", true));
    let refused = bench.send(Put("a", false));
    let also_good = bench.send(Put("c", false));
    go.send(()).unwrap();
    assert_eq!(first.answer(), Ok(()));
    assert_eq!(good.answer(), Ok(()));
    assert_eq!(panics.answer(), Err(DbError::Panicked));
    let refused = refused.answer().unwrap_err();
    assert_eq!(refused, DbError::Refused("UNIQUE constraint failed: meta.key".into()));
    assert_eq!(also_good.answer(), Ok(()));
    assert_eq!(keys(&bench), ["a", "c"]);
    let commits = faults
        .seen
        .lock()
        .unwrap()
        .iter()
        .filter(|step| step.moment == Moment::After)
        .count();
    assert!(
        commits <= 3,
        "what queued behind the first is at most two batches, was {commits}"
    );
    let logged = std::iter::from_fn(|| events.try_recv().ok()).filter(|event| event.name == "write_failed");
    let logged: Vec<_> = logged.map(|event| (event.level, event.fields)).collect();
    let line = |reason: &DbError| {
        let fields = vec![("statement", "Put".to_owned()), ("reason", reason.to_string())];
        (log::Level::Error, fields)
    };
    assert_eq!(logged, [line(&DbError::Panicked), line(&refused)], "one line for each");
}

#[test]
#[should_panic(expected = "the database refuses: no such column: vlaue")]
fn a_typo_in_a_statement_fails_its_test_at_once() {
    Bench::new().tell(Slip);
}

#[test]
fn after_a_panic_the_next_write_is_still_committed() {
    let bench = Bench::new();
    assert_eq!(bench.send(Put("x", true)).answer(), Err(DbError::Panicked));
    let stored = bench.store(vec![text(1, 1, "after it")]);
    waiting(&stored.updates[0]);
    assert_eq!(bench.inbox().len(), 1, "committed, not only released");
}

#[test]
fn a_failed_commit_is_retried_with_one_effect() {
    for moment in [Moment::Before, Moment::After] {
        let (bench, faults) = failing(&[(1, moment), (2, Moment::After), (4, moment)]);
        let stored = bench.store(vec![text(1, 1, "hello")]);
        assert_eq!((bench.inbox().len(), bench.dialogs().len()), (1, 1));
        assert_eq!(
            stored.updates.iter().filter(|stored| is_duplicate(stored)).count(),
            1,
            "the third try found it"
        );
        let row = bench.conversation(1).waiting[0].id;
        let finished = bench.answers(1, &[row], "hi");
        assert_eq!(finished.is_written, moment == Moment::Before);
        assert_eq!((bench.outbox().len(), bench.dialogs().len()), (1, 2));
        assert_eq!(bench.outbox_states(), ["executing"]);
        assert_eq!(faults.begun(), 5);
    }
}

#[test]
fn a_damaged_file_stops_the_service_and_confirms_no_write() {
    let (bench, _faults) = failing(&[(2, Moment::Before)]);
    bench.hears(1, 1, "hello");
    // The open connection may still use its cache; after the failed commit a new connection reads the file.
    for file in ["frontdesk.db", "frontdesk.db-wal"] {
        let file = bench.path().with_file_name(file);
        let length = usize::try_from(file.metadata().unwrap().len()).unwrap();
        std::fs::write(file, vec![0xA5; length]).unwrap();
    }
    let answer = bench.send(Put("into a broken file", false));
    let reason = bench.failed.recv().unwrap();
    assert!(reason.contains("frontdesk.db is damaged"), "{reason}");
    assert!(answer.is_open(), "the write is not confirmed");
}

#[test]
fn every_job_of_a_failed_batch_is_retried() {
    let (bench, _faults) = failing(&[(1, Moment::After), (2, Moment::Before)]);
    let sent = (1..=9).map(|n| bench.send(batch(vec![text(n, n, "hello")])));
    for answer in answers(sent) {
        assert_eq!(answer.unwrap().updates.len(), 1);
    }
    assert_eq!(bench.inbox().len(), 9);
    assert_eq!(bench.dialogs().len(), 9);
}

/// Holds each commit before and after it happens.
struct Gate {
    reached: Sender<Moment>,
    go: Mutex<Receiver<()>>,
}

impl StepHook for Gate {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name == StepName::Commit {
            let _ = self.reached.send(step.moment);
            let _ = self.go.lock().unwrap().recv();
        }
        Ok(())
    }
}

#[test]
fn an_answer_is_sent_only_after_the_commit() {
    let (reached, at) = channel();
    let (go, wait) = channel();
    let gate = Gate {
        reached,
        go: Mutex::new(wait),
    };
    let bench = Bench::with_steps(Steps::watched_by(Arc::new(gate)));
    let answer = bench.send(batch(vec![text(1, 1, "hello")]));
    for (moment, rows) in [(Moment::Before, 0), (Moment::After, 1)] {
        assert_eq!(at.recv(), Ok(moment));
        assert!(answer.is_open());
        assert_eq!(bench.inbox().len(), rows);
        go.send(()).unwrap();
    }
    assert!(answer.answer().is_ok());
}

#[test]
fn two_hundred_concurrent_callers_are_answered_in_order() {
    let bench = Bench::new();
    let stores = (0..200).map(|n| bench.send(batch(vec![text(n % 50, n, "hello")])));
    let stored: Vec<_> = answers(stores).into_iter().map(Result::unwrap).collect();
    let rows: Vec<_> = stored.iter().map(|stored| waiting(&stored.updates[0]).id).collect();
    assert!(rows.is_sorted() && rows.len() == 200);
    for (n, stored) in stored.iter().enumerate() {
        let before = n.checked_sub(50).map(|before| rows[before]);
        assert_eq!(stored.updates[0].previous, before);
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_or_write_the_database_files() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    bench.hears(1, 1, "hello");
    for file in std::fs::read_dir(bench.path().parent().unwrap()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

#[test]
fn the_installation_keeps_its_first_name() {
    let bench = Bench::new();
    let load = |proposal: &str| LoadInstallation {
        proposal: proposal.into(),
    };
    assert_eq!(bench.tell(load("first")).name, "first");
    assert_eq!(bench.tell(load("second")).name, "first");
}

#[test]
fn a_write_without_a_waiting_caller_is_committed() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "hello");
    drop(bench.send(turn(1, &[row], "hi")));
    bench.tell(LoadInstallation {
        proposal: "behind it".into(),
    });
    assert_eq!(bench.inbox()[0].state, "done");
}

#[test]
fn a_stop_during_disk_errors_retries_all_waiting_writes_once() {
    let always: Vec<_> = (1..1_000).map(|n| (n, Moment::Before)).collect();
    let (bench, faults) = failing(&always);
    // Eight batches and the one in progress.
    let waiting: Vec<_> = (0..2_000).map(|_| bench.send(Put("never", false))).collect();
    let before = faults.begun();
    bench.close();
    let answers = answers(waiting.into_iter());
    assert!(answers.iter().all(|answer| *answer == Err(DbError::Stopped)));
    // One may have started before the writer received the stop.
    assert!(faults.begun() <= before + 2, "{} tries", faults.begun() - before);
}

/// No test can cut the power. SQLite guarantees that a commit is on the disk only with this setting.
#[test]
fn every_writing_connection_waits_for_the_disk() {
    const FULL: i32 = 2;
    let (bench, _) = failing(&[(2, Moment::Before)]);
    assert_eq!(bench.tell(Synchronous), FULL);
    assert_eq!(bench.tell(Synchronous), FULL, "opened again after an error");
    let mut by_hand = open_known(&bench.path(), Mode::Write).unwrap();
    assert_eq!(synchronous(&mut by_hand), Ok(FULL));
}

#[test]
fn a_stop_writes_the_whole_queue() {
    let bench = Bench::new();
    let (held, go) = busy(&bench);
    let load = || LoadInstallation {
        proposal: "first".into(),
    };
    // More than one batch.
    let waiting: Vec<_> = (0..1_000).map(|_| bench.send(load())).collect();
    drop(go);
    bench.close();
    assert_eq!(held.answer(), Ok(()));
    assert!(answers(waiting.into_iter()).iter().all(Result::is_ok));
}
