//! The reckoning finds what it is there to find: each fault that the torture counts, made by hand.

use super::*;
use crate::torture::rows::Taken;

fn sent(id: i64, chat: i64, text: &str) -> Sent {
    Sent {
        id,
        key: format!("reply:{id}:1"),
        chat,
        state: "completed".to_owned(),
        maybe_sent: 0,
        text: text.to_owned(),
    }
}

fn got(chat: i64, text: &str) -> Delivered {
    Delivered {
        chat,
        text: text.to_owned(),
    }
}

fn rows(outbox: Vec<Sent>) -> Rows {
    Rows {
        outbox,
        ..Rows::default()
    }
}

fn judged(outbox: Vec<Sent>, delivered: &[Delivered]) -> Verdict {
    let mut verdict = Verdict::default();
    replies(&mut verdict, delivered, &rows(outbox));
    verdict
}

#[test]
fn what_arrived_as_it_was_written_is_clean() {
    let verdict = judged(
        vec![sent(1, 7, "one"), sent(2, 7, "two"), sent(3, 8, "one")],
        &[got(7, "one"), got(8, "one"), got(7, "two")],
    );
    assert!(verdict.is_clean() && verdict.marked_doubles == 0, "{verdict:?}");
}

#[test]
fn a_reply_that_did_not_arrive_is_lost_whatever_its_row_says() {
    assert_eq!(judged(vec![sent(1, 7, "one")], &[]).lost, 1);
    let dead = Sent {
        state: "dead".to_owned(),
        ..sent(1, 7, "one")
    };
    assert_eq!(judged(vec![dead], &[]).lost, 1);
    let twice_written = vec![sent(1, 7, "sorry"), sent(2, 7, "sorry")];
    assert_eq!(judged(twice_written, &[got(7, "sorry")]).lost, 1);
}

#[test]
fn a_double_counts_as_marked_only_as_often_as_it_is_marked() {
    let marked = |maybe_sent| Sent {
        maybe_sent,
        ..sent(1, 7, "one")
    };
    let thrice = [got(7, "one"), got(7, "one"), got(7, "one")];
    for (marks, unmarked) in [(0, 2), (1, 1), (2, 0)] {
        let verdict = judged(vec![marked(marks)], &thrice);
        assert_eq!((verdict.unmarked_doubles, verdict.marked_doubles), (unmarked, marks));
    }
}

#[test]
fn order_and_chat_of_what_arrived_are_looked_at() {
    let two = || vec![sent(1, 7, "one"), sent(2, 7, "two")];
    assert_eq!(judged(two(), &[got(7, "two"), got(7, "one")]).out_of_order, 1);
    let elsewhere = judged(two(), &[got(7, "one"), got(8, "two"), got(7, "two")]);
    assert_eq!((elsewhere.wrong_chat, elsewhere.lost), (1, 0));
}

#[test]
fn a_message_without_row_reply_or_name_is_lost() {
    let message = Message {
        chat: 7,
        update: 100,
        text: "message 2 of customer 7".to_owned(),
        name: Some((2, 7)),
    };
    let judge = |taken: Option<&str>, reply: Option<Sent>| {
        let mut rows = rows(reply.into_iter().collect());
        rows.inbox.extend(taken.map(|state| {
            let taken = Taken {
                id: 1,
                state: state.to_owned(),
                reason: String::new(),
                turn: Some(1),
            };
            (100, taken)
        }));
        let mut verdict = Verdict::default();
        answered(&mut verdict, &message, &rows);
        verdict.lost
    };
    let named = || Some(sent(1, 7, "you said: message 2 of customer 7"));
    assert_eq!(judge(Some("done"), named()), 0);
    assert_eq!(judge(None, named()), 1);
    assert_eq!(judge(Some("pending"), named()), 1);
    assert_eq!(judge(Some("done"), None), 1);
    assert_eq!(judge(Some("done"), Some(sent(1, 7, "message 2 of customer 71"))), 1);
    assert_eq!(judge(Some("failed"), Some(sent(1, 7, "sorry"))), 0);
    assert_eq!(judge(Some("done"), Some(sent(1, 8, "message 2 of customer 7"))), 1);
}

#[test]
fn periods_that_do_not_join_and_letters_that_are_not_there_are_seen() {
    let judge = |periods: &[(i64, i64)], letters| {
        let rows = Rows {
            reports: periods.to_vec(),
            report_letters: letters,
            ..Rows::default()
        };
        let mut verdict = Verdict::default();
        reports(&mut verdict, &rows);
        verdict.reports_wrong
    };
    let owners = OWNERS.len();
    assert_eq!(judge(&[(0, 5), (5, 9)], 2 * owners), 0);
    assert_eq!(judge(&[(0, 5), (6, 9)], 2 * owners), 1);
    assert_eq!(judge(&[(1, 5)], owners), 1);
    assert_eq!(judge(&[(0, 5)], owners - 1), 1);
}
