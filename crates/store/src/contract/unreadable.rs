//! Unreadable rows: each ends alone, with the reason.

use chrono::TimeDelta;
use domain::{Change, InboxId};

use super::bench::Bench;
use super::samples::{claim, edited, facts, history, saved, text, turn, update};
use super::verdicts::{reply_in_parts, retry, sent};
use crate::records::Records;
use crate::statements::leads::RecordedLead;
use crate::{ClaimedDeliveries, CountWork, DeliveryState, EndUnreadable, FindWaitingChats, LeadOutcome};

fn ids(claimed: &ClaimedDeliveries) -> (Vec<i64>, Vec<i64>) {
    let taken = claimed.deliveries.iter().map(|delivery| delivery.id.0);
    let ended = claimed.unreadable.iter().map(|row| row.id.0);
    (taken.collect(), ended.collect())
}

/// Values that SQLite accepts in any column and that frontdesk never wrote.
const CORRUPTED: [&str; 8] = [
    "payload = ''",
    "payload = 'null'",
    "payload = '{\"message\":5}'",
    "payload = x'ff00'",
    "created_at = 'yesterday'",
    "requeued_at = '2026-13-45 99:00:00'",
    "chat_id = 'anna'",
    "due_at = 'soon'",
];

#[test]
fn an_unreadable_delivery_ends_alone_and_its_lane_continues() {
    for corrupted in CORRUPTED {
        let bench = Bench::new();
        let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
        let other = reply_in_parts(&bench, 2, 2, &["x"]).unwrap();
        bench.record(&first, retry(&bench, 1, false));
        bench.record(&other, retry(&bench, 1, false));
        bench.hand.advance(TimeDelta::seconds(1));
        bench.write(&format!("UPDATE outbox SET {corrupted} WHERE id = 1"));
        assert_eq!(ids(&bench.tell(claim(100))), (vec![2, 3], vec![1]), "{corrupted}");
        let ended = ("dead".to_owned(), Some("unreadable".to_owned()), true);
        assert_eq!(bench.end_of(1), ended, "{corrupted}");
        bench.hand.advance(TimeDelta::seconds(10));
        assert!(bench.tell(claim(100)).unreadable.is_empty(), "told once");
    }
}

#[test]
fn an_unreadable_attempt_count_starts_again() {
    for attempts in ["'many'", "x'00'", "99999999999", "-1", "1.5"] {
        let bench = Bench::new();
        let first = reply_in_parts(&bench, 1, 1, &["a"]).unwrap();
        bench.record(&first, retry(&bench, 1, false));
        bench.write(&format!("UPDATE outbox SET attempts = {attempts}"));
        bench.hand.advance(TimeDelta::seconds(1));
        let again = bench.tell(claim(100)).deliveries.remove(0);
        assert_eq!(again.attempt, 1, "{attempts}");
        bench.record(&again, sent(1));
        assert_eq!(bench.outbox_states(), ["completed"], "{attempts}");
    }
}

#[test]
fn an_invalid_due_time_blocks_no_lane() {
    for due in ["'soon'", "x'7a'", "'9999-99-99 00:00:00'", "'+99999-01-01 00:00:00'"] {
        let bench = Bench::new();
        let first = reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
        bench.record(&first, retry(&bench, 1, false));
        let other = reply_in_parts(&bench, 2, 2, &["x"]).unwrap();
        bench.record(&other, retry(&bench, 3600, false));
        bench.write(&format!("UPDATE outbox SET due_at = {due} WHERE id = 1"));
        bench.hand.advance(TimeDelta::seconds(1));
        let found = bench.tell(claim(100));
        let ended = found.unreadable.len();
        assert!(ended == 1 || found.deliveries[0].id.0 == 1, "{due} has ended or is due");
        bench.hand.advance(TimeDelta::hours(1));
        bench.tell(claim(100));
        assert!(!bench.outbox_states().contains(&"retryable".to_owned()), "{due}");
    }
}

#[test]
fn an_unreadable_next_row_does_not_roll_back_a_verdict() {
    for corrupted in CORRUPTED {
        let bench = Bench::new();
        let first = reply_in_parts(&bench, 1, 1, &["a", "b", "c"]).unwrap();
        bench.write(&format!("UPDATE outbox SET {corrupted} WHERE id = 2"));
        bench.hand.advance(TimeDelta::seconds(1));
        assert!(bench.record(&first, sent(7)).is_none(), "{corrupted}");
        assert_eq!(bench.end_of(1), ("completed".to_owned(), None, true), "{corrupted}");
        assert_eq!(ids(&bench.tell(claim(100))), (vec![3], vec![2]), "{corrupted}");
    }
}

#[test]
fn an_unreadable_claimed_delivery_is_not_returned_again() {
    let bench = Bench::new();
    reply_in_parts(&bench, 1, 1, &["a", "b"]).unwrap();
    bench.write("UPDATE outbox SET payload = '{', claimed_at = 'then' WHERE id = 1");
    assert_eq!(ids(&bench.tell(claim(100))), (vec![2], vec![1]));
}

#[test]
fn an_unreadable_message_is_marked_and_the_others_are_read() {
    for content in ["NULL", "''", "'null'", "'{\"body\":{\"song\":1}}'", "x'ff'", "5"] {
        let bench = Bench::new();
        for n in 1..=3 {
            bench.hears(1, n, &format!("text {n}"));
        }
        bench.write(&format!("UPDATE inbox SET content = {content} WHERE id = 2"));
        let waiting = bench.conversation(1).waiting;
        let marks: Vec<bool> = waiting.iter().map(|row| row.is_unreadable).collect();
        assert_eq!(marks, [false, true, false], "{content}");
        assert_eq!(waiting[2].message.transcript(), "text 3");
    }
}

#[test]
fn an_unreadable_arrival_time_does_not_prevent_an_answer() {
    let bench = Bench::new();
    bench.hears(1, 1, "when?");
    bench.write("UPDATE inbox SET received_at = 'once', attempts = 'x', panics = 99999999999");
    let waiting = bench.conversation(1).waiting;
    assert_eq!((waiting[0].received_at, waiting[0].is_unreadable), (bench.now(), false));
    assert_eq!((waiting[0].attempts, waiting[0].panics), (0, 0));
}

#[test]
fn a_message_without_a_valid_chat_ends_and_the_sweep_finds_the_others() {
    for chat in ["'anna'", "x'01'", "1.5"] {
        let bench = Bench::new();
        bench.hears(1, 1, "invalid chat");
        bench.hears(2, 2, "valid chat");
        bench.write(&format!("UPDATE inbox SET chat_id = {chat} WHERE id = 1"));
        let found = bench.tell(FindWaitingChats { limit: 9 });
        assert_eq!((found.unreadable, found.chats.len()), (vec![InboxId(1)], 1), "{chat}");
        bench.tell(EndUnreadable { rows: vec![InboxId(1)] });
        let found = bench.tell(FindWaitingChats { limit: 9 });
        assert_eq!((found.unreadable.len(), found.chats.len()), (0, 1), "{chat}");
        let reason = Some("unreadable".to_owned());
        assert_eq!(bench.inbox_states()[0], ("failed".to_owned(), reason));
    }
}

#[test]
fn an_unreadable_edit_is_ignored() {
    let bench = Bench::new();
    bench.talks(1, 1, "first", "answer");
    bench.store(vec![edited(1, 2, 1, "better"), edited(1, 3, 1, "best")]);
    bench.write("UPDATE inbox SET content = '[]' WHERE id = 2");
    let state = bench.conversation(1);
    assert_eq!((state.edits.len(), state.unreadable_edits), (1, vec![InboxId(2)]));
    let rows = vec![InboxId(2), InboxId(1)];
    bench.tell(EndUnreadable { rows });
    let reason = |word: &str| Some(word.to_owned());
    let expected = [
        ("done".to_owned(), None),
        ("ignored".to_owned(), reason("unreadable")),
        ("ignored".to_owned(), reason("edited")),
    ];
    assert_eq!(bench.inbox_states(), expected, "finished rows do not change");
    assert!(bench.conversation(1).unreadable_edits.is_empty());
}

#[test]
fn a_row_in_an_unknown_state_ends_at_the_next_start() {
    for state in ["'lost'", "''", "'zzz'", "x'ff'", "7"] {
        let bench = Bench::new();
        bench.talks(1, 1, "done", "answer");
        bench.hears(1, 2, "never ended");
        bench.write(&format!(
            "UPDATE inbox SET state = {state}; UPDATE outbox SET state = {state}"
        ));
        let found = bench.restarts();
        assert_eq!(found.unreadable_rows.len(), 2, "{state}");
        assert_eq!(found.unreadable_deliveries.len(), 1, "{state}");
        let states: Vec<String> = bench.inbox().into_iter().map(|row| row.state).collect();
        assert_eq!(states, ["failed", "pending"], "{state}");
        assert_eq!(bench.outbox_states(), ["dead"], "{state}");
    }
}

fn contact(bench: &Bench, chat: i64, row: InboxId, digits: &str) -> RecordedLead {
    bench.tell(saved(chat, row, facts(digits)))
}

#[test]
fn an_unreadable_lead_is_left_alone_and_the_next_contact_is_a_new_lead() {
    for corrupted in ["contact_info = '{'", "updated_at = 'today'"] {
        let bench = Bench::new();
        let row = bench.hears(1, 1, "my number");
        contact(&bench, 1, row, "79123456789");
        bench.write(&format!("UPDATE successful_dialogs SET {corrupted}"));
        assert_eq!(
            contact(&bench, 1, row, "79990000000").outcome,
            LeadOutcome::New,
            "{corrupted}"
        );
        bench.answers(1, &[row], "saved");
        assert_eq!(bench.letters("owner@example.org").len(), 2, "{corrupted}");
        let mut records = Records::open(&bench.path()).unwrap();
        assert_eq!(records.leads(None, None).unwrap().len(), 2, "{corrupted}");
    }
}

#[test]
fn an_unreadable_waiting_letter_does_not_block_the_end_of_a_turn() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "my number");
    contact(&bench, 1, row, "79123456789");
    bench.write("UPDATE outbox SET payload = '{' WHERE address = 'owner@example.org'");
    let next = contact(&bench, 1, row, "79990000000");
    assert_eq!(next.outcome, LeadOutcome::Updated);
    assert!(bench.answers(1, &[row], "saved").is_written);
    bench.hand.advance(TimeDelta::minutes(1));
    let claimed = bench.tell(claim(100));
    assert_eq!(claimed.unreadable.len(), 1);
    let letters = bench.letters("owner@example.org");
    let states: Vec<&str> = letters.iter().map(|letter| letter.state.as_str()).collect();
    assert_eq!(states, ["dead", "executing"], "the update is sent instead");
}

#[test]
fn an_unreadable_thread_start_hides_the_history() {
    let bench = Bench::new();
    bench.talks(1, 1, "before the reset", "answer");
    bench.write("UPDATE customers SET thread_since = 'once'");
    assert!(bench.tell(history(1, bench.now())).lines.is_empty());
}

#[test]
fn counts_and_lists_work_despite_an_unreadable_time() {
    let bench = Bench::new();
    reply_in_parts(&bench, 1, 1, &["a"]).unwrap();
    bench.store(vec![text(2, 2, "waits"), update(3, 3, Change::Blocked)]);
    bench.write("UPDATE outbox SET created_at = 'once'");
    let work = bench.tell(CountWork);
    assert_eq!((work.waiting, work.undelivered, work.oldest_undelivered), (1, 1, None));
    let mut records = Records::open(&bench.path()).unwrap();
    assert_eq!(records.deliveries(&DeliveryState::ALL, 9).unwrap().len(), 1);
    let end = turn(2, &[InboxId(2)], "answer");
    assert!(bench.finish(&end).is_written);
}
