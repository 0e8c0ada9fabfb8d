//! StoreUpdates: a customer who writes more than the business answers.

use chrono::TimeDelta;

use super::bench::Bench;
use super::samples::{batch, edit, edited, is_duplicate, is_ignored, text, turn, update, waiting};
use crate::db::messages::{FinishTurn, StoreUpdates, StoredUpdates};
use crate::domain::{Change, CustomerMessage, IgnoreReason, IncomingUpdate, Payload};

/// At most three updates a minute.
async fn store(bench: &Bench, updates: Vec<IncomingUpdate>) -> StoredUpdates {
    let bounded = StoreUpdates {
        most_per_minute: Some(3),
        ..batch(updates)
    };
    bench.tell(bounded).await
}

fn messages(chat: i64, numbers: std::ops::RangeInclusive<i64>) -> Vec<IncomingUpdate> {
    numbers.map(|n| text(chat, n, "hey")).collect()
}

#[actix_rt::test]
async fn the_fourth_message_within_a_minute_is_not_answered() {
    let bench = Bench::new();
    let stored = store(&bench, messages(1, 1..=6)).await;
    for stored in &stored.updates[..3] {
        waiting(stored);
    }
    assert!(
        stored.updates[3..]
            .iter()
            .all(|stored| is_ignored(stored, IgnoreReason::Flood))
    );
    assert_eq!(
        bench.dialogs().iter().filter(|line| line.role == "user").count(),
        6,
        "his words are kept"
    );
}

#[actix_rt::test]
async fn a_flood_is_noticed_once_a_minute() {
    let bench = Bench::new();
    let stored = store(&bench, messages(1, 1..=6)).await;
    let [notice] = &stored.deliveries[..] else {
        panic!("one notice")
    };
    assert!(matches!(&notice.payload, Payload::Message(message) if message.reply.text == "One at a time, please."));
    assert!(store(&bench, messages(1, 7..=9)).await.deliveries.is_empty());
    assert_eq!(bench.outbox().len(), 1);
    assert_eq!(bench.dialogs().iter().filter(|line| line.kind == "service").count(), 1);
    bench.hand.advance(TimeDelta::seconds(60));
    store(&bench, messages(1, 10..=14)).await;
    assert_eq!(bench.outbox().len(), 2);
}

#[actix_rt::test]
async fn after_a_quiet_minute_he_is_answered_again() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=5)).await;
    bench.hand.advance(TimeDelta::seconds(59));
    assert!(is_ignored(
        &store(&bench, messages(1, 6..=6)).await.updates[0],
        IgnoreReason::Flood
    ));
    bench.hand.advance(TimeDelta::seconds(60));
    waiting(&store(&bench, messages(1, 7..=7)).await.updates[0]);
}

#[actix_rt::test]
async fn redelivered_updates_do_not_count_as_a_flood() {
    let bench = Bench::new();
    for _ in 0..5 {
        store(&bench, messages(1, 1..=2)).await;
    }
    waiting(&store(&bench, messages(1, 3..=3)).await.updates[0]);
}

#[actix_rt::test]
async fn a_redelivered_flood_gives_no_second_notice() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=4)).await;
    bench.hand.advance(TimeDelta::minutes(2));
    let again = store(&bench, messages(1, 1..=4)).await;
    assert!(again.updates.iter().all(is_duplicate));
    assert!(again.deliveries.is_empty());
    assert_eq!(bench.outbox().len(), 1);
}

#[actix_rt::test]
async fn one_customers_flood_is_nobody_elses() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=9)).await;
    waiting(&store(&bench, messages(2, 20..=20)).await.updates[0]);
}

#[actix_rt::test]
async fn more_waiting_rows_than_allowed_are_a_flood() {
    let bench = Bench::new();
    let most = |updates| StoreUpdates {
        most_waiting: 2,
        ..batch(updates)
    };
    let stored = bench.tell(most(messages(1, 1..=3))).await;
    assert!(is_ignored(&stored.updates[2], IgnoreReason::Flood));
    bench.answers(1, &[waiting(&stored.updates[0]).id], "yes").await;
    waiting(&bench.tell(most(messages(1, 4..=4))).await.updates[0]);
}

#[actix_rt::test]
async fn a_flood_still_unblocks_and_an_event_is_never_a_flood() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=4)).await;
    let blocked = store(&bench, vec![update(1, 5, Change::Blocked)]).await;
    assert!(is_ignored(&blocked.updates[0], IgnoreReason::Service));
    store(&bench, messages(1, 6..=6)).await;
    assert_eq!(bench.customer(1).blocked_at, None);
}

#[actix_rt::test]
async fn more_untold_edits_than_allowed_are_a_flood_until_they_are_told() {
    let bench = Bench::new();
    let most = |updates| StoreUpdates {
        most_waiting: 2,
        ..batch(updates)
    };
    let row = bench.hears(1, 1, "one").await;
    bench.answers(1, &[row], "yes").await;
    let edits = (2..=4).map(|n| edited(1, n, 1, &format!("other words {n}")));
    let stored = bench.tell(most(edits.collect())).await;
    let told = [edit(&stored.updates[0]).id, edit(&stored.updates[1]).id];
    assert!(is_ignored(&stored.updates[2], IgnoreReason::Flood));
    assert_eq!(bench.conversation(1).await.edits.len(), 2, "no more are kept in memory");
    assert_eq!(
        bench.dialogs().iter().filter(|line| line.kind == "edit").count(),
        3,
        "his words are"
    );
    edit(
        &bench
            .tell(most(vec![edited(2, 5, 1, "another customer")]))
            .await
            .updates[0],
    );
    let next = bench.hears(1, 6, "well?").await;
    let telling = FinishTurn {
        edits: told.to_vec(),
        ..turn(1, &[next], "yes")
    };
    bench.finish(&telling).await;
    edit(&bench.tell(most(vec![edited(1, 7, 1, "once more")])).await.updates[0]);
}

#[actix_rt::test]
async fn a_flood_of_edits_leaves_a_waiting_text_as_its_conversation_knows_it() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=3)).await;
    let stored = store(&bench, vec![edited(1, 4, 3, "other words")]).await;
    assert!(is_ignored(&stored.updates[0], IgnoreReason::Flood));
    let texts: Vec<_> = bench
        .conversation(1)
        .await
        .waiting
        .into_iter()
        .map(|row| row.message)
        .collect();
    assert_eq!(texts, [(); 3].map(|()| CustomerMessage::text("hey")));
}
