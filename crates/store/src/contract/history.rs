//! LoadHistory: what a new thread includes, and what it never includes.

use chrono::TimeDelta;
use domain::{ChatId, Command, FailReason, HistoryLine, Role};

use super::bench::Bench;
use super::samples::{self, command, edit, edited, facts, gap, reply, saved, text, turn, waiting};
use crate::{Ending, FinishTurn, LoadHistory, ReplyKind, ThreadUpdate};

fn history(bench: &Bench, chat: i64) -> Vec<String> {
    history_within(bench, chat, 100, 10_000)
}

/// Each line as `u words` or `a words`, since the customer's last reset.
fn history_within(bench: &Bench, chat: i64, lines: u32, chars: usize) -> Vec<String> {
    let load = LoadHistory {
        chat: ChatId(chat),
        lines,
        chars,
        text_chars: 20,
        leads_since: bench.now() - TimeDelta::hours(72),
    };
    bench.tell(load).lines.iter().map(line).collect()
}

fn line(line: &HistoryLine) -> String {
    let role = if line.role == Role::User { 'u' } else { 'a' };
    format!("{role} {}", line.text)
}

#[test]
fn a_new_thread_receives_finished_turns_of_this_customer() {
    let bench = Bench::new();
    bench.talks(1, 1, "one", "ONE");
    bench.talks(2, 2, "foreign", "FOREIGN");
    bench.talks(1, 3, "two", "TWO");
    bench.hears(1, 4, "not answered yet");
    assert_eq!(history(&bench, 1), ["u one", "a ONE", "u two", "a TWO"]);
}

#[test]
fn a_message_received_during_a_turn_follows_its_answer() {
    let bench = Bench::new();
    let first = bench.hears(1, 1, "one");
    let second = bench.hears(1, 2, "two");
    bench.answers(1, &[first], "ONE");
    bench.answers(1, &[second], "TWO");
    assert_eq!(history(&bench, 1), ["u one", "a ONE", "u two", "a TWO"]);
}

#[test]
fn service_texts_commands_and_failures_are_not_history() {
    let bench = Bench::new();
    let stored = bench.store(vec![
        command(1, 1, Command::Help),
        text(1, 2, "hello"),
        text(1, 3, "hm"),
    ]);
    let rows: Vec<_> = stored.updates.iter().map(|stored| waiting(stored).id).collect();
    let kinds = [ReplyKind::Service, ReplyKind::Failure, ReplyKind::Answer];
    for (row, kind) in rows.iter().zip(kinds) {
        let ending = match kind {
            ReplyKind::Failure => Ending::Failed(FailReason::Empty),
            _ => Ending::Done,
        };
        bench.finish(&FinishTurn {
            ending,
            reply: Some(reply(kind, &["ours"])),
            ..turn(1, &[*row], "")
        });
    }
    assert_eq!(history(&bench, 1), ["u hello", "u hm", "a ours"]);
}

#[test]
fn an_edit_is_history_once_a_turn_included_it() {
    let bench = Bench::new();
    bench.talks(1, 1, "two", "TWO");
    let stored = bench.store(vec![edited(1, 2, 1, "three")]);
    let edit = edit(&stored.updates[0]).id;
    assert_eq!(history(&bench, 1), ["u two", "a TWO"]);
    let row = bench.hears(1, 3, "thanks");
    bench.finish(&FinishTurn {
        edits: vec![edit],
        ..turn(1, &[row], "THREE")
    });
    assert_eq!(
        history(&bench, 1),
        ["u two", "a TWO", "u [edited] three", "u thanks", "a THREE"]
    );
}

#[test]
fn the_newest_lines_are_kept_within_the_limit() {
    let bench = Bench::new();
    for (n, words) in (1..).zip(["one", "two", "three"]) {
        bench.talks(1, n, words, &words.to_uppercase());
    }
    assert_eq!(history_within(&bench, 1, 3, 1000), ["a TWO", "u three", "a THREE"]);
    assert_eq!(history_within(&bench, 1, 9, 13), ["a TWO", "u three", "a THREE"]);
    assert_eq!(history_within(&bench, 1, 9, 12), ["u three", "a THREE"]);
    assert!(history_within(&bench, 1, 9, 4).is_empty());
    assert!(history_within(&bench, 1, 0, 1000).is_empty());
}

#[test]
fn the_limit_counts_characters_not_bytes() {
    let bench = Bench::new();
    bench.talks(1, 1, "привет", "да");
    assert_eq!(history_within(&bench, 1, 9, 8), ["u привет", "a да"]);
}

#[test]
fn history_cuts_a_long_text_where_the_model_saw_it_cut() {
    let bench = Bench::new();
    bench.talks(1, 1, "one", "ONE");
    bench.talks(1, 2, &"long ".repeat(9), "AN ANSWER OF OURS IS WHOLE");
    let lines = history_within(&bench, 1, 9, 60);
    assert_eq!(
        lines,
        [
            "u one",
            "a ONE",
            "u long long long long ",
            "a AN ANSWER OF OURS IS WHOLE"
        ]
    );
}

#[test]
fn nothing_before_a_reset_is_history() {
    let bench = Bench::new();
    bench.talks(1, 1, "secret", "SECRET");
    let reset = bench.store(vec![command(1, 2, Command::Reset)]);
    let row = waiting(&reset.updates[0]).id;
    bench.finish(&FinishTurn {
        thread: ThreadUpdate::Reset,
        ..turn(1, &[row], "A new start.")
    });
    bench.talks(1, 3, "fresh", "FRESH");
    let lines = history(&bench, 1);
    assert_eq!(lines.last().map(String::as_str), Some("a FRESH"));
    assert!(!lines.concat().to_lowercase().contains("secret"));
}

#[test]
fn an_answer_in_progress_at_a_reset_is_not_history() {
    let bench = Bench::new();
    let running = bench.hears(1, 1, "secret");
    let reset = bench.hears(1, 2, "/reset");
    let later = bench.hears(1, 3, "fresh");
    bench.answers(1, &[running], "SECRET");
    let service = Some(reply(ReplyKind::Service, &["A new start."]));
    let end = FinishTurn {
        thread: ThreadUpdate::Reset,
        reply: service,
        ..turn(1, &[reset], "")
    };
    bench.finish(&end);
    bench.answers(1, &[later], "FRESH");
    assert_eq!(history(&bench, 1), ["u fresh", "a FRESH"]);
}

#[test]
fn messages_ignored_by_a_reset_or_a_flood_are_not_history() {
    let bench = Bench::new();
    bench.hears(1, 1, "waited");
    let reset = bench.hears(1, 2, "/reset");
    bench.finish(&FinishTurn {
        thread: ThreadUpdate::Reset,
        reply: None,
        ..turn(1, &[reset], "")
    });
    bench.talks(1, 3, "fresh", "FRESH");
    assert_eq!(history(&bench, 1), ["u fresh", "a FRESH"]);
}

#[test]
fn effects_for_another_customer_or_before_a_reset_are_not_history() {
    let bench = Bench::new();
    let loaded = |chat| {
        let mut loaded = bench.tell(samples::history(chat, bench.now()));
        loaded.effects.sort();
        (loaded.is_contact_saved, loaded.effects)
    };
    let row = bench.hears(1, 1, "a number and a question");
    bench.tell(saved(1, row, facts("+79123456789")));
    bench.tell(gap(1, row, "is there parking?"));
    bench.answers(1, &[row], "SAVED");
    bench.talks(2, 2, "hello", "HELLO");
    assert_eq!(
        loaded(1),
        (true, vec!["report_gap".to_owned(), "save_contact".to_owned()])
    );
    assert_eq!(loaded(2), (false, Vec::new()), "it was done for another");
    let reset = bench.hears(1, 3, "/reset");
    bench.finish(&FinishTurn {
        thread: ThreadUpdate::Reset,
        reply: None,
        ..turn(1, &[reset], "")
    });
    assert_eq!(loaded(1), (false, Vec::new()), "it was done before the reset");
}
