//! Each check of the verdict fails once here. Checks that fail with it are listed too.

use audit::{Got, Said};
use sandbox::{Letter, RunSeen};
use serde_json::json;

use super::super::settings::OWNER;
use super::super::stage::Left;
use super::*;

const ONE: i64 = 1;
const TWO: i64 = 2;
/// The customer who leaves a number.
const LEAVER: i64 = 3;
const NUMBER: &str = "+79123456789";

const A_REPLY: &str = "every message has exactly one reply";
const A_LEAD: &str = "every contact is a lead";
const A_LETTER: &str = "every lead is emailed to the owner once";
const THE_RIGHT_LETTER: &str = "with the number and the whole dialog";
const THE_REPORT: &str = "the report contains every customer message";

/// Three customers with one answered question each; the third left a number.
fn good() -> Evidence {
    let mut evidence = Evidence::default();
    for chat in [ONE, TWO, LEAVER] {
        turn(&mut evidence, chat);
    }
    let contact = NUMBER.to_owned();
    evidence.interrupted.push(ONE);
    evidence.seen.owners.push(OWNER.to_owned());
    evidence.seen.contacts.push((LEAVER, contact.clone()));
    evidence.left.push(Left {
        chat: LEAVER,
        update: LEAVER,
        contact,
    });
    let lead = format!(r#"7|{LEAVER}|{{"phones":["{NUMBER}"]}}|{NUMBER}||{}|1"#, asked(LEAVER));
    evidence.rows.leads.push(row(&lead));
    let words = format!("{NUMBER}\n{}\nsay **{LEAVER}**", asked(LEAVER));
    arrives(&mut evidence, "lead:7:1:owner", "lead-7.1.abc@shop", &words);
    evidence
}

fn asked(chat: i64) -> String {
    match chat {
        LEAVER => "8 (912) 345-67 89, call me".into(),
        chat => format!("ask {chat}"),
    }
}

/// Adds an email to the owner.
fn arrives(evidence: &mut Evidence, key: &str, id: &str, words: &str) {
    let id = id.to_owned();
    let sent = format!("9|{key}|0|{OWNER}|completed|0|||");
    evidence.rows.outbox.push(row(&sent));
    evidence.seen.letters.push(audit::Letter {
        address: OWNER.to_owned(),
        id: id.clone(),
        text: words.to_owned(),
    });
    evidence.letters.push(Letter {
        from: "shop@example.org".into(),
        to: vec![OWNER.to_owned()],
        subject: "Lead 7".into(),
        html: Some(format!("<a href=\"tel:{NUMBER}\">{words}</a>")),
        text: Some(words.to_owned()),
        message_id: Some(id),
        ..Letter::default()
    });
}

/// A row of a query result.
fn row<T: From<Vec<String>>>(cells: &str) -> T {
    T::from(cells.split('|').map(str::to_owned).collect())
}

fn turn(evidence: &mut Evidence, chat: i64) {
    let (text, answered, thread) = (asked(chat), format!("say {chat}"), format!("conv_{chat}"));
    evidence.seen.said.push(Said {
        update: chat,
        chat,
        text: text.clone(),
        is_wordless: false,
    });
    evidence.seen.got.push(Got {
        chat,
        message: 2,
        text: answered.clone(),
    });
    evidence.answers.push((thread.clone(), answered.clone()));
    evidence.runs.push(RunSeen {
        n: 0,
        conversation: Some(thread.clone()),
        input: json!([{"role": "user", "content": text}]),
        body: json!({"safety_identifier": format!("hash of {chat}")}),
        completed: true,
    });
    let rows = &mut evidence.rows;
    rows.inbox.push(row(&format!("{chat}|{chat}|{chat}|1|done||{chat}")));
    rows.outbox
        .push(row(&format!("{chat}|reply:{chat}:1|{chat}||completed|0|2||")));
    rows.dialogs.push(row(&format!("{chat}|user|{text}|{chat}|{chat}")));
    rows.dialogs
        .push(row(&format!("{chat}|assistant|{answered}|{chat}|{chat}")));
    evidence.threads.insert(thread, chat);
}

/// The checks that fail after a change.
fn broken(change: impl FnOnce(&mut Evidence)) -> Vec<&'static str> {
    let mut evidence = good();
    change(&mut evidence);
    let broken = checks(&evidence, Lang::En).into_iter().filter(|check| !check.is_met);
    broken.map(|check| check.what.of(Lang::En)).collect()
}

#[test]
fn a_good_run_passes_every_check() {
    assert_eq!(broken(|_| {}), [""; 0]);
}

#[test]
fn each_finding_of_the_audit_fails_its_check() {
    let survived = "messages interrupted by a kill are answered";
    assert_eq!(broken(|run| drop(run.rows.inbox.pop()))[0], A_REPLY);
    assert_eq!(broken(|run| drop(run.seen.got.remove(0))), [A_REPLY, survived]);
    assert_eq!(
        broken(|run| run.rows.inbox[1].message = Some(5)),
        ["in order, after its question"]
    );
    assert_eq!(
        broken(|run| run.seen.got.push(Got {
            message: 3,
            ..run.seen.got[1].clone()
        })),
        ["no message answered twice"]
    );
    assert_eq!(broken(|run| run.rows.leads[0].messages.clear()), [A_LEAD]);
    assert_eq!(broken(|run| run.rows.leads[0].revision = 2), [A_LETTER]);
    assert_eq!(
        broken(|run| run.seen.letters.push(run.seen.letters[0].clone())),
        [A_LETTER]
    );
    let waits = |run: &mut Evidence| "retryable".clone_into(&mut run.rows.outbox[3].state);
    assert_eq!(broken(waits), [A_LETTER, "no unfinished rows"]);
}

#[test]
fn an_answer_may_not_reach_another_customer() {
    let other = broken(|run| {
        "say 1".clone_into(&mut run.seen.got[1].text);
    });
    assert_eq!(other, ["no reply went to another customer"]);
}

#[test]
fn a_request_with_another_customers_words_is_found() {
    for input in [
        json!([{"role": "user", "content": "ask 1"}, {"role": "user", "content": "ask 2"}]),
        json!([{"role": "assistant", "content": "say 1"}, {"role": "user", "content": "ask 2"}]),
    ] {
        let found = broken(|run| run.runs[1].input = input);
        assert!(found.contains(&"the model sees only this customer's history"));
    }
}

#[test]
fn protocol_violations_fail_a_check() {
    let found = broken(|run| run.violations.push("parse_mode".into()));
    assert_eq!(found, ["the protocols of Telegram, OpenAI and SMTP are met"]);
}

#[test]
fn a_lead_letter_contains_every_message_in_both_parts() {
    assert_eq!(broken(|run| run.letters[0].html = None), [THE_RIGHT_LETTER]);
    let short = |run: &mut Evidence| run.letters[0].text = Some(format!("{NUMBER} {}", asked(LEAVER)));
    assert_eq!(broken(short), [THE_RIGHT_LETTER]);
    let to_another = |run: &mut Evidence| run.letters[0].to = vec!["operator@example.org".into()];
    assert_eq!(broken(to_another), [THE_RIGHT_LETTER]);
}

#[test]
fn a_link_to_a_foreign_number_fails_a_check() {
    let found = broken(|run| {
        let html = run.letters[0].html.as_mut().unwrap();
        html.push_str("<a href=\"tel:+79990000000\">");
    });
    assert_eq!(found, [THE_RIGHT_LETTER]);
}

#[test]
fn a_missing_or_incomplete_report_fails_a_check() {
    let reported = |words: &str| {
        broken(|run| {
            run.to_report = Some([ONE, TWO, LEAVER].map(asked).to_vec());
            arrives(run, "report-extra:1:owner", "report-extra-9.abc@shop", words);
        })
    };
    assert_eq!(reported(&[ONE, TWO, LEAVER].map(asked).join("\n")), [""; 0]);
    assert_eq!(reported(&asked(ONE)), [THE_REPORT]);
    assert_eq!(broken(|run| run.to_report = Some(Vec::new())), [THE_REPORT]);
}
