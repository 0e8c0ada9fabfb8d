//! StoreUpdates: every update is stored once, in order, and never affects other updates.

use diesel::connection::SimpleConnection;
use domain::{Change, ChatId, Command, CustomerMessage, IgnoreReason, InboxId, OutgoingMessage};

use super::bench::Bench;
use super::samples::{admission, batch, command, ignored, is_duplicate, is_ignored, text, update, waiting, wrote};
use crate::{Outcome, Payload, StoreUpdates};

#[test]
fn a_message_stores_its_row_customer_and_text_together() {
    let bench = Bench::new();
    let stored = bench.store(vec![text(1, 10, "Hello")]);
    let row = waiting(&stored.updates[0]);
    assert_eq!(row.message, CustomerMessage::text("Hello"));
    assert_eq!(row.received_at, bench.now());
    let [inbox] = &bench.inbox()[..] else { panic!("one row") };
    assert_eq!((inbox.id, inbox.state.as_str()), (row.id.0, "pending"));
    let [words] = &bench.dialogs()[..] else {
        panic!("one line")
    };
    assert_eq!(
        (words.user_id, words.role.as_str(), words.message.as_str()),
        (1, "user", "Hello")
    );
    assert_eq!(
        (words.username.as_str(), words.inbox_id, words.turn_id),
        ("anna", Some(row.id.0), None)
    );
    assert_eq!(bench.conversation(1).customer.profile.first_name, "Anna");
}

#[test]
fn a_batch_delivered_three_times_is_stored_once() {
    let bench = Bench::new();
    let updates = vec![text(1, 10, "a"), text(2, 11, "b"), text(1, 12, "c")];
    assert!(
        bench
            .store(updates.clone())
            .updates
            .iter()
            .all(|stored| !is_duplicate(stored))
    );
    for _ in 0..2 {
        assert!(bench.store(updates.clone()).updates.iter().all(is_duplicate));
    }
    assert_eq!(bench.inbox().len(), 3);
    assert_eq!(bench.dialogs().len(), 3);
}

#[test]
fn a_duplicate_update_does_not_affect_the_rest_of_its_batch() {
    let bench = Bench::new();
    bench.hears(1, 11, "known");
    let stored = bench.store(vec![text(1, 10, "before"), text(1, 11, "known"), text(1, 12, "after")]);
    assert!(is_duplicate(&stored.updates[1]));
    let (before, after) = (waiting(&stored.updates[0]).id, waiting(&stored.updates[2]).id);
    assert!(
        InboxId(1) < before && before < after,
        "a refused key may leave a gap, never disorder"
    );
    assert_eq!(stored.updates[2].previous, Some(before));
}

#[test]
fn an_update_that_violates_a_constraint_alone_is_stored_raw() {
    let bench = Bench::new();
    let rule = "CREATE UNIQUE INDEX once ON dialogs (message)";
    bench.conn().batch_execute(rule).unwrap();
    let stored = bench.store(vec![text(1, 10, "same"), text(2, 11, "same"), text(3, 12, "other")]);
    assert!(is_ignored(&stored.updates[1], IgnoreReason::Unreadable));
    assert_eq!(waiting(&stored.updates[2]).message, CustomerMessage::text("other"));
    assert_eq!(bench.inbox()[1].raw, "{\"update_id\":11}");
    assert_eq!(bench.dialogs().len(), 2);
}

#[test]
fn rows_keep_the_order_of_the_batch_and_name_their_predecessor() {
    let bench = Bench::new();
    let batch = vec![
        text(1, 30, "a"),
        text(2, 20, "b"),
        text(1, 10, "c"),
        text(1, 30, "a"),
        text(2, 40, "d"),
    ];
    let stored = bench.store(batch);
    let stored = stored.updates.iter().filter(|stored| !is_duplicate(stored));
    let previous: Vec<_> = stored.map(|stored| stored.previous.map(|row| row.0)).collect();
    assert_eq!(previous, [None, None, Some(1), Some(2)]);
    let keys: Vec<_> = bench.inbox().into_iter().map(|row| row.key).collect();
    assert_eq!(keys, ["7:30:1:30:0", "7:20:2:20:0", "7:10:1:10:0", "7:40:2:40:0"]);
}

#[test]
fn the_newest_row_is_found_in_every_state() {
    let bench = Bench::new();
    let first = bench.talks(1, 1, "a", "A");
    assert_eq!(bench.conversation(1).newest, Some(first));
    bench.store(vec![update(1, 2, Change::Unblocked)]);
    assert_eq!(bench.conversation(1).newest, Some(InboxId(2)));
    let third = bench.hears(1, 3, "c");
    assert_eq!(bench.conversation(1).newest, Some(third));
    assert_eq!(bench.conversation(2).newest, None);
}

#[test]
fn only_the_first_deep_link_becomes_the_source() {
    let bench = Bench::new();
    for (n, payload) in (1..).zip([None, Some("avito3"), Some("flyer")]) {
        let start = Command::Start {
            payload: payload.map(str::to_owned),
        };
        bench.store(vec![command(1, n, start)]);
    }
    assert_eq!(bench.customer(1).source.as_deref(), Some("avito3"));
    assert_eq!(bench.conversation(1).customer.source.as_deref(), Some("avito3"));
}

#[test]
fn blocking_and_unblocking_mark_the_customer_unanswered() {
    let bench = Bench::new();
    bench.hears(1, 1, "a");
    for (n, change, is_blocked) in [
        (2, Change::Blocked, true),
        (3, Change::Unblocked, false),
        (4, Change::Blocked, true),
    ] {
        let stored = bench.store(vec![update(1, n, change)]);
        assert!(is_ignored(&stored.updates[0], IgnoreReason::Service));
        assert_eq!(bench.conversation(1).customer.is_blocked, is_blocked);
    }
    assert!(bench.outbox().is_empty());
}

#[test]
fn a_message_from_a_blocked_customer_unblocks_them() {
    let bench = Bench::new();
    bench.store(vec![update(1, 1, Change::Blocked)]);
    bench.hears(1, 2, "I am back");
    assert_eq!(bench.customer(1).blocked_at, None);
}

#[test]
fn an_ignored_update_is_stored_with_its_reason() {
    let bench = Bench::new();
    let reasons = [
        IgnoreReason::Bot,
        IgnoreReason::Channel,
        IgnoreReason::Group,
        IgnoreReason::Service,
        IgnoreReason::Unreadable,
    ];
    let updates = (1..).zip(reasons).map(|(n, reason)| ignored(-5, n, reason)).collect();
    let stored = bench.store(updates);
    for (stored, reason) in stored.updates.iter().zip(reasons) {
        assert!(is_ignored(stored, reason));
    }
    let expected = reasons.map(|reason| ("ignored".to_owned(), Some(reason.word().to_owned())));
    assert_eq!(bench.inbox_states(), expected);
    assert!(bench.dialogs().is_empty());
    assert!(bench.inbox().iter().all(|row| row.finished_at.is_some()));
}

#[test]
fn a_group_gets_a_farewell_before_the_bot_leaves() {
    let bench = Bench::new();
    let mut joined = admission(ignored(-5, 1, IgnoreReason::Group));
    joined.update.change = Change::JoinedGroup { may_write: true };
    joined.farewell = Some(OutgoingMessage::plain("I serve private chats."));
    let store = StoreUpdates {
        admissions: vec![joined],
        ..batch(vec![])
    };
    let stored = bench.tell(store);
    assert!(is_ignored(&stored.updates[0], IgnoreReason::Group));
    let [farewell] = &stored.deliveries[..] else {
        panic!("one claimed delivery")
    };
    assert!(matches!(farewell.payload, Payload::Message(_)));
    assert_eq!(bench.outbox_states(), ["executing", "scheduled"]);
    let sent = crate::Verdict::Sent { remote_id: Some(1) };
    let leave = bench.record(farewell, sent).expect("the lane goes on");
    assert_eq!((leave.chat, &leave.payload), (ChatId(-5), &Payload::LeaveChat));
}

#[test]
fn the_bot_leaves_a_group_it_may_not_write_to_without_a_farewell() {
    let bench = Bench::new();
    let mut joined = ignored(-5, 1, IgnoreReason::Group);
    joined.change = Change::JoinedGroup { may_write: false };
    let stored = bench.store(vec![joined.clone()]);
    assert_eq!(stored.deliveries[0].payload, Payload::LeaveChat);
    assert!(bench.store(vec![joined]).deliveries.is_empty());
    assert_eq!(bench.outbox().len(), 1);
}

#[test]
fn ids_beyond_thirty_two_bits_survive() {
    let bench = Bench::new();
    let (chat, n) = (-1_002_345_678_901, 9_007_199_254_740_991);
    let row = bench.hears(chat, n, "far");
    let state = bench.conversation(chat);
    assert_eq!((state.waiting[0].id, state.waiting[0].update.0), (row, n));
    assert_eq!(state.waiting[0].message_id.0, n);
    let finished = bench.answers(chat, &[row], "near");
    assert_eq!(
        (finished.deliveries[0].chat.0, finished.deliveries[0].update),
        (chat, Some(n))
    );
    let sent = crate::Verdict::Sent { remote_id: Some(n) };
    bench.record(&finished.deliveries[0], sent);
    assert_eq!(bench.outbox()[0].remote_id, Some(n));
}

#[test]
fn any_text_survives_the_round_trip() {
    let bench = Bench::new();
    let texts = [
        "a\u{0}b",
        "half \u{fffd} emoji",
        "'; DROP TABLE inbox; --",
        "😀\r\n\u{202e}",
        "",
    ];
    for (n, text) in (1..).zip(texts) {
        let chat = n;
        bench.store(vec![wrote(chat, n, CustomerMessage::text(text))]);
        let state = bench.conversation(chat);
        assert_eq!(state.waiting[0].message, CustomerMessage::text(text));
        let finished = bench.answers(chat, &[state.waiting[0].id], text);
        assert_eq!(
            finished.deliveries[0].payload,
            Payload::Message(OutgoingMessage::plain(text))
        );
    }
    let words: Vec<_> = bench.dialogs().into_iter().filter(|line| line.role == "user").collect();
    assert_eq!(
        words.iter().map(|line| line.message.as_str()).collect::<Vec<_>>(),
        texts
    );
}

#[test]
fn a_repeated_update_never_replaces_what_was_stored() {
    let bench = Bench::new();
    bench.hears(1, 1, "first");
    let stored = bench.store(vec![text(1, 1, "forged")]);
    assert!(matches!(stored.updates[0].outcome, Outcome::Duplicate));
    assert_eq!(bench.conversation(1).waiting[0].message, CustomerMessage::text("first"));
}
