//! What a finished row keeps: only what is still read.

use diesel::prelude::*;
use domain::{Change, Command, CustomerMessage, IgnoreReason, InboxId};

use super::bench::Bench;
use super::samples::{card, command, edit, edited, ignored, own_card, text, turn, update, waiting, wrote};
use super::verdicts::{reply_in_parts, sent};
use crate::schema::inbox;
use crate::{FinishTurn, ThreadUpdate, Verdict};

/// The numbers of the messages whose rows still have their content.
fn with_content(bench: &Bench) -> Vec<i64> {
    inbox::table
        .filter(inbox::content.is_not_null())
        .order(inbox::id.asc())
        .select(inbox::update_id)
        .load(&mut bench.conn())
        .unwrap()
}

#[test]
fn only_an_unreadable_update_keeps_its_raw_text() {
    let bench = Bench::new();
    let updates = vec![
        text(1, 1, "words"),
        ignored(0, 2, IgnoreReason::Unreadable),
        ignored(-5, 3, IgnoreReason::Group),
        ignored(1, 4, IgnoreReason::Service),
        update(1, 5, Change::Blocked),
    ];
    bench.store(updates);
    let kept: Vec<String> = bench.inbox().into_iter().map(|row| row.raw).collect();
    assert_eq!(kept, ["", "{\"update_id\":2}", "", "", ""]);
}

#[test]
fn a_finished_delivery_keeps_its_payload_only_if_it_can_be_requeued() {
    let bench = Bench::new();
    let dead = Verdict::Dead { reason: "gone".into() };
    // State of the first part and whether it has its payload; the same for the next part.
    let cases = [
        (sent(5), ("completed", false), ("executing", true)),
        (dead, ("dead", true), ("executing", true)),
        (Verdict::Blocked, ("cancelled", false), ("cancelled", false)),
    ];
    for (chat, (verdict, first, second)) in (1..).zip(cases) {
        let part = reply_in_parts(&bench, chat, chat, &["one", "two"]).unwrap();
        bench.record(&part, verdict);
        let rows = bench.outbox();
        let found: Vec<_> = rows
            .iter()
            .skip(rows.len() - 2)
            .map(|row| (row.state.as_str(), row.payload.contains("text")))
            .collect();
        assert_eq!(found, [first, second]);
    }
    // In the last case the customer has blocked the bot: later answers are never sent.
    assert!(reply_in_parts(&bench, 3, 9, &["late"]).is_some(), "they wrote again");
    bench.store(vec![text(3, 10, "and"), update(3, 11, Change::Blocked)]);
    let waiting = bench.conversation(3).waiting[0].id;
    bench.answers(3, &[waiting], "to nobody");
    let last = bench.outbox().pop().unwrap();
    assert_eq!((last.state.as_str(), last.payload.as_str()), ("cancelled", ""));
}

#[test]
fn a_message_keeps_its_content_only_until_its_turn_ends() {
    let bench = Bench::new();
    let mut forwarded = CustomerMessage::text("8 912 345-67-89");
    forwarded.is_forwarded = true;
    let updates = vec![
        text(1, 1, "words"),
        own_card(1, 2, "79123456789"),
        card(1, 3, "79990000000", false),
        wrote(1, 4, forwarded),
    ];
    let stored = bench.store(updates);
    let rows: Vec<InboxId> = stored.updates.iter().map(|one| waiting(one).id).collect();
    assert_eq!(with_content(&bench), [1, 2, 3, 4]);
    bench.answers(1, &rows, "yes");
    assert_eq!(with_content(&bench), [2, 3, 4], "the origin of a number is kept");
    // An edit waits for the turn that includes it.
    let edits = bench.store(vec![edited(1, 5, 1, "other words"), edited(1, 6, 1, "other words")]);
    assert_eq!(with_content(&bench), [2, 3, 4, 5]);
    let next = bench.hears(1, 7, "and?");
    let telling = FinishTurn {
        edits: vec![edit(&edits.updates[0]).id],
        ..turn(1, &[next], "yes")
    };
    bench.finish(&telling);
    assert_eq!(with_content(&bench), [2, 3, 4]);
    // Messages ended by a reset are not read again.
    bench.store(vec![text(1, 8, "never answered"), edited(1, 9, 7, "nor this")]);
    let reset = bench.store(vec![command(1, 10, Command::Reset)]);
    let ending = FinishTurn {
        thread: ThreadUpdate::Reset,
        ..turn(1, &[waiting(&reset.updates[0]).id], "anew")
    };
    bench.finish(&ending);
    assert_eq!(with_content(&bench), [2, 3, 4]);
}
