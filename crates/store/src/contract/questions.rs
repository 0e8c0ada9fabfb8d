//! Questions: they see one snapshot, cannot write, and if they fail, the caller gets an error. The log has one line a minute
//! for a repeated failure.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::bench::Bench;
use super::samples::{batch, text};
use super::writer::{Put, answers, keys};
use crate::schema::meta;
use crate::statements::upkeep::Work;
use crate::{Access, Conn, CountWork, DbError, Statement};

/// A question that tries to write.
struct PutAsReader;

impl Statement for PutAsReader {
    type Output = ();
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<()> {
        Put("by a reader", false).run(conn, now)
    }
}

/// One that panics.
struct Panics;

impl Statement for Panics {
    type Output = ();
    const ACCESS: Access = Access::LongRead;

    fn run(&self, _conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        panic!("made to panic");
    }
}

#[test]
fn a_question_during_writes_is_answered() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "hello");
    let writes: Vec<_> = (0..50)
        .map(|n| bench.send(batch(vec![text(2, 10 + n, "hello")])))
        .collect();
    let states: Vec<_> = (0..50).map(|_| bench.conversation(1)).collect();
    assert!(answers(writes.into_iter()).iter().all(Result::is_ok));
    assert!(states.iter().all(|state| state.waiting[0].id == row));
}

/// A question with two queries; between them it signals the test and waits.
struct LookTwice {
    between: Sender<()>,
    go: Arc<Mutex<Receiver<()>>>,
}

impl Statement for LookTwice {
    type Output = (i64, i64);
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<(i64, i64)> {
        let first = meta::table.count().get_result(conn)?;
        let _ = self.between.send(());
        let _ = self.go.lock().unwrap().recv();
        Ok((first, meta::table.count().get_result(conn)?))
    }
}

#[test]
fn a_question_with_two_queries_sees_one_snapshot() {
    let bench = Bench::new();
    let ((between, at), (go, wait)) = (channel(), channel());
    let go_on = Arc::new(Mutex::new(wait));
    let looked = bench.send(LookTwice { between, go: go_on });
    at.recv().unwrap();
    bench.tell(Put("stored between", false));
    go.send(()).unwrap();
    assert_eq!(looked.answer(), Ok((0, 0)));
    assert_eq!(keys(&bench), ["stored between"]);
}

#[test]
fn a_failed_question_is_logged_once_a_minute() {
    let bench = Bench::new();
    let mut events = bench.events.listen();
    let refused = DbError::Refused("attempt to write a readonly database".into());
    for pause in [0, 1, 58, 1, 59] {
        bench.hand.advance(TimeDelta::seconds(pause));
        assert_eq!(bench.send(PutAsReader).answer(), Err(refused.clone()));
        assert_eq!(bench.send(Panics).answer(), Err(DbError::Panicked));
    }
    assert!(keys(&bench).is_empty(), "a question cannot write");
    assert_eq!(bench.tell(CountWork), Work::default(), "the others are answered");
    let logged = std::iter::from_fn(|| events.try_recv().ok()).filter(|event| event.name == "read_failed");
    let logged: Vec<_> = logged.map(|event| (event.level, event.fields)).collect();
    let line = |statement: &str, reason: &DbError| {
        let fields = vec![("statement", statement.to_owned()), ("reason", reason.to_string())];
        (log::Level::Error, fields)
    };
    let both = [line("PutAsReader", &refused), line("Panics", &DbError::Panicked)];
    assert_eq!(logged, [both.clone(), both].concat(), "at once, and a minute later");
}

#[test]
fn a_question_to_a_closed_database_is_not_logged() {
    let bench = Bench::new();
    let mut events = bench.events.listen();
    bench.close();
    assert_eq!(bench.send(PutAsReader).answer(), Err(DbError::Stopped));
    let logged = std::iter::from_fn(|| events.try_recv().ok()).find(|event| event.name == "read_failed");
    assert!(logged.is_none());
}
