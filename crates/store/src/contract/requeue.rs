//! Requeueing dead deliveries beside an open writer, and the files that requeueing rejects.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection as _;
use domain::DeliveryId;

use super::bench::Bench;
use super::samples::claim;
use crate::requeue::{DeadLetters, Requeued, requeue};
use crate::sqlite::read_only::QueryError;
use crate::{Delivery, DeliveryState, Verdict};

fn dead(reason: &str) -> Verdict {
    Verdict::Dead { reason: reason.into() }
}

/// A reply that Telegram rejected permanently; its delivery as of the last attempt.
fn refused(bench: &Bench, chat: i64) -> Delivery {
    let row = bench.hears(chat, chat, "a question");
    let delivery = bench.answers(chat, &[row], "an answer").deliveries.remove(0);
    bench.record(&delivery, dead("400 refused"));
    delivery
}

fn of(ids: &[i64]) -> DeadLetters {
    DeadLetters::Of(ids.iter().copied().map(DeliveryId).collect())
}

#[test]
fn a_requeued_delivery_is_claimed_like_a_new_one() {
    let bench = Bench::new();
    let first = refused(&bench, 7);
    bench.hand.advance(TimeDelta::days(30));
    let outcome = requeue(&bench.path(), &of(&[first.id.0]), bench.now()).unwrap();
    assert_eq!(outcome, [(first.id, Requeued::Due)]);
    let row = &bench.outbox()[0];
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("scheduled", None));
    let again = bench.tell(claim(100)).deliveries;
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].id, again[0].attempt), (first.id, 2));
    assert_eq!(again[0].created_at, bench.now());
    bench.record(&again[0], Verdict::Sent { remote_id: Some(9) });
    assert_eq!(bench.outbox()[0].state, "completed");
}

#[test]
fn only_dead_deliveries_are_requeued_and_only_once() {
    let bench = Bench::new();
    let first = refused(&bench, 7);
    let row = bench.hears(8, 8, "a question");
    let executing = bench.answers(8, &[row], "an answer").deliveries.remove(0);
    let ids = [first.id.0, executing.id.0, 999];
    let outcome: Vec<Requeued> = requeue(&bench.path(), &of(&ids), bench.now())
        .unwrap()
        .into_iter()
        .map(|(_, requeued)| requeued)
        .collect();
    assert_eq!(
        outcome,
        [
            Requeued::Due,
            Requeued::Left(DeliveryState::Executing),
            Requeued::Unknown
        ]
    );
    let again = requeue(&bench.path(), &of(&[first.id.0]), bench.now()).unwrap();
    assert_eq!(again[0].1, Requeued::Left(DeliveryState::Scheduled));
    assert_eq!(requeue(&bench.path(), &DeadLetters::All, bench.now()).unwrap(), []);
}

#[test]
fn all_dead_deliveries_can_be_requeued_at_once() {
    let bench = Bench::new();
    let ids = [refused(&bench, 7).id, refused(&bench, 8).id, refused(&bench, 9).id];
    let outcome = requeue(&bench.path(), &DeadLetters::All, bench.now()).unwrap();
    assert_eq!(outcome, ids.map(|id| (id, Requeued::Due)));
    assert_eq!(bench.tell(claim(100)).deliveries.len(), 3);
}

#[test]
fn requeueing_waits_for_another_writer() {
    let bench = Bench::new();
    let first = refused(&bench, 7);
    let mut other = bench.conn();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let (path, now) = (bench.path(), bench.now());
    let waiting = std::thread::spawn(move || requeue(&path, &DeadLetters::All, now));
    // It cannot finish before the other writer has committed, whichever thread runs first.
    other
        .batch_execute("UPDATE outbox SET reason = 'seen by the other'; COMMIT")
        .unwrap();
    assert_eq!(waiting.join().unwrap().unwrap(), [(first.id, Requeued::Due)]);
    assert_eq!(bench.outbox()[0].reason, None);
}

#[test]
fn a_database_of_another_version_is_left_alone() {
    let bench = Bench::new();
    refused(&bench, 7);
    let all = |bench: &Bench| requeue(&bench.path(), &DeadLetters::All, bench.now()).unwrap_err();
    let mut other = bench.conn();
    other
        .batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')")
        .unwrap();
    assert!(matches!(all(&bench), QueryError::Newer(_)));
    other
        .batch_execute("DELETE FROM __diesel_schema_migrations WHERE version > '20261122000001'")
        .unwrap();
    assert!(matches!(all(&bench), QueryError::Older(_)));
    assert_eq!(bench.outbox()[0].state, "dead");
}

#[test]
fn requeueing_creates_no_file_and_rejects_a_foreign_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| {
        let path = folder.path().join(name);
        (requeue(&path, &DeadLetters::All, chrono::DateTime::UNIX_EPOCH), path)
    };
    let (missing, path) = at("none.db");
    assert!(matches!(missing, Err(QueryError::Missing(_))) && !path.exists());
    std::fs::write(folder.path().join("empty.db"), "").unwrap();
    let (empty, path) = at("empty.db");
    assert!(matches!(empty, Err(QueryError::Foreign(_))), "{empty:?}");
    assert_eq!(path.metadata().unwrap().len(), 0);
    std::fs::write(folder.path().join("notes.txt"), "no database ".repeat(500)).unwrap();
    assert!(at("notes.txt").0.is_err());
}
