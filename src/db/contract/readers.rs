//! Questions that get no answer: the asker hears it, and so does the operator, but not once for each try.

use actix::Message;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::bench::Bench;
use crate::db::actor::{Access, Statement};
use crate::db::schema::meta;
use crate::db::{Conn, DbError};

/// A question that the database refuses.
#[derive(Clone, Message)]
#[rtype(result = "Result<(), DbError>")]
struct Refused;

impl Statement for Refused {
    type Output = ();
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        diesel::delete(meta::table).execute(conn).map(drop)
    }
}

/// One that panics, beside the others.
#[derive(Clone, Message)]
#[rtype(result = "Result<(), DbError>")]
struct Panics;

impl Statement for Panics {
    type Output = ();
    const ACCESS: Access = Access::LongRead;

    fn run(&self, _conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<()> {
        panic!("made to panic");
    }
}

#[actix_rt::test]
async fn a_question_without_an_answer_is_told_once_a_minute() {
    let bench = Bench::new();
    let mut events = bench.runtime.events.listen();
    let refused = DbError::Refused("attempt to write a readonly database".into());
    for pause in [0, 1, 58, 1, 59] {
        bench.hand.advance(TimeDelta::seconds(pause));
        assert_eq!(bench.send(Refused).await, Err(refused.clone()));
        assert_eq!(bench.send(Panics).await, Err(DbError::Panicked));
    }
    bench.hears(1, 1, "hello").await;
    assert_eq!(bench.conversation(1).await.waiting.len(), 1, "the others are answered");
    let told = std::iter::from_fn(|| events.try_recv().ok()).filter(|event| event.name == "read_refused");
    let told: Vec<_> = told.map(|event| (event.level, event.fields)).collect();
    let line = |statement: &str, reason: &DbError| {
        let fields = vec![("statement", statement.to_owned()), ("reason", reason.to_string())];
        (log::Level::Error, fields)
    };
    let both = [line("Refused", &refused), line("Panics", &DbError::Panicked)];
    assert_eq!(told, [both.clone(), both].concat(), "at once, and a minute later");
    assert_eq!(bench.runtime.mailbox("db").restarts(), 0);
}

#[actix_rt::test]
async fn a_question_to_a_closed_database_is_no_trouble() {
    let bench = Bench::new();
    let mut events = bench.runtime.events.listen();
    bench.close().await;
    assert_eq!(bench.send(Refused).await, Err(DbError::Stopped));
    let told = std::iter::from_fn(|| events.try_recv().ok()).find(|event| event.name == "read_refused");
    assert!(told.is_none());
}
