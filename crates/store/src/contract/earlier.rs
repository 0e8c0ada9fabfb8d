//! Statements find rows by the keys and words of an earlier version ([`super::spelling`] has the rows): no effect and no
//! report is repeated.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{
    AlertKind, ChatId, Email, IncomingUpdate, LeadFacts, LeadId, Occasion, Origin, ReportNotice, TurnId, UpdateId,
};

use super::samples::{batch, close, history, is_duplicate, phone, rules, text};
use super::spelling::{all, now, rows};
use crate::statements::report_page::report_page;
use crate::statements::{lead_records, reports};
use crate::{LeadOutcome, RaiseAlert, RecordGap, RecordLead, ReleaseHeldLetters, Statement};

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

#[test]
fn an_update_that_an_earlier_version_stored_or_counted_is_a_duplicate() {
    let mut conn = rows();
    for (chat, update, key) in [
        (16, 2_000_000_004, "1000001:2000000004:16:5:0"),
        // A message of a flood, counted without a row.
        (17, 2_000_000_029, "1000001:2000000029:17:24:0"),
    ] {
        let again = IncomingUpdate {
            key: key.into(),
            update: UpdateId(update),
            ..text(chat, 1, "once more")
        };
        let stored = batch(vec![again]).run(&mut conn, now()).unwrap();
        assert!(is_duplicate(&stored.updates[0]), "{key}");
    }
}

#[test]
fn a_tool_finds_its_effect_in_a_turn_of_an_earlier_version() {
    let mut conn = rows();
    let counted = |conn: &mut _| ["gaps", "successful_dialogs", "outbox"].map(|table| all(conn, "COUNT(*)", table));
    let before = counted(&mut conn);
    let gap = RecordGap {
        chat: ChatId(18),
        turn: TurnId(46),
        fingerprint: "7bebed7e1596d463c252e5b1273fef91".into(),
        question: "Есть ли парковка?".into(),
        output: "another".into(),
    };
    assert!(
        gap.run(&mut conn, now())
            .unwrap()
            .contains("the owner will see the question")
    );
    let lead = RecordLead {
        chat: ChatId(19),
        turn: TurnId(47),
        fingerprint: "769dabf7f45f45163421162f769973a2".into(),
        facts: LeadFacts::found(&[phone("79123456719", Origin::Typed)]),
        rules: rules(),
    };
    assert_eq!(
        lead.run(&mut conn, now()).unwrap().outcome,
        LeadOutcome::New,
        "as it was then"
    );
    assert_eq!(counted(&mut conn), before);
    let loaded = |chat, conn: &mut _| history(chat, now()).run(conn, now()).unwrap();
    assert_eq!(loaded(18, &mut conn).effects, ["report_gap"]);
    assert!(loaded(19, &mut conn).is_contact_saved);
    assert_eq!(loaded(11, &mut conn).lines.len(), 4, "two questions with their answers");
}

#[test]
fn notifications_of_an_earlier_version_are_not_sent_again() {
    let mut conn = rows();
    let kinds = AlertKind::ALL.into_iter().chain([AlertKind::Letters {
        to: Email::normalised("refused@example.org"),
    }]);
    let operators = crate::LeadRules {
        operators: vec![Email::normalised("operator@example.org")],
        ..(*rules()).clone()
    };
    for kind in kinds {
        let alert = domain::Alert {
            kind,
            reason: "quota".into(),
            at: now(),
        };
        let raise = RaiseAlert {
            alert: alert.clone(),
            rules: operators.clone().into(),
        };
        assert!(!raise.run(&mut conn, now()).unwrap().is_raised, "{alert:?}");
    }
    let closed = close(at("2026-09-22T06:00:00Z")).run(&mut conn, now());
    assert!(closed.unwrap().is_none());
}

#[test]
fn letters_of_an_earlier_version_are_found_by_their_words_and_keys() {
    let mut conn = rows();
    let period = reports::period_due(&mut conn, at("2026-09-22T06:01:00Z"), now()).unwrap();
    let notice = ReportNotice {
        period: period.unwrap(),
        occasion: Occasion::Due,
    };
    let page = report_page(&mut conn, notice, now()).unwrap();
    let refused = page
        .refused
        .iter()
        .map(|address| (address.to.as_str(), address.reason.as_str()));
    assert_eq!(
        refused.collect::<Vec<_>>(),
        [("refused@example.org", "550 no such user")]
    );
    let dead: BTreeSet<String> = page.dead.iter().map(|letter| letter.delivery.to_string()).collect();
    let to_customers = all(
        &mut conn,
        "id",
        "outbox WHERE state = 'dead' AND report_id = 2 AND chat_id > 0",
    );
    assert_eq!(dead, BTreeSet::from_iter(to_customers), "a group is not a customer");
    let gathered = all(&mut conn, "json_each.value", "outbox, json_each(lead_ids)");
    assert!(!gathered.is_empty());
    for lead in gathered {
        let story = lead_records::find(&mut conn, LeadId(lead.parse().unwrap()))
            .unwrap()
            .unwrap();
        assert!(story.letters.iter().any(|letter| letter.lead.is_none()), "{lead}");
    }
    let released = ReleaseHeldLetters.run(&mut conn, at("2026-09-22T06:01:40Z"));
    assert_eq!(released, Ok(1));
}
