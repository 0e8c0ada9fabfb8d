//! Lead letters: when they are sent, what they contain, and how too many are gathered.

use chrono::TimeDelta;
use domain::{Alert, AlertKind, InboxId, LeadFacts, LeadNotice, LeadSource, Letter, Origin};
use pages::{Fate, LeadPage, PageBody, Speaker};

use super::bench::Bench;
use super::samples::{claim, claim_by, facts, phone, saved, turn};
use crate::{
    ClaimDeliveries, Delivery, FinishTurn, FormUpdate, LeftContacts, LoadLetter, Payload, RecordVerdict, Verdict, Way,
};

const A: &str = "+79123456789";
const B: &str = "+79990000000";
const OWNER: &str = "owner@example.org";

fn tool(bench: &Bench, chat: i64, row: InboxId, number: &str, request: Option<&str>) {
    let facts = LeadFacts {
        request: request.map(Into::into),
        ..facts(number)
    };
    bench.tell(saved(chat, row, facts));
}

fn notice(delivery: &Delivery) -> &LeadNotice {
    match &delivery.payload {
        Payload::Letter {
            letter: Letter::Lead(notice),
            ..
        } => notice,
        other => panic!("not a lead letter: {other:?}"),
    }
}

fn letters(deliveries: &[Delivery]) -> Vec<&Delivery> {
    let is_letter = |delivery: &&Delivery| matches!(delivery.payload, Payload::Letter { .. });
    deliveries.iter().filter(is_letter).collect()
}

fn page(bench: &Bench, delivery: &Delivery) -> LeadPage {
    let page = bench.tell(LoadLetter::of(delivery, 1_000, 20).unwrap());
    match page.body {
        PageBody::Lead(page) => *page,
        other => panic!("not a lead page: {other:?}"),
    }
}

#[test]
fn a_letter_becomes_due_at_the_end_of_its_turn_with_the_last_answer() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    assert_eq!(bench.tell(claim(100)).deliveries.len(), 0, "it waits for the end");
    let finished = bench.answers(1, &[row], "записал");
    let letters = letters(&finished.deliveries);
    assert_eq!(letters.len(), 2, "one per owner");
    let page = page(&bench, letters[0]);
    let texts: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["8 912 345-67-89", "записал"]);
    assert_eq!(page.lines[1].speaker, Speaker::Us(Fate::Sent), "on its way");
    assert!(bench.leads()[0].messages.contains("записал"));
}

#[test]
fn a_lead_email_is_sent_after_a_minute_if_its_turn_does_not_end() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    bench.hand.advance(TimeDelta::seconds(59));
    assert_eq!(bench.tell(claim(100)).deliveries.len(), 0);
    assert_eq!(
        bench.tell(claim(100)).next_due,
        Some(bench.now() + TimeDelta::seconds(1))
    );
    bench.hand.advance(TimeDelta::seconds(1));
    assert_eq!(bench.tell(claim_by(Way::Mail, 100)).deliveries.len(), 2);
    // The late end of the turn adds no second letter.
    let finished = bench.answers(1, &[row], "записал");
    assert_eq!(letters(&finished.deliveries).len(), 0);
    assert_eq!(bench.letters(OWNER).len(), 1);
    assert!(bench.leads()[0].messages.contains("записал"), "the row still has it");
}

#[test]
fn a_turn_that_saves_twice_sends_one_letter_with_the_final_facts() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    tool(&bench, 1, row, B, Some("уборка"));
    let finished = bench.answers(1, &[row], "записал");
    let letters = letters(&finished.deliveries);
    assert_eq!(letters.len(), 2);
    let notice = notice(letters[0]);
    assert_eq!(
        (notice.revision, notice.changes.len()),
        (1, 0),
        "no letter has been sent before"
    );
    assert_eq!(notice.facts.phone().unwrap().number.as_str(), B);
    assert_eq!(notice.facts.request.as_deref(), Some("уборка"));
    assert_eq!(bench.leads()[0].revision, 1);
}

#[test]
fn an_update_letter_shows_the_old_and_the_new_facts() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    let finished = bench.answers(1, &[row], "записал");
    for letter in letters(&finished.deliveries) {
        bench.record(letter, Verdict::Sent { remote_id: None });
    }
    let next = bench.hears(1, 2, "лучше 8 999 000-00-00");
    let found = FinishTurn {
        contacts: LeftContacts {
            found: vec![phone(B, Origin::Typed)],
            source: LeadSource::Text,
        },
        ..turn(1, &[next], "понял")
    };
    let finished = bench.finish(&found);
    let letters = letters(&finished.deliveries);
    let notice = notice(letters[0]);
    assert_eq!((notice.revision, notice.source), (2, LeadSource::Text));
    let [change] = notice.changes.as_slice() else {
        panic!("{:?}", notice.changes)
    };
    assert_eq!((change.before.as_deref(), change.after.as_str()), (Some(A), B));
}

#[test]
fn an_update_letter_waits_behind_an_undelivered_letter() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    let finished = bench.answers(1, &[row], "записал");
    let due = bench.now() + TimeDelta::minutes(5);
    for letter in letters(&finished.deliveries) {
        let verdict = Verdict::RetryAt {
            due,
            reason: "connect".into(),
            maybe_sent: false,
        };
        bench.record(letter, verdict);
    }
    let next = bench.hears(1, 2, "лучше 8 999 000-00-00");
    tool(&bench, 1, next, B, None);
    let finished = bench.answers(1, &[next], "понял");
    assert_eq!(letters(&finished.deliveries).len(), 0, "the lane's head is not due");
    bench.hand.advance(TimeDelta::minutes(5));
    let claimed = bench.tell(claim(100));
    assert!(
        letters(&claimed.deliveries)
            .iter()
            .all(|letter| notice(letter).revision == 1)
    );
    let next = bench.record(letters(&claimed.deliveries)[0], Verdict::Sent { remote_id: None });
    assert_eq!(notice(&next.unwrap()).revision, 2);
}

#[test]
fn from_the_21st_lead_of_an_hour_emails_are_combined() {
    let bench = Bench::new();
    for n in 1..=23 {
        let row = bench.hears(n, n, "8 912 345-67-89");
        tool(&bench, n, row, A, None);
        bench.answers(n, &[row], "записал");
        bench.hand.advance(TimeDelta::minutes(1));
    }
    let all = bench.letters(OWNER);
    assert_eq!((bench.leads().len(), all.len()), (23, 21), "none is dropped");
    let gathered = &all[20];
    assert_eq!(gathered.state, "scheduled");
    assert_eq!(gathered.payload.matches("\"lead\":").count(), 3, "{}", gathered.payload);
    // It is due when the first of the twenty is an hour old.
    assert_eq!(gathered.due_at.and_utc() - bench.now(), TimeDelta::minutes(60 - 23));
    bench.hand.advance(TimeDelta::minutes(40));
    let claimed = bench.tell(claim(100));
    let is_gathered = |delivery: &&Delivery| delivery.id.0 == gathered.id;
    let delivery = claimed.deliveries.iter().find(is_gathered).unwrap();
    let page = bench.tell(LoadLetter::of(delivery, 100, 20).unwrap());
    let PageBody::Leads(pages) = page.body else {
        panic!("several leads")
    };
    assert!(pages.iter().all(|page| page.lines.last().unwrap().text == "записал"));
}

#[test]
fn a_gathered_letter_includes_new_facts_of_its_leads() {
    let bench = Bench::new();
    for n in 1..=21 {
        let row = bench.hears(n, n, "8 912 345-67-89");
        tool(&bench, n, row, A, None);
        bench.answers(n, &[row], "записал");
    }
    let next = bench.hears(21, 22, "лучше 8 999 000-00-00");
    tool(&bench, 21, next, B, None);
    bench.answers(21, &[next], "понял");
    let all = bench.letters(OWNER);
    assert_eq!(all.len(), 21);
    assert!(all[20].payload.contains(B), "{}", all[20].payload);
    assert_eq!(bench.leads()[20].revision, 1);
}

#[test]
fn a_letter_marks_replies_that_were_not_delivered() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "сколько стоит?");
    let first = bench.answers(1, &[row], "не дошло");
    let dead = Verdict::Dead { reason: "no".into() };
    bench.record(&first.deliveries[0], dead);
    let row = bench.hears(1, 2, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    let finished = bench.answers(1, &[row], "записал");
    let letter = letters(&finished.deliveries)[0].clone();
    let lost = Verdict::RetryAt {
        due: bench.now() + TimeDelta::seconds(5),
        reason: "connect".into(),
        maybe_sent: false,
    };
    bench.record(&finished.deliveries[0], lost);
    let page = page(&bench, &letter);
    let fates: Vec<Speaker> = page.lines.iter().map(|line| line.speaker).collect();
    assert_eq!(
        fates,
        [
            Speaker::Customer,
            Speaker::Us(Fate::NotDelivered),
            Speaker::Customer,
            Speaker::Us(Fate::Waiting)
        ]
    );
}

#[test]
fn a_long_dialog_is_cut_at_its_start_with_the_number_of_lines_left_out() {
    let bench = Bench::new();
    for n in 1..=5 {
        let row = bench.hears(1, n, &format!("message {n}"));
        bench.answers(1, &[row], "ok");
    }
    let row = bench.hears(1, 6, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    let finished = bench.answers(1, &[row], "записал");
    let letter = letters(&finished.deliveries)[0].clone();
    let load = LoadLetter {
        lines: 3,
        ..LoadLetter::of(&letter, 0, 20).unwrap()
    };
    let PageBody::Lead(page) = bench.tell(load).body else {
        panic!("a lead")
    };
    let texts: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!((texts, page.left_out), (vec!["ok", "8 912 345-67-89", "записал"], 9));
}

#[test]
fn an_operator_is_notified_at_most_once_an_hour() {
    let bench = Bench::new();
    let mut alerts = Vec::new();
    for (n, minutes) in [(1, 0), (2, 59), (3, 1), (4, 10)] {
        bench.hand.advance(TimeDelta::minutes(minutes));
        let row = bench.hears(1, n, "ау");
        let failed = FinishTurn {
            alert: Some(Alert {
                kind: AlertKind::Assistant,
                reason: "deadline".into(),
                at: bench.now(),
            }),
            form: FormUpdate::Ask,
            ..turn(1, &[row], "позже")
        };
        alerts.push(bench.finish(&failed).is_alert_raised);
    }
    assert_eq!(alerts, [true, false, true, false]);
    assert_eq!(bench.letters("ops@example.org").len(), 2);
    let marks = bench.customer(1);
    assert!(marks.form_since < marks.form_asked_at, "opened once, asked again");
}

#[test]
fn a_hanging_mail_server_delays_no_reply() {
    let bench = Bench::new();
    let row = bench.hears(1, 1, "8 912 345-67-89");
    tool(&bench, 1, row, A, None);
    let row = bench.hears(2, 2, "вопрос");
    let reply = bench.answers(2, &[row], "ответ").deliveries.remove(0);
    let lost = RecordVerdict {
        id: reply.id,
        attempt: 1,
        verdict: Verdict::RetryAt {
            due: bench.now(),
            reason: "connect".into(),
            maybe_sent: false,
        },
    };
    // The verdict returns the next delivery of the lane, which is the same row, due at once.
    assert_eq!(bench.tell(lost).map(|next| next.id), Some(reply.id));
    bench.hand.advance(TimeDelta::minutes(2));
    let full = ClaimDeliveries {
        held: vec![reply.id],
        ..claim_by(Way::Chat, 5)
    };
    assert_eq!(bench.tell(full).deliveries.len(), 0, "letters have their own bound");
}

#[test]
fn an_update_letter_never_precedes_the_gathered_letter_of_its_lead() {
    let bench = Bench::new();
    for n in 1..=21 {
        let row = bench.hears(n, n, "8 912 345-67-89");
        tool(&bench, n, row, A, None);
        bench.answers(n, &[row], "записал");
    }
    bench.hand.advance(TimeDelta::minutes(61));
    let claimed = bench.tell(claim_by(Way::Mail, 100));
    let gathered = claimed
        .deliveries
        .iter()
        .find(|delivery| delivery.lane.0.ends_with(":leads"));
    let tried = Verdict::RetryAt {
        due: bench.now() + TimeDelta::minutes(5),
        reason: "connect".into(),
        maybe_sent: false,
    };
    bench.record(gathered.unwrap(), tried);
    let next = bench.hears(21, 22, "лучше 8 999 000-00-00");
    tool(&bench, 21, next, B, None);
    bench.answers(21, &[next], "понял");
    let lane = gathered.unwrap().lane.0.clone();
    let owner = if lane.contains(OWNER) {
        OWNER
    } else {
        "boss@example.org"
    };
    let letters = bench.letters(owner);
    assert_eq!(letters.last().unwrap().lane, lane, "it waits behind");
}

#[test]
fn no_dialog_makes_a_letter_too_large_for_mail_servers() {
    let bench = Bench::new();
    for n in 1..=80 {
        let row = bench.hears(1, n, &"я".repeat(4_096));
        bench.answers(1, &[row], "ok");
    }
    let row = bench.hears(1, 81, &format!("8 912 345-67-89 {}", "x".repeat(20_000)));
    tool(&bench, 1, row, A, None);
    let finished = bench.answers(1, &[row], "записал");
    let page = page(&bench, letters(&finished.deliveries)[0]);
    let length: usize = page.lines.iter().map(|line| line.text.chars().count()).sum();
    assert!((250_000..=300_000).contains(&length), "{length}");
    assert!(page.left_out > 0 && page.lines.last().unwrap().text == "записал");
    assert!(page.lines.iter().all(|line| line.text.chars().count() <= 8_001));
    assert!(bench.leads()[0].messages.chars().count() < 400_000);
}
