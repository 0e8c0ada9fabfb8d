//! The mailbox in front of the database: questions that get no answer. The asker gets an error, and the operator a line, but
//! not one for each try.

use base::{Clock, ClockHand, Events, Steps};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::config::Limits;
use crate::db::Conn;
use crate::db::messages::{CountWork, LoadInstallation, Work};
use crate::db::schema::meta;
use crate::runtime::{Address, start};

/// A question that the database refuses.
#[derive(Clone)]
struct Refused;

impl Statement for Refused {
    type Output = ();
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        diesel::delete(meta::table).execute(conn).map(drop)
    }
}

/// One that panics, beside the others.
#[derive(Clone)]
struct Panics;

impl Statement for Panics {
    type Output = ();
    const ACCESS: Access = Access::LongRead;

    fn run(&self, _conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        panic!("made to panic");
    }
}

/// The same as a write.
#[derive(Clone)]
struct PanicsWriting;

impl Statement for PanicsWriting {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, _conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        panic!("made to panic");
    }
}

struct Desk {
    hand: ClockHand,
    runtime: Runtime,
    address: Address<DbActor>,
    _folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::by_hand(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        let runtime = Runtime::new(clock, Events::default(), &Limits::default());
        let database = Database::open(&folder.path().join("frontdesk.db"), &Steps::default()).unwrap();
        let address = start(&runtime, {
            let runtime = runtime.clone();
            move || DbActor::new(&database, &runtime)
        });
        Self {
            hand,
            runtime,
            address,
            _folder: folder,
        }
    }

    async fn ask<S: Statement>(&self, statement: S) -> Result<S::Output, DbError> {
        let answer = self.address.port::<S>().command(statement);
        answer.await.expect("the actor answers")
    }
}

#[actix_rt::test]
async fn a_question_without_an_answer_is_told_once_a_minute() {
    let desk = Desk::new();
    let mut events = desk.runtime.events.listen();
    let refused = DbError::Refused("attempt to write a readonly database".into());
    for pause in [0, 1, 58, 1, 59] {
        desk.hand.advance(TimeDelta::seconds(pause));
        assert_eq!(desk.ask(Refused).await, Err(refused.clone()));
        assert_eq!(desk.ask(Panics).await, Err(DbError::Panicked));
    }
    assert_eq!(
        desk.ask(CountWork).await,
        Ok(Work::default()),
        "the others are answered"
    );
    let told = std::iter::from_fn(|| events.try_recv().ok()).filter(|event| event.name == "read_refused");
    let told: Vec<_> = told.map(|event| (event.level, event.fields)).collect();
    let line = |statement: &str, reason: &DbError| {
        let fields = vec![("statement", statement.to_owned()), ("reason", reason.to_string())];
        (log::Level::Error, fields)
    };
    let both = [line("Refused", &refused), line("Panics", &DbError::Panicked)];
    assert_eq!(told, [both.clone(), both].concat(), "at once, and a minute later");
    assert_eq!(desk.runtime.mailbox("db").restarts(), 0);
}

#[actix_rt::test]
async fn a_question_to_a_closed_database_is_no_trouble() {
    let desk = Desk::new();
    let mut events = desk.runtime.events.listen();
    let closed = desk.address.port::<CloseDatabase>().command(CloseDatabase);
    closed.await.expect("the actor answers");
    assert_eq!(desk.ask(Refused).await, Err(DbError::Stopped));
    let told = std::iter::from_fn(|| events.try_recv().ok()).find(|event| event.name == "read_refused");
    assert!(told.is_none());
}

#[actix_rt::test]
async fn a_write_that_panics_is_answered_and_the_actor_lives_on() {
    let desk = Desk::new();
    assert_eq!(desk.ask(PanicsWriting).await, Err(DbError::Panicked));
    let proposal = "first".to_owned();
    assert_eq!(desk.ask(LoadInstallation { proposal }).await, Ok("first".into()));
    assert_eq!(desk.runtime.mailbox("db").restarts(), 0);
}
