//! The reckoning finds what it is there to find: each fault that the torture counts, made by hand.

use super::*;
use crate::torture::rows::{Posted, Taken};
use crate::torture::weather::{Met, too_seldom};

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
        message: 0,
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
fn a_mark_on_one_letter_excuses_no_other_that_came_twice() {
    let row = |about: &str, maybe_sent| Posted {
        address: "owner@example.org".to_owned(),
        about: about.to_owned(),
        state: "completed".to_owned(),
        maybe_sent,
    };
    let judge = |came: &[&str]| {
        let rows = Rows {
            letters: vec![row("lead-1", 0), row("lead-2", 3), row("report", 0), row("report", 1)],
            ..Rows::default()
        };
        let mut verdict = Verdict::default();
        let named = |name: &&str| ("owner@example.org".to_owned(), (*name).to_owned());
        let came: Vec<_> = ["report-7", "report-12"].iter().chain(came).map(named).collect();
        letters(&mut verdict, &came, &rows);
        (verdict.letters_lost, verdict.unmarked_doubles, verdict.marked_doubles)
    };
    assert_eq!(judge(&["lead-1.1", "lead-2.1"]), (0, 0, 0));
    assert_eq!(judge(&["lead-1.1", "lead-2.1", "lead-2.1"]), (0, 0, 1));
    assert_eq!(judge(&["lead-1.1", "lead-1.1", "lead-2.1"]), (0, 1, 0));
    assert_eq!(judge(&["lead-2.3", "lead-2.3"]), (1, 0, 1));
    assert_eq!(judge(&["lead-1.1", "lead-2.1", "lead-3.1"]), (0, 1, 0));
    assert_eq!(judge(&["lead-1.1", "lead-2.1", "lead-2.2"]), (0, 1, 0));
    assert_eq!(judge(&["lead-1.1", "lead-2.1", "report-7"]), (0, 1, 0));
    assert_eq!(judge(&["lead-1.1", "lead-2.1", "report-12"]), (0, 0, 1));
}

#[test]
fn a_letter_given_up_is_lost_even_if_it_came() {
    let dead = Posted {
        address: "owner@example.org".to_owned(),
        about: "lead-1".to_owned(),
        state: "dead".to_owned(),
        maybe_sent: 0,
    };
    let rows = Rows {
        letters: vec![dead],
        ..Rows::default()
    };
    let mut verdict = Verdict::default();
    letters(&mut verdict, &[], &rows);
    assert_eq!(verdict.letters_lost, 1);
}

#[test]
fn a_run_whose_weather_did_not_come_has_shown_nothing() {
    let met = |name: &str, times, is_rare| Met {
        name: name.to_owned(),
        times,
        is_rare,
    };
    let weather = [met("often", 30, false), met("seldom", 29, false), met("start", 1, true)];
    assert_eq!(too_seldom(&weather, 10.0), ["seldom (29 times)"]);
    assert!(too_seldom(&weather, 6.0).is_empty());
    assert!(too_seldom(&weather, 1.0).is_empty());
}

#[test]
fn replies_that_are_written_in_another_order_are_seen() {
    let reply = |id, key: &str| Sent {
        key: key.to_owned(),
        ..sent(id, 7, "one")
    };
    let judge = |keys: [&str; 3]| {
        let outbox = (1..).zip(keys).map(|(id, key)| reply(id, key)).collect();
        let mut verdict = Verdict::default();
        turns(&mut verdict, &rows(outbox));
        verdict.out_of_order
    };
    assert_eq!(judge(["reply:3:1", "reply:3:2", "reply:12:1"]), 0);
    assert_eq!(judge(["reply:3:1", "notice:flood:7:1", "reply:12:1"]), 0);
    assert_eq!(judge(["reply:12:1", "reply:3:1", "reply:3:2"]), 1);
    assert_eq!(judge(["reply:3:2", "reply:3:1", "reply:4:1"]), 1);
}

fn message() -> Message {
    Message {
        chat: 7,
        update: 100,
        text: "message 2 of customer 7".to_owned(),
        name: Some((2, 7)),
        is_wordless: false,
    }
}

#[test]
fn a_message_that_the_model_was_never_told_is_lost() {
    let judge = |state: &str, names: &[Name]| {
        let mut rows = Rows::default();
        let taken = Taken {
            id: 1,
            state: state.to_owned(),
            reason: String::new(),
            turn: Some(1),
        };
        rows.inbox.insert(100, taken);
        let mut verdict = Verdict::default();
        told(&mut verdict, &[message()], &rows, &names.iter().copied().collect());
        verdict.lost
    };
    assert_eq!(judge("done", &[(2, 7)]), 0);
    assert_eq!(judge("done", &[(1, 7), (2, 71)]), 1);
    assert_eq!(judge("failed", &[]), 0);
}

#[test]
fn a_message_without_row_reply_or_name_is_lost() {
    let judge_of = |message: &Message, taken: Option<&str>, reply: Option<Sent>| {
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
        answered(&mut verdict, message, &rows);
        verdict.lost
    };
    let judge = |taken, reply| judge_of(&message(), taken, reply);
    let named = || Some(sent(1, 7, "you said: message 2 of customer 7"));
    assert_eq!(judge(Some("done"), named()), 0);
    assert_eq!(judge(None, named()), 1);
    assert_eq!(judge(Some("pending"), named()), 1);
    assert_eq!(judge(Some("done"), None), 1);
    assert_eq!(judge(Some("done"), Some(sent(1, 7, "message 2 of customer 71"))), 1);
    assert_eq!(judge(Some("failed"), Some(sent(1, 7, "sorry"))), 0);
    assert_eq!(judge(Some("done"), Some(sent(1, 8, "message 2 of customer 7"))), 1);
    let thanks = || Some(sent(1, 7, "Спасибо! Контакт записан, менеджер об этом узнает."));
    let number = Message {
        text: format!("{NUMBER}8 912, message 2 of customer 7"),
        ..message()
    };
    assert_eq!(judge_of(&number, Some("done"), thanks()), 0, "the form was open");
    assert_eq!(judge(Some("done"), thanks()), 1);
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
    let owners = OWNERS;
    assert_eq!(judge(&[(0, 5), (5, 9)], 2 * owners), 0);
    assert_eq!(judge(&[(0, 5), (6, 9)], 2 * owners), 1);
    assert_eq!(judge(&[(1, 5)], owners), 1);
    assert_eq!(judge(&[(0, 5)], owners - 1), 1);
}
