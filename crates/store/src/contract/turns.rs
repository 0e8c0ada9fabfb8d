//! FinishTurn: the end of a turn is one transaction, and happens once.

use chrono::TimeDelta;
use domain::{Change, ChatId, FailReason, InboxId, OutgoingMessage};

use super::bench::Bench;
use super::samples::{reply, text, turn, update, used, waiting};
use crate::{Ending, FindWaitingChats, FinishTurn, Payload, ReplyKind, TurnFigures, Verdict, WaitingChat};

#[test]
fn finishing_a_turn_finishes_its_rows_and_stores_its_reply_atomically() {
    let bench = Bench::new();
    let rows = [bench.hears(1, 1, "one"), bench.hears(1, 2, "two")];
    let mut end = turn(1, &rows, "both");
    end.thread = used("conv_a", 30);
    let finished = bench.finish(&end);
    assert!(finished.is_written);
    let inbox = bench.inbox();
    assert!(
        inbox
            .iter()
            .all(|row| row.state == "done" && row.turn_id == Some(rows[0].0))
    );
    assert!(inbox.iter().all(|row| row.finished_at == Some(bench.now().naive_utc())));
    let dialogs = bench.dialogs();
    assert!(dialogs.iter().all(|line| line.turn_id == Some(rows[0].0)));
    let answer = &dialogs[2];
    assert_eq!(
        (answer.role.as_str(), answer.kind.as_str(), answer.message.as_str()),
        ("assistant", "answer", "both")
    );
    assert_eq!((answer.username.as_str(), answer.delivered_at), ("anna", None));
    let [part] = &bench.outbox()[..] else {
        panic!("one part")
    };
    assert_eq!((part.key.as_str(), part.dialog_id), ("reply:1:1", Some(answer.id)));
    assert_eq!(bench.customer(1).thread_id.as_deref(), Some("conv_a"));
}

#[test]
fn the_first_part_is_created_claimed_when_its_lane_is_free() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "tell me all");
    let end = FinishTurn {
        reply: Some(reply(ReplyKind::Answer, &["a", "b", "c"])),
        ..turn(1, &[row], "")
    };
    let finished = bench.finish(&end);
    let [first] = &finished.deliveries[..] else {
        panic!("one part is claimed")
    };
    assert_eq!(
        (first.attempt, first.lane.0.as_str(), first.update),
        (1, "tg:1", Some(1))
    );
    assert_eq!(first.payload, Payload::Message(OutgoingMessage::plain("a")));
    assert_eq!(first.created_at, bench.now());
    assert_eq!(bench.outbox_states(), ["executing", "scheduled", "scheduled"]);
    let second = bench.hears(1, 2, "and?");
    assert!(
        bench.answers(1, &[second], "d").deliveries.is_empty(),
        "the lane is busy"
    );
    assert_eq!(bench.outbox_states()[3], "scheduled");
    let elsewhere = bench.hears(2, 3, "hello");
    assert_eq!(bench.answers(2, &[elsewhere], "hi").deliveries.len(), 1);
}

#[test]
fn a_turn_that_ends_again_writes_nothing() {
    let bench = Bench::new();
    let row = bench.talks(1, 1, "hello", "hi");
    let before = (bench.inbox(), bench.outbox(), bench.dialogs(), bench.customer(1));
    bench.hand.advance(TimeDelta::seconds(1));
    let again = FinishTurn {
        thread: used("conv_b", 1),
        ..turn(1, &[row], "hi again")
    };
    let finished = bench.finish(&again);
    assert!(!finished.is_written && finished.deliveries.is_empty());
    assert_eq!(
        (bench.inbox(), bench.outbox(), bench.dialogs(), bench.customer(1)),
        before
    );
}

#[test]
fn if_one_row_is_already_finished_the_turn_finishes_no_row() {
    let bench = Bench::new();
    let rows = [bench.hears(1, 1, "one"), bench.hears(1, 2, "two")];
    bench.answers(1, &rows[..1], "first");
    assert!(!bench.answers(1, &rows, "both").is_written);
    assert_eq!(bench.conversation(1).waiting[0].id, rows[1]);
    assert_eq!(bench.outbox().len(), 1);
}

#[test]
fn no_turn_ends_the_row_of_another_chat() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "mine");
    assert!(!bench.answers(2, &[row], "yours").is_written);
    assert!(!bench.answers(1, &[], "nobody's").is_written);
    assert_eq!(bench.inbox_states(), [("pending".into(), None)]);
}

#[test]
fn a_failed_turn_keeps_its_reason_and_sends_a_failure_reply() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "hello");
    let end = FinishTurn {
        ending: Ending::Failed(FailReason::Deadline),
        reply: Some(reply(ReplyKind::Failure, &["We will write to you."])),
        ..turn(1, &[row], "")
    };
    assert_eq!(bench.finish(&end).deliveries.len(), 1);
    assert_eq!(bench.inbox_states(), [("failed".into(), Some("deadline".into()))]);
    assert_eq!(bench.dialogs()[1].kind, "failure");
}

#[test]
fn a_silent_turn_ends_its_rows_without_a_reply() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "[photo]");
    let finished = bench.finish(&FinishTurn {
        reply: None,
        ..turn(1, &[row], "")
    });
    assert!(finished.is_written && finished.deliveries.is_empty());
    assert_eq!((bench.dialogs().len(), bench.outbox().len()), (1, 0));
}

#[test]
fn the_figures_of_a_turn_are_stored_in_its_first_row() {
    let bench = Bench::new();
    let rows = [bench.hears(1, 1, "one"), bench.hears(1, 2, "two")];
    let figures = TurnFigures {
        started_at: Some(bench.now()),
        runs: 3,
        tool_calls: 2,
        input_tokens: 5_000_000_000,
        output_tokens: 70,
    };
    bench.hand.advance(TimeDelta::seconds(9));
    bench.finish(&FinishTurn {
        figures,
        ..turn(1, &rows, "both")
    });
    let [first, second] = &bench.inbox()[..] else {
        panic!("two rows")
    };
    assert_eq!(
        (first.runs, first.tool_calls, first.input_tokens, first.output_tokens),
        (3, 2, 5_000_000_000, 70)
    );
    let took = first.finished_at.zip(first.started_at).map(|(end, start)| end - start);
    assert_eq!(took, Some(TimeDelta::seconds(9)));
    assert_eq!((second.runs, second.input_tokens, second.started_at), (0, 0, None));
}

#[test]
fn a_reply_to_a_blocked_customer_is_stored_and_never_sent() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "hello");
    bench.store(vec![update(1, 2, Change::Blocked)]);
    let end = FinishTurn {
        reply: Some(reply(ReplyKind::Answer, &["a", "b"])),
        ..turn(1, &[row], "")
    };
    let finished = bench.finish(&end);
    assert!(finished.is_written && finished.deliveries.is_empty());
    for row in bench.outbox() {
        assert_eq!(
            (row.state.as_str(), row.reason.as_deref(), row.attempts),
            ("cancelled", Some("blocked"), 0)
        );
        assert!(row.finished_at.is_some());
    }
    let back = bench.hears(1, 3, "back");
    assert_eq!(
        bench.answers(1, &[back], "welcome").deliveries.len(),
        1,
        "the lane is free"
    );
}

#[test]
fn the_greeting_and_the_media_hint_are_recorded() {
    let bench = Bench::new();
    let stored = bench.store(vec![text(1, 1, "/start"), text(1, 2, "[photo]"), text(1, 3, "hi")]);
    let rows: Vec<InboxId> = stored.updates.iter().map(|stored| waiting(stored).id).collect();
    let kinds = [ReplyKind::Greeting, ReplyKind::MediaHint, ReplyKind::Service];
    let mut marks = Vec::new();
    for (row, kind) in rows.iter().zip(kinds) {
        bench.hand.advance(TimeDelta::seconds(1));
        bench.finish(&FinishTurn {
            reply: Some(reply(kind, &["text"])),
            ..turn(1, &[*row], "")
        });
        let state = bench.conversation(1);
        marks.push((state.customer.is_greeted, state.media_hint_at));
    }
    let hinted = Some(bench.now() - TimeDelta::seconds(1));
    assert_eq!(marks, [(true, None), (true, hinted), (true, hinted)]);
    assert!(bench.dialogs()[3..].iter().all(|line| line.kind == "service"));
}

#[test]
fn a_reply_counts_as_delivered_with_its_last_part() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "hello");
    let end = FinishTurn {
        reply: Some(reply(ReplyKind::Answer, &["a", "b"])),
        ..turn(1, &[row], "")
    };
    let first = bench.finish(&end).deliveries.remove(0);
    let sent = |id| Verdict::Sent { remote_id: Some(id) };
    let second = bench.record(&first, sent(1)).expect("the second part");
    assert_eq!(bench.dialogs()[1].delivered_at, None);
    bench.hand.advance(TimeDelta::seconds(3));
    assert!(bench.record(&second, sent(2)).is_none());
    assert_eq!(bench.dialogs()[1].delivered_at, Some(bench.now().naive_utc()));
}

#[test]
fn the_longest_waiting_chats_are_found_first() {
    let bench = Bench::new();
    let rows = [bench.hears(9, 1, "a"), bench.hears(1, 2, "b"), bench.hears(5, 3, "c")];
    bench.hears(9, 4, "d");
    let found = bench.tell(FindWaitingChats { limit: 2 }).chats;
    let chat = |chat, oldest| WaitingChat {
        chat: ChatId(chat),
        oldest,
    };
    assert_eq!(found, [chat(9, rows[0]), chat(1, rows[1])]);
    bench.answers(9, &rows[..1], "A");
    let found = bench.tell(FindWaitingChats { limit: 9 }).chats;
    assert_eq!(found.iter().map(|found| found.chat.0).collect::<Vec<_>>(), [1, 5, 9]);
}
