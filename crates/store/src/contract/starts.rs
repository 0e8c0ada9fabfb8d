//! RecoverAfterStart: how a start recovers the rows of the last process, and when it counts as an attempt.

use chrono::TimeDelta;

use super::bench::Bench;
use super::samples::{turn, used};
use super::verdicts::reply_in_parts;
use crate::{FinishTurn, RecordOrderlyEnd};

fn attempts(bench: &Bench) -> Vec<i32> {
    let waiting = bench.inbox().into_iter().filter(|row| row.state == "pending");
    waiting.map(|row| row.attempts).collect()
}

#[test]
fn a_start_marks_the_thread_of_every_pending_chat_as_suspect() {
    let bench = Bench::new();
    for (chat, thread) in [(1, "conv_a"), (2, "conv_b")] {
        let row = bench.hears(chat, chat, "hello");
        let end = FinishTurn {
            thread: used(thread, 1),
            ..turn(chat, &[row], "hi")
        };
        bench.finish(&end);
    }
    bench.hears(1, 3, "a");
    bench.hears(1, 4, "b");
    let found = bench.restarts();
    assert_eq!((found.waiting_rows, found.waiting_chats, found.maybe_sent), (2, 1, 2));
    assert!(bench.conversation(1).customer.thread.is_suspect);
    assert!(
        !bench.conversation(2).customer.thread.is_suspect,
        "nothing of theirs was cut off"
    );
}

#[test]
fn only_a_start_after_a_short_crashed_run_counts_an_attempt() {
    let quick = TimeDelta::minutes(10);
    let moment = TimeDelta::microseconds(1);
    // Time since the last process recovered, whether it shut down cleanly, attempts of the oldest row.
    for (later, in_order, counted) in [
        (TimeDelta::zero(), false, 1),
        (TimeDelta::seconds(2), false, 1),
        (quick, false, 1),
        (quick + moment, false, 0),
        (TimeDelta::hours(1), false, 0),
        (TimeDelta::zero(), true, 0),
        (TimeDelta::seconds(2), true, 0),
        // A clock that was set back does not show how long a process ran.
        (-TimeDelta::hours(1), false, 0),
    ] {
        let bench = Bench::new();
        bench.hears(1, 1, "a");
        bench.hears(1, 2, "b");
        bench.hears(2, 3, "c");
        assert!(
            !bench.tell(bench.start_named("first")).is_attempt,
            "no process before it"
        );
        assert_eq!(attempts(&bench), [0, 0, 0]);
        bench.hand.advance(later);
        if in_order {
            let start = "first".to_owned();
            bench.tell(RecordOrderlyEnd { start });
        }
        let found = bench.tell(bench.start_named("second"));
        assert_eq!(found.is_attempt, counted > 0, "{later} {in_order}");
        assert_eq!(attempts(&bench), [counted, 0, counted], "{later} {in_order}");
    }
}

#[test]
fn a_clean_shutdown_excuses_only_the_next_start() {
    let bench = Bench::new();
    bench.hears(1, 1, "a");
    bench.tell(bench.start_named("first"));
    let start = "first".to_owned();
    bench.tell(RecordOrderlyEnd { start });
    assert!(!bench.tell(bench.start_named("second")).is_attempt);
    assert!(bench.tell(bench.start_named("third")).is_attempt);
    assert_eq!(attempts(&bench), [1]);
}

#[test]
fn a_repeated_recovery_changes_nothing() {
    let bench = Bench::new();
    bench.restarts();
    bench.hears(1, 1, "waits");
    reply_in_parts(&bench, 2, 2, &["in hand"]).unwrap();
    let first = bench.tell(bench.start_named("again"));
    assert_eq!((first.maybe_sent, first.is_attempt), (1, true));
    let (rows, deliveries) = (bench.inbox(), bench.outbox());
    for _ in 0..2 {
        // As after a commit that took effect but reported an error.
        assert_eq!(bench.tell(bench.start_named("again")), first);
        assert_eq!((bench.inbox(), bench.outbox()), (rows.clone(), deliveries.clone()));
    }
}

#[test]
fn a_recovery_mark_that_does_not_parse_counts_no_attempt() {
    let bench = Bench::new();
    bench.hears(1, 1, "a");
    for (start, mark) in [("a", ""), ("b", "{}"), ("c", r#"{"start":"z","at":"yesterday"}"#)] {
        bench.tell(bench.start_named("before"));
        bench.write(&format!("UPDATE meta SET value = '{mark}' WHERE key = 'recovery'"));
        assert!(!bench.tell(bench.start_named(start)).is_attempt, "{mark}");
    }
    assert_eq!(bench.inbox()[0].state, "pending");
}
