//! Deliveries of each kind in all output formats.

use chrono::DateTime;
use domain::{
    Alert, AlertKind, ChatId, DeliveryId, DialogId, Email, InboxId, LeadChange, LeadFacts, LeadId, LeadSource,
    OutgoingMessage,
};
use store::{DeliveryState, Lane};

use super::*;
use crate::cli::tables::table;

fn record(key: &str, payload: Payload) -> DeliveryRecord {
    let address = payload.address().cloned();
    let at = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    DeliveryRecord {
        id: DeliveryId(5),
        key: key.to_owned(),
        lane: Lane::chat(ChatId(7)),
        chat: ChatId(7),
        payload: Some(payload),
        state: DeliveryState::Dead,
        reason: Some("550 no such user".into()),
        attempts: 2,
        maybe_sent: 1,
        due_at: at,
        created_at: at,
        claimed_at: Some(at),
        finished_at: Some(at),
        requeued_at: None,
        remote_id: None,
        dialog: Some(DialogId(9)),
        update: Some(100),
        lead: None,
        address,
        gathered: Vec::new(),
    }
}

fn letter(letter: Letter) -> DeliveryRecord {
    let to = Email::normalised("owner@example.org");
    let key = match &letter {
        Letter::Lead(_) => "lead:3:1:owner@example.org",
        Letter::Leads(_) => "leads:3:1:owner@example.org",
        Letter::Report(_) => "report:1790000000:owner@example.org",
        Letter::Alert(_) => "alert:assistant:1:ops@example.org",
    };
    record(key, Payload::Letter { to, letter })
}

fn notice() -> LeadNotice {
    LeadNotice {
        lead: LeadId(3),
        revision: 2,
        chat: ChatId(7),
        cause: InboxId(1),
        source: LeadSource::Tool,
        at: DateTime::UNIX_EPOCH,
        facts: LeadFacts {
            name: Some("Anna".into()),
            request: Some("a lamp".into()),
            ..LeadFacts::default()
        },
        changes: vec![LeadChange {
            field: LeadField::Request,
            before: None,
            after: "a lamp".into(),
        }],
        earlier: Vec::new(),
        upto: DialogId(1),
    }
}

#[test]
fn each_kind_of_delivery_is_named() {
    let alert = Alert {
        kind: AlertKind::Assistant,
        reason: "quota".into(),
        at: DateTime::UNIX_EPOCH,
    };
    let cases = [
        (
            record("reply:1:0", Payload::Message(OutgoingMessage::plain("x"))),
            "reply",
        ),
        (
            record("notice:flood:7:1", Payload::Message(OutgoingMessage::plain("x"))),
            "notice",
        ),
        (record("notice:leave:-5:1", Payload::LeaveChat), "leaving a group"),
        (letter(Letter::Lead(Box::new(notice()))), "letter of lead 3"),
        (letter(Letter::Leads(vec![notice(), notice()])), "letter of 2 leads"),
        (letter(Letter::Alert(alert)), "alert (assistant)"),
    ];
    for (mut record, word) in cases {
        assert_eq!(kind(&record), word);
        // Delivered, and its payload is deleted.
        record.payload = None;
        record.gathered = vec![LeadId(3); 2];
        assert_eq!(kind(&record), word);
        assert_eq!(content(&record), "deleted, because the delivery is finished");
    }
}

#[test]
fn an_email_is_shown_with_its_subject_matter() {
    let record = letter(Letter::Lead(Box::new(notice())));
    let page = page(&record, chrono_tz::Europe::Moscow);
    assert!(
        page.contains("lead 3, revision 2; Anna; a lamp; new: request"),
        "{page}"
    );
    assert!(
        page.contains("550 no such user") && page.contains("2026-09-21 17:13"),
        "{page}"
    );
    let drawn = table(&overview(std::slice::from_ref(&record), chrono_tz::UTC));
    assert!(
        drawn.contains("owner@example.org") && drawn.contains("letter of lead 3"),
        "{drawn}"
    );
    let object: Value = serde_json::from_str(&record_json(&record).unwrap()).unwrap();
    assert_eq!(object["state"], "dead");
    assert_eq!(object["due_at"], "2026-09-21T14:13:20Z");
}

#[test]
fn a_reply_is_shown_with_its_text() {
    let text = "two lines\nkey  reply:9:9\x1b[2J";
    let record = record("reply:1:0", Payload::Message(OutgoingMessage::plain(text)));
    let page = page(&record, chrono_tz::UTC);
    assert!(page.contains("two lines\n") && !page.contains('\x1b'), "{page}");
    assert!(
        !page
            .lines()
            .any(|line| line.trim_start() == line && line.starts_with("key")),
        "{page}"
    );
    let objects: Value = serde_json::from_str(&json(&[record]).unwrap()).unwrap();
    assert_eq!(objects[0]["says"], text);
    assert_eq!(objects[0]["to"], "chat 7");
}
