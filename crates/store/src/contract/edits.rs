//! StoreUpdates and FinishTurn: an edit starts no turn and is never lost.

use diesel::prelude::*;
use domain::{CustomerMessage, IgnoreReason, MessageId};

use super::bench::Bench;
use super::samples::{edit, edited, is_duplicate, is_ignored, text, turn};
use crate::FinishTurn;
use crate::schema::dialogs;

#[test]
fn an_edit_of_a_waiting_message_replaces_its_text() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "two pizas");
    let stored = bench.store(vec![edited(1, 2, 1, "two pizzas")]);
    assert_eq!(edit(&stored.updates[0]).message_id, MessageId(1));
    let [waiting] = &bench.conversation(1).waiting[..] else {
        panic!("one row waits")
    };
    assert_eq!(
        (waiting.id, &waiting.message),
        (row, &CustomerMessage::text("two pizzas"))
    );
    assert_eq!(bench.inbox_states()[1], ("ignored".into(), Some("edited".into())));
}

#[test]
fn an_edit_after_the_answer_is_kept_until_a_turn_includes_it() {
    let bench = Bench::new();
    bench.talks(1, 1, "two", "Two it is.");
    let stored = bench.store(vec![edited(1, 2, 1, "three")]);
    let pending = [edit(&stored.updates[0]).clone()];
    assert_eq!(bench.conversation(1).edits, pending);
    bench.talks(1, 3, "and tea", "Tea.");
    assert_eq!(bench.conversation(1).edits, pending, "that turn did not name it");
    let next = bench.hears(1, 4, "thanks");
    bench.finish(&FinishTurn {
        edits: vec![pending[0].id],
        ..turn(1, &[next], "Three.")
    });
    assert!(bench.conversation(1).edits.is_empty());
    let finished = bench.inbox().into_iter().find(|row| row.id == pending[0].id.0).unwrap();
    assert_eq!((finished.state.as_str(), finished.turn_id), ("ignored", Some(next.0)));
    let words = bench.dialogs().into_iter().find(|line| line.kind == "edit").unwrap();
    assert_eq!((words.message.as_str(), words.turn_id), ("three", Some(next.0)));
}

#[test]
fn an_edit_without_a_text_change_is_ignored() {
    let bench = Bench::new();
    bench.talks(1, 1, "two", "Two.");
    let stored = bench.store(vec![edited(1, 2, 1, "two")]);
    assert!(is_ignored(&stored.updates[0], IgnoreReason::Unchanged));
    assert!(bench.conversation(1).edits.is_empty());
    assert_eq!(bench.dialogs().len(), 2);
}

#[test]
fn an_edit_is_compared_with_the_edit_before_it() {
    let bench = Bench::new();
    bench.talks(1, 1, "two", "Two.");
    let stored = bench.store(vec![
        edited(1, 2, 1, "three"),
        edited(1, 3, 1, "three"),
        edited(1, 4, 1, "two"),
    ]);
    edit(&stored.updates[0]);
    assert!(is_ignored(&stored.updates[1], IgnoreReason::Unchanged));
    edit(&stored.updates[2]);
}

#[test]
fn a_duplicate_edit_has_no_second_effect() {
    let bench = Bench::new();
    bench.hears(1, 1, "two");
    bench.store(vec![edited(1, 2, 1, "three"), edited(1, 3, 1, "four")]);
    assert!(is_duplicate(&bench.store(vec![edited(1, 2, 1, "three")]).updates[0]));
    assert_eq!(bench.conversation(1).waiting[0].message, CustomerMessage::text("four"));
}

#[test]
fn an_edit_never_changes_the_same_message_id_in_another_chat() {
    let bench = Bench::new();
    bench.hears(1, 1, "mine");
    bench.store(vec![edited(2, 2, 1, "yours")]);
    assert_eq!(bench.conversation(1).waiting[0].message, CustomerMessage::text("mine"));
    assert_eq!(bench.conversation(2).edits.len(), 1);
    let row = bench.conversation(1).waiting[0].id;
    let foreign = bench.conversation(2).edits[0].id;
    bench.finish(&FinishTurn {
        edits: vec![foreign],
        ..turn(1, &[row], "ok")
    });
    assert_eq!(bench.conversation(2).edits.len(), 1, "only its own chat includes it");
}

#[test]
fn an_edit_of_a_removed_text_counts_as_a_change() {
    let bench = Bench::new();
    let row = bench.talks(1, 1, "two", "Two.");
    let words = dialogs::table.filter(dialogs::inbox_id.eq(row.0));
    diesel::delete(words).execute(&mut bench.conn()).unwrap();
    edit(&bench.store(vec![edited(1, 2, 1, "two")]).updates[0]);
}

#[test]
fn an_edit_changes_the_later_of_two_rows_of_one_message() {
    let bench = Bench::new();
    let reset = text(1, 1, "reset");
    let mut words = text(1, 1, "two");
    words.key.push_str(":words");
    bench.store(vec![reset, words, edited(1, 2, 1, "three")]);
    let waiting = bench.conversation(1).waiting;
    let messages: Vec<_> = waiting.iter().map(|row| row.message.transcript()).collect();
    assert_eq!(messages, ["reset", "three"]);
}
