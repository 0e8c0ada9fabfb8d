//! A verdict that could not fail would be worth nothing: each promise is broken here once.

use std::collections::BTreeMap;

use sandbox::{Letter, Reply, RunSeen};
use serde_json::json;

use super::super::evidence::{DialogRow, Evidence, InboxRow, LeadRow, OutboxRow, Said};
use super::super::stage::Left;
use super::*;

const ONE: i64 = 1;
const TWO: i64 = 2;
/// Who leaves his number.
const LEAVER: i64 = 3;
const NUMBER: &str = "+79123456789";

const A_LEAD: &str = "every left contact is a lead";
const A_LETTER: &str = "every lead is a letter to the owner, once";
const THE_RIGHT_LETTER: &str = "with the number and the whole dialog";

/// Three customers, each of whom asked once and got his answer; the third left his number.
fn good() -> Evidence {
    let mut evidence = Evidence {
        said: Vec::new(),
        got: BTreeMap::new(),
        runs: Vec::new(),
        answers: Vec::new(),
        violations: Vec::new(),
        inbox: Vec::new(),
        outbox: Vec::new(),
        letters_out: Vec::new(),
        letters: Vec::new(),
        doubles: 0,
        leads: Vec::new(),
        to_report: Vec::new(),
        left: Vec::new(),
        dialogs: Vec::new(),
        threads: BTreeMap::new(),
        interrupted: vec![(ONE, 1)],
    };
    for chat in [ONE, TWO, LEAVER] {
        turn(&mut evidence, chat);
    }
    lead(&mut evidence);
    evidence
}

fn asked(chat: i64) -> String {
    match chat {
        LEAVER => "8 (912) 345-67 89, call me".into(),
        chat => format!("ask {chat}"),
    }
}

fn lead(evidence: &mut Evidence) {
    evidence.left.push(Left {
        chat: LEAVER,
        update: LEAVER,
        contact: NUMBER.into(),
    });
    evidence.leads.push(LeadRow {
        id: 7,
        chat: LEAVER,
        contact: format!(r#"{{"phones":["{NUMBER}"]}}"#),
        messages: asked(LEAVER),
        revision: 1,
    });
    evidence.letters_out.push(OutboxRow {
        key: "lead:7:1:owner@example.org".into(),
        chat: LEAVER,
        state: "completed".into(),
        maybe_sent: 0,
        remote: 0,
    });
    evidence.letters.push(letter());
}

fn letter() -> Letter {
    let words = format!("{NUMBER}\n{}\nsay **{LEAVER}**", asked(LEAVER));
    Letter {
        from: "shop@example.org".into(),
        to: vec!["owner@example.org".into()],
        raw: Vec::new(),
        subject: "Lead 7".into(),
        html: Some(format!("<a href=\"tel:{NUMBER}\">{words}</a>")),
        text: Some(words),
        message_id: Some("lead-7.1.abc@example.org".into()),
        in_reply_to: None,
        references: Vec::new(),
        from_name: None,
        attachments: Vec::new(),
        date: None,
        at: 0,
    }
}

fn turn(evidence: &mut Evidence, chat: i64) {
    let (asked, answered, thread) = (asked(chat), format!("say {chat}"), format!("conv_{chat}"));
    evidence.said.push(Said {
        update: chat,
        chat,
        text: asked.clone(),
    });
    evidence.got.insert(chat, vec![reply(2, &answered)]);
    evidence.answers.push((thread.clone(), answered.clone()));
    evidence.runs.push(run(chat, &asked));
    evidence.inbox.push(InboxRow {
        update: chat,
        chat,
        message: 1,
        state: "done".into(),
        turn: chat,
    });
    evidence.outbox.push(OutboxRow {
        key: format!("reply:{chat}:1"),
        chat,
        state: "completed".into(),
        maybe_sent: 0,
        remote: 2,
    });
    for (role, message) in [("user", asked), ("assistant", answered)] {
        evidence.dialogs.push(DialogRow {
            chat,
            role: role.into(),
            message,
            turn: chat,
        });
    }
    evidence.threads.insert(thread, chat);
}

fn reply(message_id: i64, text: &str) -> Reply {
    Reply {
        message_id,
        text: text.into(),
        entities: Vec::new(),
        body: json!({}),
        at: 0,
    }
}

fn run(chat: i64, asked: &str) -> RunSeen {
    RunSeen {
        n: 0,
        conversation: Some(format!("conv_{chat}")),
        input: json!([{"role": "user", "content": asked}]),
        body: json!({"safety_identifier": format!("hash of {chat}")}),
        completed: true,
    }
}

/// The promises that were broken, in English.
fn broken(evidence: &Evidence) -> Vec<&'static str> {
    let broken = checks(evidence, Lang::En).into_iter().filter(|check| !check.is_met);
    broken.map(|check| check.what.of(Lang::En)).collect()
}

fn chat(evidence: &mut Evidence, chat: i64) -> &mut Vec<Reply> {
    evidence.got.get_mut(&chat).unwrap()
}

#[test]
fn a_good_run_meets_every_promise() {
    assert_eq!(broken(&good()), Vec::<&str>::new());
}

#[test]
fn a_message_without_a_row_is_lost() {
    let mut evidence = good();
    evidence.inbox.pop();
    assert_eq!(broken(&evidence)[0], "every message has exactly one reply");
}

#[test]
fn a_reply_that_only_the_rows_know_is_no_reply() {
    let mut evidence = good();
    chat(&mut evidence, ONE).clear();
    let promises = [
        "every message has exactly one reply",
        "what a kill interrupted is answered after it",
    ];
    assert_eq!(broken(&evidence), promises);
}

#[test]
fn a_second_delivery_is_a_double_unless_it_is_marked() {
    let mut evidence = good();
    chat(&mut evidence, TWO).push(reply(3, "say 2"));
    assert_eq!(broken(&evidence), ["nothing answered twice"]);
    evidence.outbox[1].maybe_sent = 1;
    assert_eq!(broken(&evidence), Vec::<&str>::new());
}

#[test]
fn a_reply_before_its_question_is_out_of_order() {
    let mut evidence = good();
    evidence.inbox[1].message = 5;
    assert_eq!(broken(&evidence), ["in order, behind its question"]);
}

#[test]
fn what_the_model_said_to_one_customer_may_not_reach_another() {
    let mut evidence = good();
    chat(&mut evidence, TWO)[0].text = "say 1".into();
    assert_eq!(broken(&evidence), ["nobody gets another customer's reply"]);
}

#[test]
fn foreign_words_in_a_request_are_found() {
    for input in [
        json!([{"role": "user", "content": "ask 1"}, {"role": "user", "content": "ask 2"}]),
        json!([{"role": "assistant", "content": "say 1"}, {"role": "user", "content": "ask 2"}]),
    ] {
        let mut evidence = good();
        evidence.runs[1].input = input;
        assert!(broken(&evidence).contains(&"the model gets only this customer's history"));
    }
}

#[test]
fn open_rows_and_broken_contracts_are_told() {
    let mut evidence = good();
    evidence.inbox.push(InboxRow {
        update: 9,
        chat: ONE,
        message: 9,
        state: "pending".into(),
        turn: 0,
    });
    evidence.violations.push("parse_mode".into());
    let promises = [
        "no row is left unfinished",
        "Telegram, OpenAI and SMTP are spoken to correctly",
    ];
    assert_eq!(broken(&evidence), promises);
}

#[test]
fn a_contact_that_is_no_lead_of_its_customer_is_lost() {
    let mut evidence = good();
    evidence.leads[0].chat = ONE;
    assert!(broken(&evidence).contains(&A_LEAD));
    let mut evidence = good();
    evidence.leads[0].contact = "+79990000000".into();
    assert_eq!(broken(&evidence), [A_LEAD]);
    let mut evidence = good();
    evidence.leads[0].messages.clear();
    assert_eq!(broken(&evidence), [A_LEAD]);
}

#[test]
fn a_lead_without_its_letter_is_told_to_nobody() {
    let mut evidence = good();
    evidence.letters.clear();
    assert_eq!(broken(&evidence), [A_LETTER, THE_RIGHT_LETTER]);
    let mut evidence = good();
    evidence.letters[0].to = vec!["operator@example.org".into()];
    assert_eq!(broken(&evidence), [A_LETTER, THE_RIGHT_LETTER]);
    let mut evidence = good();
    evidence.leads[0].revision = 2;
    assert_eq!(broken(&evidence), [A_LETTER]);
}

#[test]
fn a_twin_letter_is_a_double_unless_it_is_marked() {
    let mut evidence = good();
    evidence.doubles = 1;
    assert_eq!(broken(&evidence), [A_LETTER]);
    evidence.letters_out[0].maybe_sent = 1;
    assert_eq!(broken(&evidence), Vec::<&str>::new());
    let mut evidence = good();
    let message_id = Some("lead-7.1.other@example.org".into());
    evidence.letters.push(Letter { message_id, ..letter() });
    assert_eq!(broken(&evidence), [A_LETTER]);
}

#[test]
fn a_letter_tells_every_word_in_both_parts() {
    let mut evidence = good();
    evidence.letters[0].html = None;
    assert_eq!(broken(&evidence), [THE_RIGHT_LETTER]);
    let mut evidence = good();
    evidence.letters[0].text = Some(format!("{NUMBER} {}", asked(LEAVER)));
    assert_eq!(broken(&evidence), [THE_RIGHT_LETTER]);
}

#[test]
fn a_number_the_customer_never_wrote_may_not_be_tapped() {
    let mut evidence = good();
    let html = evidence.letters[0].html.as_mut().unwrap();
    html.push_str("<a href=\"tel:+79990000000\">");
    assert_eq!(broken(&evidence), [THE_RIGHT_LETTER]);
}

#[test]
fn a_letter_that_still_waits_is_unfinished() {
    let mut evidence = good();
    evidence.letters_out[0].state = "retryable".into();
    assert_eq!(broken(&evidence), ["no row is left unfinished"]);
}

/// The same, and the owner asked for a report on it.
fn reported(words: &str, times: usize) -> Evidence {
    let mut evidence = good();
    evidence.to_report = [ONE, TWO, LEAVER].map(asked).to_vec();
    evidence.letters_out.push(OutboxRow {
        key: "report-extra:1:owner@example.org".into(),
        chat: 0,
        state: "completed".into(),
        maybe_sent: 0,
        remote: 0,
    });
    let report = Letter {
        message_id: Some("report-extra-9.abc@example.org".into()),
        text: Some(words.to_owned()),
        ..letter()
    };
    evidence.letters.extend(std::iter::repeat_n(report, times));
    evidence
}

#[test]
fn a_report_that_lacks_a_word_or_comes_twice_is_told() {
    const TOLD: &str = "the report tells what customers wrote";
    let all = [ONE, TWO, LEAVER].map(asked).join("\n");
    assert_eq!(broken(&reported(&all, 1)), Vec::<&str>::new());
    assert_eq!(broken(&reported(&asked(ONE), 1)), [TOLD]);
    assert_eq!(broken(&reported(&all, 0)), [TOLD]);
    assert_eq!(broken(&reported(&all, 2)), [TOLD]);
    let mut marked = reported(&all, 2);
    marked.letters_out[1].maybe_sent = 1;
    assert_eq!(broken(&marked), Vec::<&str>::new());
}
