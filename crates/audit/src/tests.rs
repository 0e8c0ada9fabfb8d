//! Each kind of error, put by hand into an otherwise clean run.

use std::collections::BTreeSet;

use crate::*;

const OWNER: &str = "owner@example.org";
const NUMBER: &str = "+79123456789";
/// The customer who leaves the number.
const LEAVER: i64 = 3;

/// One run of a service, seen from both sides.
#[derive(Default)]
struct Run {
    seen: Seen,
    rows: Rows,
}

/// Three customers write twice and get two replies each. The third leaves a number. A report is sent; a second period is open.
fn good() -> Run {
    let mut run = Run::default();
    run.seen.owners.push(OWNER.to_owned());
    for update in 1..=6 {
        let chat = (update + 1) / 2;
        run.turn(update, chat, &format!("message {update} of customer {chat}"));
    }
    let words = format!("message 7 of customer {LEAVER}, 8 (912) 345-67 89");
    run.turn(7, LEAVER, &words);
    run.seen.contacts.push((LEAVER, NUMBER.to_owned()));
    let lead = format!(r#"1|{LEAVER}|{{"phones":["{NUMBER}"]}}|{NUMBER}||{words}|1"#);
    run.rows.leads.push(row(&lead));
    run.letter("lead:1:1:owner", "lead-1.1", "");
    run.letter("report:99:owner", "report-1", "1");
    run.rows.periods = vec![row("1|0|9"), row("2|9|")];
    run
}

/// A row as a query returns it.
fn row<T: From<Vec<String>>>(cells: &str) -> T {
    T::from(cells.split('|').map(str::to_owned).collect())
}

impl Run {
    fn turn(&mut self, update: i64, chat: i64, words: &str) {
        let (text, reply, asked) = (words.to_owned(), format!("you said: {words}"), 10 * update);
        let (message, is_wordless) = (asked + 1, false);
        let rows = &mut self.rows;
        rows.inbox
            .push(row(&format!("{update}|{update}|{chat}|{asked}|done||{update}")));
        rows.outbox.push(row(&format!(
            "{update}|reply:{update}:1|{chat}||completed|0|{message}||"
        )));
        rows.dialogs
            .push(row(&format!("{chat}|user|{words}|{update}|{update}")));
        rows.dialogs
            .push(row(&format!("{chat}|assistant|{reply}|{update}|{update}")));
        self.seen.asked.push(text.clone());
        self.seen.said.push(Said {
            update,
            chat,
            text,
            is_wordless,
        });
        self.seen.answers.push((Some(chat), reply.clone()));
        self.seen.got.push(Got {
            chat,
            message,
            text: reply,
        });
    }

    fn letter(&mut self, key: &str, name: &str, period: &str) {
        let sent = format!("50|{key}|0|{OWNER}|completed|0|||{period}");
        self.rows.outbox.push(row(&sent));
        let (address, id, text) = (
            OWNER.to_owned(),
            format!("{name}.abc@shop"),
            "+7 912 345-67-89".to_owned(),
        );
        self.seen.letters.push(Letter { address, id, text });
    }
}

/// The errors found after a change to a good run.
fn wrong(change: impl FnOnce(&mut Seen, &mut Rows)) -> Vec<(Kind, usize)> {
    let mut run = good();
    change(&mut run.seen, &mut run.rows);
    let verdict = verify(&run.seen, &run.rows);
    let kinds = verdict.complaints().map(|(kind, complaint)| {
        assert!(!complaint.contains("you said"), "{complaint}");
        kind
    });
    let kinds: BTreeSet<Kind> = kinds.collect();
    kinds.into_iter().map(|kind| (kind, verdict.wrong(&[kind]))).collect()
}

#[test]
fn a_good_run_is_clean_and_fully_checked() {
    let Run { seen, rows } = good();
    let verdict = verify(&seen, &rows);
    assert_eq!(verdict.complaints().collect::<Vec<_>>(), []);
    let checked = [
        (Kind::Unanswered, 7),
        (Kind::OutOfOrder, 7),
        (Kind::WrongChat, 7),
        (Kind::Unmailed, 1),
        (Kind::ReportWrong, 5),
    ];
    assert_eq!(checked.map(|(kind, _)| (kind, verdict.met(kind))), checked);
    assert!((1..=7).all(|update| verdict.is_answered(update)));
}

#[test]
fn a_message_without_row_reply_or_name_is_lost() {
    assert_eq!(wrong(|_, rows| rows.inbox.truncate(6)), [(Kind::Unanswered, 1)]);
    let twice = |_: &mut Seen, rows: &mut Rows| rows.inbox.push(rows.inbox[0].clone());
    assert_eq!(wrong(twice), [(Kind::Unanswered, 1)]);
    let of_another = |_: &mut Seen, rows: &mut Rows| rows.inbox[0].turn = Some(3);
    assert!(wrong(of_another).contains(&(Kind::Unanswered, 1)));
    let nameless = |seen: &mut Seen, _: &mut Rows| {
        seen.got[0].text = "yes".to_owned();
        seen.may_be_nameless = Some(|_, reply| reply == "no");
    };
    assert_eq!(wrong(nameless), [(Kind::Unanswered, 1)]);
    let excused = |seen: &mut Seen, _: &mut Rows| {
        seen.got[0].text = "yes".to_owned();
        seen.may_be_nameless = Some(|message, reply| message.starts_with("message 1") && reply == "yes");
    };
    assert_eq!(wrong(excused), []);
    let answered_together = |seen: &mut Seen, rows: &mut Rows| {
        excused(seen, rows);
        rows.inbox[1].turn = rows.inbox[0].turn;
    };
    assert!(
        !wrong(answered_together)
            .iter()
            .any(|(kind, _)| *kind == Kind::Unanswered)
    );
}

#[test]
fn an_ignored_or_wordless_message_needs_no_reply() {
    let silent = |state: &'static str, excused: Option<&'static str>, is_wordless| {
        wrong(move |seen, rows| {
            seen.got.remove(0);
            seen.said[0].is_wordless = is_wordless;
            for text in [&mut seen.said[0].text, &mut rows.dialogs[0].text] {
                "[attachment]".clone_into(text);
            }
            seen.excused.extend(excused);
            (rows.inbox[0].state, rows.inbox[0].reason) = (state.to_owned(), "reset".to_owned());
            rows.outbox.remove(0);
            rows.dialogs.remove(1);
        })
    };
    assert_eq!(silent("ignored", Some("reset"), false), []);
    assert_eq!(silent("ignored", Some("flood"), false), [(Kind::Unanswered, 1)]);
    assert_eq!(silent("done", None, true), []);
    assert_eq!(silent("failed", None, false), [(Kind::Unanswered, 1)]);
    assert_eq!(
        silent("pending", None, true),
        [(Kind::Unanswered, 1), (Kind::Pending, 1)]
    );
}

#[test]
fn a_reply_that_did_not_arrive_is_lost_whatever_its_row_says() {
    let lost = [(Kind::Unanswered, 1), (Kind::Undelivered, 1)];
    assert_eq!(wrong(|seen, _| drop(seen.got.remove(0))), lost);
    assert_eq!(wrong(|_, rows| "dead".clone_into(&mut rows.outbox[0].state)), lost);
    let mut owed = lost.to_vec();
    owed.push((Kind::Owed, 1));
    assert_eq!(wrong(|_, rows| "retryable".clone_into(&mut rows.outbox[0].state)), owed);
}

#[test]
fn a_message_the_model_never_received_is_lost() {
    assert_eq!(wrong(|seen, _| drop(seen.asked.remove(0))), [(Kind::UnseenByModel, 1)]);
}

#[test]
fn every_message_is_stored_once() {
    assert_eq!(wrong(|_, rows| drop(rows.dialogs.remove(0))), [(Kind::Unkept, 1)]);
    assert_eq!(wrong(|_, rows| drop(rows.dialogs.remove(1))), [(Kind::Unkept, 1)]);
    assert_eq!(
        wrong(|_, rows| rows.dialogs.push(rows.dialogs[0].clone())),
        [(Kind::Unkept, 1)]
    );
    assert_eq!(wrong(|_, rows| rows.dialogs[0].text.push('!')), [(Kind::Unkept, 2)]);
}

#[test]
fn a_duplicate_is_allowed_only_as_often_as_its_row_is_marked() {
    for (marks, unmarked) in [(0, 2), (1, 1), (2, 0)] {
        let mut run = good();
        let again = Got {
            message: 99,
            ..run.seen.got[0].clone()
        };
        run.seen.got.extend([again.clone(), again]);
        run.rows.outbox[0].maybe_sent = marks;
        run.rows.outbox[1].maybe_sent = 5;
        let verdict = verify(&run.seen, &run.rows);
        assert_eq!(verdict.wrong(&[Kind::Double]), unmarked);
        assert_eq!(
            (verdict.marked_doubles(Kind::Double), verdict.marks(Kind::Double)),
            (marks, marks + 5)
        );
    }
}

#[test]
fn the_same_text_from_two_rows_is_a_duplicate_only_if_texts_are_unique() {
    let twice = |says_once| {
        wrong(move |seen, rows| {
            seen.says_once = says_once;
            let (mut got, mut row) = (seen.got[0].clone(), rows.outbox[0].clone());
            (got.message, row.remote, row.key) = (12, Some(12), "notice:1".to_owned());
            seen.got.insert(1, got);
            rows.outbox.insert(1, row);
        })
    };
    assert_eq!(twice(false), []);
    assert_eq!(twice(true), [(Kind::Double, 1)]);
}

#[test]
fn a_reply_after_a_later_one_is_out_of_order() {
    let late = [(Kind::OutOfOrder, 1)];
    assert_eq!(wrong(|seen, _| seen.got.swap(0, 1)), late);
    assert_eq!(wrong(|_, rows| rows.outbox.swap(0, 1)), late);
    assert_eq!(wrong(|_, rows| rows.inbox[1].message = Some(22)), late);
    let same_key = |_: &mut Seen, rows: &mut Rows| rows.outbox[1].key = rows.outbox[0].key.clone();
    assert!(wrong(same_key).contains(&(Kind::Double, 1)));
}

#[test]
fn a_message_for_one_customer_must_not_reach_another() {
    let foreign = |seen: &mut Seen, _: &mut Rows| {
        let mut got = seen.got[0].clone();
        got.chat = 2;
        seen.got.push(got);
    };
    assert_eq!(wrong(foreign), [(Kind::WrongChat, 1)]);
    let answer = |seen: &mut Seen, _: &mut Rows| seen.answers[0].0 = Some(2);
    assert_eq!(wrong(answer), [(Kind::WrongChat, 1)]);
    let named = |seen: &mut Seen, _: &mut Rows| seen.got[0].text.push_str(", message 3 of customer 2");
    assert_eq!(wrong(named), [(Kind::WrongChat, 1)]);
    let mixed = |seen: &mut Seen, _: &mut Rows| seen.asked[0].push_str(", message 3 of customer 2");
    assert_eq!(wrong(mixed), [(Kind::MixedUp, 1)]);
    let of_row = |_: &mut Seen, rows: &mut Rows| rows.outbox[0].chat = 2;
    assert!(wrong(of_row).contains(&(Kind::Unanswered, 1)));
}

#[test]
fn a_contact_that_is_not_one_lead_of_its_customer_is_lost() {
    assert_eq!(wrong(|_, rows| rows.leads.clear()), [(Kind::Unrecorded, 1)]);
    assert_eq!(wrong(|_, rows| rows.leads[0].messages.clear()), [(Kind::Unrecorded, 1)]);
    let of_another = |_: &mut Seen, rows: &mut Rows| rows.leads[0].chat = 1;
    assert_eq!(wrong(of_another), [(Kind::Unrecorded, 1), (Kind::StrayLead, 1)]);
    let other_number = |_: &mut Seen, rows: &mut Rows| rows.leads[0].phone.push('0');
    assert_eq!(wrong(other_number), [(Kind::StrayLead, 1)]);
    let twice = |_: &mut Seen, rows: &mut Rows| {
        let mut lead = rows.leads[0].clone();
        (lead.id, lead.revision) = (2, 0);
        rows.leads.push(lead);
    };
    assert_eq!(wrong(twice), [(Kind::Unrecorded, 1), (Kind::StrayLead, 1)]);
}

#[test]
fn a_lead_without_its_letter_is_lost() {
    let lost = [(Kind::Unmailed, 1), (Kind::LetterLost, 1)];
    assert_eq!(wrong(|seen, _| drop(seen.letters.remove(0))), lost);
    assert_eq!(wrong(|_, rows| rows.leads[0].revision = 2), [(Kind::Unmailed, 1)]);
    assert_eq!(wrong(|seen, _| seen.letters[0].text.clear()), [(Kind::Unmailed, 1)]);
    assert_eq!(
        wrong(|_, rows| "dead".clone_into(&mut rows.outbox[7].state)),
        [(Kind::LetterLost, 1)]
    );
    let gathered = |seen: &mut Seen, rows: &mut Rows| {
        "leads-50.a@b".clone_into(&mut seen.letters[0].id);
        "leads:1:1:owner".clone_into(&mut rows.outbox[7].key);
    };
    assert_eq!(wrong(gathered), []);
}

#[test]
fn a_mark_on_one_letter_does_not_excuse_another() {
    let twice = |marked: usize| {
        wrong(move |seen, rows| {
            seen.letters.push(seen.letters[0].clone());
            rows.outbox[marked].maybe_sent = 3;
        })
    };
    assert_eq!(twice(7), []);
    assert_eq!(twice(8), [(Kind::LetterDouble, 1)]);
    let stray = |seen: &mut Seen, _: &mut Rows| {
        "lead-9.1.a@b".clone_into(&mut seen.letters[1].id);
        seen.letters.push(seen.letters[1].clone());
    };
    assert_eq!(
        wrong(stray),
        [(Kind::LetterLost, 1), (Kind::LetterDouble, 1), (Kind::StrayLetter, 1)]
    );
}

#[test]
fn gaps_between_periods_and_missing_letters_are_found() {
    assert_eq!(wrong(|_, rows| rows.periods[1].after = 8), [(Kind::ReportWrong, 1)]);
    assert_eq!(wrong(|_, rows| rows.periods[0].after = 1), [(Kind::ReportWrong, 1)]);
    assert_eq!(wrong(|_, rows| rows.periods.truncate(1)), [(Kind::ReportWrong, 1)]);
    assert_eq!(
        wrong(|seen, _| seen.owners.push("partner".into())).last(),
        Some(&(Kind::ReportWrong, 1))
    );
    assert!(wrong(|_, rows| rows.outbox[8].report = None).contains(&(Kind::ReportWrong, 1)));
}

#[test]
fn customer_one_is_not_mistaken_for_customer_ten() {
    assert_eq!(names("re: message 2 of customer 10, message 3 of customer"), [(2, 10)]);
    assert!(holds("8 (912) 345-67 89", NUMBER, 9) && !holds("8 (912) 345-67 89", NUMBER, 11));
    assert!(holds("Anna@Example.org", "anna@example.org", 9));
}
