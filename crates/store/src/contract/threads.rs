//! A customer's thread: the id in use, every earlier id, and what a reset discards.

use chrono::TimeDelta;
use domain::{ChatId, InboxId, ThreadId};

use super::bench::Bench;
use super::samples::{edit, edited, turn, used};
use crate::{
    FinishTurn, ImportThreads, LoadInstallation, LoadThreads, RecordThreadsMark, RecoverConversation, ThreadUpdate,
    ThreadsPage,
};

const ALL: LoadThreads = LoadThreads {
    after: ChatId(i64::MIN),
    rows: 10,
};

/// One turn of chat 1 with this change to its thread.
fn turn_with(bench: &Bench, n: i64, thread: ThreadUpdate) -> InboxId {
    let row = bench.hears(1, n, "words");
    bench.finish(&FinishTurn {
        thread,
        ..turn(1, &[row], "answer")
    });
    row
}

fn id(id: &str) -> ThreadId {
    ThreadId(id.into())
}

#[test]
fn a_used_thread_becomes_the_customers_thread() {
    let bench = Bench::new();
    turn_with(&bench, 1, used("conv_a", 40));
    bench.hand.advance(TimeDelta::minutes(1));
    turn_with(&bench, 2, used("conv_a", 90));
    let thread = bench.conversation(1).customer.thread;
    assert_eq!(
        (thread.id, thread.is_suspect, thread.last_input_tokens),
        (Some(id("conv_a")), false, 90)
    );
    assert_eq!((thread.used_at, thread.since), (Some(bench.now()), None));
    assert_eq!(bench.threads(1), [("conv_a".into(), None, None)]);
}

#[test]
fn a_turn_without_the_model_keeps_the_thread() {
    let bench = Bench::new();
    turn_with(&bench, 1, used("conv_a", 40));
    let before = bench.customer(1);
    turn_with(&bench, 2, ThreadUpdate::Keep);
    assert_eq!(bench.customer(1), before);
}

#[test]
fn a_suspect_thread_is_replaced_and_remembered() {
    let bench = Bench::new();
    turn_with(&bench, 1, used("conv_a", 40));
    turn_with(&bench, 2, ThreadUpdate::Suspect);
    let thread = bench.conversation(1).customer.thread;
    assert_eq!((thread.id, thread.is_suspect), (Some(id("conv_a")), true));
    turn_with(&bench, 3, used("conv_b", 10));
    let thread = bench.conversation(1).customer.thread;
    assert_eq!((thread.id, thread.is_suspect), (Some(id("conv_b")), false));
    let ended = (Some(bench.now().naive_utc()), Some("replaced".to_owned()));
    assert_eq!(
        bench.threads(1),
        [("conv_a".into(), ended.0, ended.1), ("conv_b".into(), None, None)]
    );
}

#[test]
fn a_reset_ends_the_thread_and_starts_without_one() {
    let bench = Bench::new();
    turn_with(&bench, 1, used("conv_a", 40));
    let reset = turn_with(&bench, 2, ThreadUpdate::Reset);
    let thread = bench.conversation(1).customer.thread;
    assert_eq!(
        (thread.id, thread.is_suspect, thread.last_input_tokens),
        (None, false, 0)
    );
    let words = bench.dialogs().into_iter().find(|line| line.inbox_id == Some(reset.0));
    assert_eq!(thread.since.map(|since| since.0), words.map(|line| line.id));
    assert_eq!(bench.threads(1)[0].2.as_deref(), Some("reset"));
    assert_eq!(bench.tell(ALL), ThreadsPage::default());
}

#[test]
fn a_reset_ignores_only_messages_that_waited_before_it() {
    let bench = Bench::new();
    let mut rows = Vec::new();
    for n in 1..=3 {
        rows.push(bench.hears(1, n, "words"));
    }
    bench.hears(2, 4, "somebody else");
    bench.finish(&FinishTurn {
        thread: ThreadUpdate::Reset,
        ..turn(1, &rows[1..2], "new")
    });
    let ignored = ("ignored".to_owned(), Some("reset".to_owned()));
    let pending = ("pending".to_owned(), None);
    assert_eq!(
        bench.inbox_states(),
        [ignored, ("done".into(), None), pending.clone(), pending]
    );
    assert_eq!(bench.conversation(1).waiting[0].id, rows[2]);
}

#[test]
fn an_edit_made_before_a_reset_is_discarded() {
    let bench = Bench::new();
    turn_with(&bench, 1, used("conv_a", 40));
    bench.store(vec![edited(1, 2, 1, "other words")]);
    turn_with(&bench, 3, ThreadUpdate::Reset);
    assert!(bench.conversation(1).edits.is_empty());
    let later = bench.store(vec![edited(1, 4, 1, "yet other words")]);
    assert_eq!(bench.conversation(1).edits, [edit(&later.updates[0]).clone()]);
}

#[test]
fn only_unknown_threads_are_imported() {
    let bench = Bench::new();
    turn_with(&bench, 1, used("conv_old", 1));
    turn_with(&bench, 2, ThreadUpdate::Reset);
    let busy = bench.hears(2, 3, "hello");
    bench.finish(&FinishTurn {
        thread: used("conv_busy", 1),
        ..turn(2, &[busy], "hi")
    });
    let entries = [(1, "conv_old"), (2, "conv_other"), (3, "conv_new"), (2, "conv_busy")];
    let entries = ImportThreads {
        entries: entries.map(|(chat, thread)| (ChatId(chat), id(thread))).to_vec(),
    };
    assert_eq!(bench.tell(entries.clone()), 1);
    assert_eq!(bench.tell(entries), 0, "nothing is new the second time");
    let known = [(ChatId(2), id("conv_busy")), (ChatId(3), id("conv_new"))];
    assert_eq!(bench.tell(ALL).threads, known);
    assert_eq!(bench.conversation(3).customer.thread.id, Some(id("conv_new")));
    assert_eq!(bench.threads(3), [("conv_new".into(), None, None)]);
}

#[test]
fn pages_of_threads_list_each_thread_once() {
    let bench = Bench::new();
    let entries: Vec<_> = (-2..=3).map(|n| (ChatId(n * 10), id(&format!("conv_{n}")))).collect();
    let all = entries.clone();
    bench.tell(ImportThreads { entries });
    bench.hears(15, 1, "nobody's thread yet");
    for rows in 1..=7 {
        let (mut seen, mut after) = (Vec::new(), Some(ALL.after));
        while let Some(behind) = after {
            let page = bench.tell(LoadThreads { after: behind, rows });
            seen.extend(page.threads);
            after = page.next;
        }
        assert_eq!(seen, all, "{rows} per page");
    }
}

#[test]
fn the_mark_of_the_last_clean_shutdown_is_kept() {
    let bench = Bench::new();
    let load = LoadInstallation {
        proposal: "name".into(),
    };
    assert_eq!(bench.tell(load.clone()).threads_mark, None);
    for mark in ["first", "second"] {
        bench.tell(RecordThreadsMark { mark: mark.into() });
        assert_eq!(bench.tell(load.clone()).threads_mark.as_deref(), Some(mark));
    }
}

#[test]
fn an_imported_thread_survives_the_first_message() {
    let bench = Bench::new();
    let entries = vec![(ChatId(1), id("conv_a"))];
    bench.tell(ImportThreads { entries });
    bench.hears(1, 1, "hello");
    let customer = bench.conversation(1).customer;
    assert_eq!(
        (customer.thread.id, customer.profile.first_name.as_str()),
        (Some(id("conv_a")), "Anna")
    );
}

#[test]
fn a_panic_makes_the_thread_suspect_and_is_remembered() {
    let bench = Bench::new();
    turn_with(&bench, 1, used("conv_a", 40));
    let rows = [bench.hears(1, 2, "a"), bench.hears(1, 3, "b")];
    let recover = RecoverConversation {
        chat: ChatId(1),
        row: Some((rows[0], 0)),
        day_start: bench.now(),
    };
    // The second time as after a commit that took effect but reported an error.
    for _ in 0..2 {
        let state = bench.tell(recover);
        assert!(state.customer.thread.is_suspect);
        let panics: Vec<_> = state.waiting.iter().map(|row| (row.id, row.panics)).collect();
        assert_eq!(panics, [(rows[0], 1), (rows[1], 0)]);
    }
}
