//! StoreUpdates: customers who exceed the message limits.

use chrono::TimeDelta;
use domain::{Change, CustomerMessage, IgnoreReason, IncomingUpdate, Origin};

use super::bench::Bench;
use super::samples::{
    batch, begin, close, edit, edited, ignored, is_duplicate, is_ignored, phone, text, turn, update, waiting,
};
use crate::sqlite::read_only::{Cell, query};
use crate::{FinishTurn, FloodBounds, LeadOutcome, Outcome, Payload, StoreUpdates, StoredUpdate, StoredUpdates};

/// At most three updates a minute.
fn store(bench: &Bench, updates: Vec<IncomingUpdate>) -> StoredUpdates {
    let bounded = StoreUpdates {
        max_per_minute: Some(3),
        ..batch(updates)
    };
    bench.tell(bounded)
}

fn messages(chat: i64, numbers: std::ops::RangeInclusive<i64>) -> Vec<IncomingUpdate> {
    numbers.map(|n| text(chat, n, "hey")).collect()
}

#[test]
fn the_fourth_message_of_a_customer_within_a_minute_is_not_answered() {
    let bench = Bench::new();
    let stored = store(&bench, messages(1, 1..=6));
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
        "their words are kept"
    );
    waiting(&store(&bench, messages(2, 20..=20)).updates[0]);
}

#[test]
fn a_flood_notice_is_sent_at_most_once_a_minute() {
    let bench = Bench::new();
    let stored = store(&bench, messages(1, 1..=6));
    let [notice] = &stored.deliveries[..] else {
        panic!("one notice")
    };
    assert!(matches!(&notice.payload, Payload::Message(message) if message.reply.text == "One at a time, please."));
    assert!(store(&bench, messages(1, 7..=9)).deliveries.is_empty());
    assert_eq!(bench.outbox().len(), 1);
    assert_eq!(bench.dialogs().iter().filter(|line| line.kind == "service").count(), 1);
    bench.hand.advance(TimeDelta::seconds(60));
    store(&bench, messages(1, 10..=14));
    assert_eq!(bench.outbox().len(), 2);
}

#[test]
fn after_a_quiet_minute_the_customer_is_answered_again() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=5));
    bench.hand.advance(TimeDelta::seconds(59));
    assert!(is_ignored(
        &store(&bench, messages(1, 6..=6)).updates[0],
        IgnoreReason::Flood
    ));
    bench.hand.advance(TimeDelta::seconds(60));
    waiting(&store(&bench, messages(1, 7..=7)).updates[0]);
}

#[test]
fn duplicate_updates_do_not_count_as_a_flood() {
    let bench = Bench::new();
    for _ in 0..5 {
        store(&bench, messages(1, 1..=2));
    }
    waiting(&store(&bench, messages(1, 3..=3)).updates[0]);
}

#[test]
fn a_duplicate_flood_sends_no_second_notice() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=4));
    bench.hand.advance(TimeDelta::minutes(2));
    let again = store(&bench, messages(1, 1..=4));
    assert!(again.updates.iter().all(is_duplicate));
    assert!(again.deliveries.is_empty());
    assert_eq!(bench.outbox().len(), 1);
}

#[test]
fn more_waiting_rows_than_allowed_are_a_flood() {
    let bench = Bench::new();
    let most = |updates| StoreUpdates {
        max_waiting: 2,
        ..batch(updates)
    };
    let stored = bench.tell(most(messages(1, 1..=3)));
    assert!(is_ignored(&stored.updates[2], IgnoreReason::Flood));
    bench.answers(1, &[waiting(&stored.updates[0]).id], "yes");
    waiting(&bench.tell(most(messages(1, 4..=4))).updates[0]);
}

#[test]
fn a_flood_still_unblocks_and_an_event_is_never_a_flood() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=4));
    let blocked = store(&bench, vec![update(1, 5, Change::Blocked)]);
    assert!(is_ignored(&blocked.updates[0], IgnoreReason::Service));
    store(&bench, messages(1, 6..=6));
    assert_eq!(bench.customer(1).blocked_at, None);
}

#[test]
fn too_many_pending_edits_are_a_flood_until_a_turn_includes_them() {
    let bench = Bench::new();
    let most = |updates| StoreUpdates {
        max_waiting: 2,
        ..batch(updates)
    };
    bench.talks(1, 1, "one", "yes");
    let edits = (2..=4).map(|n| edited(1, n, 1, &format!("other words {n}")));
    let stored = bench.tell(most(edits.collect()));
    let pending = [edit(&stored.updates[0]).id, edit(&stored.updates[1]).id];
    assert!(is_ignored(&stored.updates[2], IgnoreReason::Flood));
    assert_eq!(bench.conversation(1).edits.len(), 2, "no more are kept in memory");
    assert_eq!(
        bench.dialogs().iter().filter(|line| line.kind == "edit").count(),
        3,
        "the dialog has all edits"
    );
    edit(&bench.tell(most(vec![edited(2, 5, 1, "another customer")])).updates[0]);
    let next = bench.hears(1, 6, "well?");
    let telling = FinishTurn {
        edits: pending.to_vec(),
        ..turn(1, &[next], "yes")
    };
    bench.finish(&telling);
    edit(&bench.tell(most(vec![edited(1, 7, 1, "once more")])).updates[0]);
}

#[test]
fn a_flood_of_edits_does_not_change_a_waiting_text() {
    let bench = Bench::new();
    store(&bench, messages(1, 1..=3));
    let stored = store(&bench, vec![edited(1, 4, 3, "other words")]);
    assert!(is_ignored(&stored.updates[0], IgnoreReason::Flood));
    let texts: Vec<_> = bench
        .conversation(1)
        .waiting
        .into_iter()
        .map(|row| row.message)
        .collect();
    assert_eq!(texts, [(); 3].map(|()| CustomerMessage::text("hey")));
}

/// Three a minute and eight a day. Of a flood, two an hour and three a day are stored, ten characters of each.
fn bounded(updates: Vec<IncomingUpdate>) -> StoreUpdates {
    StoreUpdates {
        max_per_minute: Some(3),
        floods: FloodBounds {
            per_day: 8,
            kept_per_hour: 2,
            kept_per_day: 3,
            chars: 10,
        },
        ..batch(updates)
    }
}

fn is_counted(stored: &StoredUpdate) -> bool {
    matches!(stored.outcome, Outcome::Counted)
}

/// The number of messages without a row, for each report.
fn counted(bench: &Bench) -> Vec<(i64, i64)> {
    let rows = query(
        &bench.path(),
        "SELECT report_id, messages FROM floods ORDER BY 1, chat_id",
    )
    .unwrap();
    let number = |cell: &Cell| match cell {
        Cell::Integer(number) => *number,
        other => panic!("not a number: {other:?}"),
    };
    rows.rows.iter().map(|row| (number(&row[0]), number(&row[1]))).collect()
}

#[test]
fn messages_beyond_the_rows_allowed_for_a_flood_are_only_counted() {
    let bench = Bench::new();
    let long = "ж".repeat(4_096);
    let updates = (1..=9).map(|n| text(1, n, &long)).collect();
    let stored = bench.tell(bounded(updates)).updates;
    assert_eq!(stored.iter().filter(|one| is_counted(one)).count(), 4);
    assert!(stored[5..].iter().all(is_counted));
    let lengths: Vec<usize> = bench
        .dialogs()
        .iter()
        .filter(|line| line.role == "user")
        .map(|line| line.message.chars().count())
        .collect();
    assert_eq!(lengths, [4_096, 4_096, 4_096, 10, 10]);
    assert!(bench.dialogs().iter().any(|line| line.message == "жжжжжжжжж…"));
    assert_eq!(bench.inbox().len(), 5);
    assert_eq!(counted(&bench), [(1, 4)]);
    // An hour later one more is stored: then the daily limit is reached.
    bench.hand.advance(TimeDelta::minutes(61));
    let updates = (10..=15).map(|n| text(1, n, "again")).collect();
    let stored = bench.tell(bounded(updates)).updates;
    assert!(
        is_ignored(&stored[0], IgnoreReason::Flood),
        "more than eight a day, however slow"
    );
    assert!(stored[1..].iter().all(is_counted));
    bench.hand.advance(TimeDelta::hours(23));
    waiting(&bench.tell(bounded(vec![text(1, 16, "the next day")])).updates[0]);
    waiting(&bench.tell(bounded(vec![text(2, 17, "somebody else")])).updates[0]);
}

#[test]
fn a_customer_over_the_daily_limit_is_notified_once_an_hour() {
    let bench = Bench::new();
    let said = |bench: &Bench| -> Vec<String> {
        let lines = bench.dialogs().into_iter();
        lines
            .filter(|line| line.kind == "service")
            .map(|line| line.message)
            .collect()
    };
    bench
        .hand
        .advance(TimeDelta::seconds(3_600 - bench.now().timestamp() % 3_600));
    for n in 1..=8 {
        bench.tell(bounded(vec![text(1, n, "slowly")]));
        bench.hand.advance(TimeDelta::seconds(30));
    }
    assert_eq!(said(&bench), [""; 0], "eight are answered");
    for n in 9..=40 {
        bench.tell(bounded(vec![text(1, n, "slowly")]));
        bench.hand.advance(TimeDelta::seconds(60));
    }
    assert_eq!(said(&bench), ["Tomorrow, please."]);
    bench.hand.advance(TimeDelta::minutes(40));
    // Also over the limit per minute, but the daily limit decides the reply: waiting a minute would not help.
    bench.tell(bounded((41..=50).map(|n| text(1, n, "at once")).collect()));
    assert_eq!(said(&bench), ["Tomorrow, please."; 2]);
    bench.hand.advance(TimeDelta::hours(24));
    bench.tell(bounded((51..=54).map(|n| text(1, n, "at once")).collect()));
    assert_eq!(said(&bench)[2..], ["One at a time, please."]);
}

#[test]
fn messages_that_are_only_counted_prolong_a_flood() {
    let bench = Bench::new();
    for n in 1..=30 {
        // One every ten seconds: six a minute.
        let stored = bench.tell(bounded(vec![text(1, n, "drip")])).updates;
        assert_eq!(matches!(stored[0].outcome, Outcome::Waiting(_)), n <= 3, "message {n}");
        bench.hand.advance(TimeDelta::seconds(10));
    }
    assert_eq!(bench.inbox().len(), 5);
}

#[test]
fn a_duplicate_of_a_counted_update_has_no_effect() {
    let bench = Bench::new();
    let updates: Vec<_> = (1..=9).map(|n| text(1, n, "hey")).collect();
    bench.tell(bounded(updates.clone()));
    let (rows, letters) = (bench.dialogs(), bench.outbox());
    bench.hand.advance(TimeDelta::hours(25));
    for _ in 0..2 {
        let again = bench.tell(bounded(updates.clone()));
        assert!(again.updates.iter().all(is_duplicate));
        assert!(again.deliveries.is_empty());
    }
    assert_eq!((bench.dialogs(), bench.outbox()), (rows, letters));
    assert_eq!(counted(&bench), [(1, 4)]);
    waiting(&bench.tell(bounded(vec![text(1, 10, "tomorrow")])).updates[0]);
    // Another bot has its own update ids, and the same bot may start again after a week.
    bench.tell(bounded((11..=20).map(|n| text(1, n, "hey")).collect()));
    let mut other = text(1, 5, "to another bot");
    other.key = "8:5:1:5:0".into();
    bench.hand.advance(TimeDelta::hours(30));
    waiting(&bench.tell(bounded(vec![other])).updates[0]);
    bench.hand.advance(TimeDelta::days(8));
    let mut early = text(1, 2, "after a quiet week");
    early.key = "7:2:1:99:0".into();
    waiting(&bench.tell(bounded(vec![early])).updates[0]);
}

#[test]
fn a_contact_in_a_message_that_is_only_counted_is_a_lead() {
    let bench = Bench::new();
    bench.tell(bounded((1..=9).map(|n| text(1, n, "hey")).collect()));
    let with_number = |n: i64, digits: &str| {
        let mut store = bounded(vec![text(1, n, "call me there")]);
        store.admissions[0].contacts = vec![phone(digits, Origin::Typed)];
        store
    };
    let first = bench.tell(with_number(10, "79123456789")).updates.remove(0);
    assert_eq!(first.lead.unwrap().outcome, LeadOutcome::New);
    assert!(
        is_ignored(&first, IgnoreReason::Flood),
        "the words that brought a lead stay"
    );
    assert_eq!(bench.dialogs().last().unwrap().message, "call me t…");
    let known = bench.tell(with_number(11, "79123456789")).updates.remove(0);
    assert!(is_counted(&known) && known.lead.is_none());
    let other = bench.tell(with_number(12, "79990000000")).updates.remove(0);
    assert_eq!(other.lead.unwrap().outcome, LeadOutcome::Updated);
    assert!(is_counted(&other), "a stream of numbers is no way around the bound");
    assert!(bench.leads()[0].contact_info.contains("79990000000"));
    let again = bench.tell(with_number(12, "79990000000")).updates.remove(0);
    assert!(is_duplicate(&again));
    assert_eq!((bench.leads().len(), bench.letters("owner@example.org").len()), (1, 1));
}

#[test]
fn a_count_goes_into_the_report_of_its_time() {
    let bench = Bench::new();
    bench.tell(begin());
    bench.tell(bounded((1..=9).map(|n| text(1, n, "hey")).collect()));
    bench.tell(close(bench.now())).unwrap();
    bench.tell(bounded((10..=11).map(|n| text(1, n, "hey")).collect()));
    assert_eq!(counted(&bench), [(1, 4), (2, 2)]);
}

#[test]
fn updates_without_content_are_limited_too() {
    let bench = Bench::new();
    let updates = (1..=4)
        .map(|n| ignored(1, n, IgnoreReason::Unchanged))
        .chain([ignored(1, 5, IgnoreReason::Unreadable)])
        .collect();
    let stored = bench.tell(bounded(updates)).updates;
    let kept: Vec<bool> = stored.iter().map(|one| !is_counted(one)).collect();
    assert_eq!(
        kept,
        [true, true, false, false, true],
        "the unreadable update is stored"
    );
    assert_eq!(counted(&bench), []);
    waiting(&bench.tell(bounded(vec![text(1, 6, "a question")])).updates[0]);
}

#[test]
fn a_flood_of_edits_is_cut_and_counted_too() {
    let bench = Bench::new();
    bench.hears(1, 1, "words");
    let edits = (2..=10).map(|n| edited(1, n, 1, &format!("other words {n}")));
    let stored = bench.tell(bounded(edits.collect())).updates;
    assert_eq!(stored.iter().filter(|one| is_counted(one)).count(), 4);
    let lines = bench.dialogs();
    assert_eq!(lines.iter().filter(|line| line.message == "other wor…").count(), 2);
    assert_eq!(counted(&bench), [(1, 4)]);
}
