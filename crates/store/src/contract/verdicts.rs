//! RecordVerdict: the result of one delivery and the next step of its lane, in one transaction.

use chrono::TimeDelta;
use domain::Change;

use super::bench::Bench;
use super::samples::{reply, turn, update};
use crate::{Delivery, FinishTurn, RecoverDeliveries, ReplyKind, ToChat, Verdict};

/// A reply in these parts to one message of the chat; its first part is claimed.
pub(super) fn reply_in_parts(bench: &Bench, chat: i64, n: i64, parts: &[&str]) -> Option<Delivery> {
    let row = bench.hears(chat, n, "words");
    let end = FinishTurn {
        reply: Some(reply(ReplyKind::Answer, parts)),
        ..turn(chat, &[row], "")
    };
    bench.finish(&end).deliveries.pop()
}

pub(super) fn sent(remote_id: i64) -> Verdict {
    Verdict::Sent {
        remote_id: Some(remote_id),
    }
}

pub(super) fn retry(bench: &Bench, seconds: i64, maybe_sent: bool) -> Verdict {
    Verdict::RetryAt {
        due: bench.now() + TimeDelta::seconds(seconds),
        reason: "transient".into(),
        maybe_sent,
    }
}

fn text_of(delivery: &Delivery) -> &str {
    match delivery.payload.to_chat() {
        Some(ToChat::Message(message)) => &message.reply.text,
        Some(ToChat::Leave) | None => "no message",
    }
}

#[test]
fn a_sent_part_is_complete_and_claims_the_next() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b", "c"]).unwrap();
    bench.hand.advance(TimeDelta::seconds(1));
    let second = bench.record(&first, sent(77)).expect("the next part");
    assert_eq!((text_of(&second), second.attempt), ("b", 1));
    assert_eq!(bench.outbox_states(), ["completed", "executing", "scheduled"]);
    let row = &bench.outbox()[0];
    assert_eq!(
        (row.remote_id, row.finished_at),
        (Some(77), Some(bench.now().naive_utc()))
    );
    let third = bench.record(&second, sent(78)).expect("the last part");
    assert_eq!(text_of(&third), "c");
    assert!(bench.record(&third, sent(79)).is_none());
}

#[test]
fn a_lane_continues_from_one_reply_to_the_next() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a"]).unwrap();
    assert!(reply_in_parts(&bench, 1, 2, &["b"]).is_none());
    let elsewhere = reply_in_parts(&bench, 2, 3, &["x"]).unwrap();
    assert!(
        bench.record(&elsewhere, sent(1)).is_none(),
        "another lane's rows are not claimed"
    );
    assert_eq!(text_of(&bench.record(&first, sent(2)).unwrap()), "b");
}

#[test]
fn a_waiting_retry_blocks_its_lane() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    assert!(bench.record(&first, retry(&bench, 30, false)).is_none());
    let row = &bench.outbox()[0];
    assert_eq!(
        (row.state.as_str(), row.reason.as_deref(), row.maybe_sent),
        ("retryable", Some("transient"), 0)
    );
    assert_eq!(row.due_at, (bench.now() + TimeDelta::seconds(30)).naive_utc());
    assert!(reply_in_parts(&bench, 1, 2, &["c"]).is_none(), "nothing overtakes it");
    assert_eq!(bench.outbox_states(), ["retryable", "scheduled", "scheduled"]);
}

#[test]
fn every_attempt_that_may_have_been_sent_is_counted() {
    let bench = Bench::new();
    let mut delivery = reply_in_parts(&bench, 1, 1, &["a"]).unwrap();
    for attempt in 1..=3 {
        assert_eq!(delivery.attempt, attempt);
        delivery = bench
            .record(&delivery, retry(&bench, 0, attempt != 2))
            .expect("due at once");
    }
    assert_eq!(bench.outbox()[0].maybe_sent, 2);
    bench.record(&delivery, sent(1));
    let row = &bench.outbox()[0];
    assert_eq!((row.state.as_str(), row.maybe_sent, row.attempts), ("completed", 2, 4));
}

#[test]
fn a_dead_letter_keeps_its_reason_and_frees_the_lane() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    let dead = Verdict::Dead {
        reason: "chat not found".into(),
    };
    let second = bench.record(&first, dead).expect("the lane goes on");
    let row = &bench.outbox()[0];
    assert_eq!(
        (row.state.as_str(), row.reason.as_deref()),
        ("dead", Some("chat not found"))
    );
    bench.record(&second, sent(1));
    assert_eq!(
        bench.dialogs()[1].delivered_at,
        None,
        "a reply with a part missing was not delivered"
    );
}

#[test]
fn a_block_cancels_the_whole_lane_of_the_chat() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    reply_in_parts(&bench, 1, 2, &["c"]);
    reply_in_parts(&bench, 2, 3, &["x"]);
    // Claimed after the customer's last message.
    bench.hand.advance(TimeDelta::seconds(1));
    let first = bench.record(&first, retry(&bench, 0, false)).unwrap();
    assert!(bench.record(&first, Verdict::Blocked).is_none());
    assert_eq!(
        bench.outbox_states(),
        ["cancelled", "cancelled", "cancelled", "executing"]
    );
    assert!(
        bench.outbox()[..3]
            .iter()
            .all(|row| row.reason.as_deref() == Some("blocked"))
    );
    assert!(bench.conversation(1).customer.is_blocked);
    assert!(!bench.conversation(2).customer.is_blocked);
}

#[test]
fn a_block_older_than_the_customers_return_is_ignored() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a"]).unwrap();
    bench.hand.advance(TimeDelta::seconds(1));
    bench.store(vec![update(1, 2, Change::Blocked), update(1, 3, Change::Unblocked)]);
    assert!(reply_in_parts(&bench, 1, 4, &["welcome back"]).is_none());
    let next = bench
        .record(&first, Verdict::Blocked)
        .expect("the answer to the later message");
    assert_eq!(text_of(&next), "welcome back");
    assert!(!bench.conversation(1).customer.is_blocked);
    assert!(
        bench.record(&next, Verdict::Blocked).is_none(),
        "blocked after the return"
    );
    assert!(bench.conversation(1).customer.is_blocked);
}

#[test]
fn a_verdict_given_twice_counts_once() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    bench.record(&first, sent(1)).unwrap();
    let before = bench.outbox();
    for verdict in [
        sent(2),
        retry(&bench, 9, true),
        Verdict::Dead { reason: "late".into() },
        Verdict::Blocked,
    ] {
        assert!(bench.record(&first, verdict).is_none());
        assert_eq!(bench.outbox(), before);
    }
    assert!(!bench.conversation(1).customer.is_blocked);
}

#[test]
fn a_late_verdict_never_changes_another_attempt() {
    let bench = Bench::new();
    let first = reply_in_parts(&bench, 1, 1, &["a"]).unwrap();
    let second = bench.record(&first, retry(&bench, 0, false)).expect("due at once");
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert!(bench.record(&first, sent(1)).is_none());
    assert_eq!(bench.outbox_states(), ["executing"]);
    bench.tell(RecoverDeliveries);
    assert!(bench.record(&second, sent(1)).is_none(), "no longer executing");
    assert_eq!(bench.outbox_states(), ["retryable"]);
}
