//! One lead in all output formats.

use domain::{ChatId, EarlierLead, KnownPhone, LeadFacts, LeadId, Phone};
use store::records::TranscriptLine;

use super::*;
use crate::cli::tables::{spreadsheet, table};

fn known(digits: &str, origin: Origin) -> KnownPhone {
    KnownPhone {
        number: Phone::international(digits).unwrap(),
        origin,
    }
}

fn lead() -> LeadRecord {
    LeadRecord {
        id: LeadId(3),
        chat: ChatId(7),
        profile: Profile {
            first_name: "Мария".into(),
            username: Some("maria_k".into()),
            ..Profile::default()
        },
        came_from: Some("avito3".into()),
        created_at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        changed_at: DateTime::from_timestamp(1_790_000_060, 0).unwrap(),
        revision: 2,
        source: LeadSource::Tool,
        facts: LeadFacts {
            name: Some("=cmd|' /C calc'!A0".into()),
            phones: vec![
                known("79123456789", Origin::Verified),
                known("442079460958", Origin::Card),
            ],
            emails: vec![Email::normalised("anna@example.org")],
            request: Some("a lamp; \"cheap\"\nlead 99, revision 1".into()),
            ..LeadFacts::default()
        },
    }
}

#[test]
fn an_export_is_text_in_every_cell() {
    let text = spreadsheet(&columns(&[lead()], chrono_tz::Europe::Moscow)).unwrap();
    assert!(text.starts_with("\u{FEFF}id;created;changed;name;phone;"), "{text}");
    let row = text.split_once('\n').unwrap().1;
    let begin = "3;2026-09-21 17:13;2026-09-21 17:14;'=cmd|' /C calc'!A0;+7 912 345 67 89;verified;+44 20 7946 0958;";
    assert!(row.starts_with(begin), "{row}");
    assert!(
        row.contains(";\"a lamp; \"\"cheap\"\"\nlead 99, revision 1\";"),
        "{row}"
    );
}

#[test]
fn the_json_of_a_lead_keeps_its_names_and_times() {
    let text = json(&[lead()]).unwrap();
    let leads: serde_json::Value = serde_json::from_str(&text).unwrap();
    let lead = &leads[0];
    assert_eq!(lead["changed_at"], "2026-09-21T14:14:20Z");
    assert_eq!(lead["phones"][0]["number"], "+79123456789");
    assert_eq!(lead["phones"][1]["origin"], "card");
    assert_eq!(lead["note"], serde_json::Value::Null);
    assert_eq!(json(&[]).unwrap(), "[]");
}

#[test]
fn the_list_shows_a_lead_in_one_row() {
    let drawn = table(&overview(&[lead()], chrono_tz::Europe::Moscow));
    for word in ["2026-09-21 17:14", "+7 912 345-67-89", "@maria_k", "anna@example.org"] {
        assert!(drawn.contains(word), "{word} in {drawn}");
    }
}

#[test]
fn a_customers_text_cannot_imitate_output_lines() {
    let lead_story = LeadStory {
        lead: lead(),
        earlier: vec![EarlierLead {
            lead: LeadId(1),
            at: DateTime::UNIX_EPOCH,
            phone: None,
            request: Some("a chair".into()),
        }],
        letters: Vec::new(),
        dialog: vec![TranscriptLine {
            at: DateTime::UNIX_EPOCH,
            is_customers: true,
            text: "hello\nemails\n  outbox 1  completed\x1b[2J".into(),
        }],
    };
    let page = story(&lead_story, chrono_tz::UTC);
    assert!(page.contains("+7 912 345-67-89 (confirmed by Telegram)"), "{page}");
    assert!(page.contains("1970-01-01 00:00 customer  hello\n"), "{page}");
    assert!(!page.contains('\x1b'), "{page}");
    let forged = |line: &str| line.starts_with("emails") || line.starts_with("lead 99") || line.starts_with("  outbox");
    assert!(!page.lines().any(forged), "{page}");
    let object: serde_json::Value = serde_json::from_str(&story_json(&lead_story).unwrap()).unwrap();
    assert_eq!(object["id"], 3);
    assert_eq!(object["earlier"][0]["request"], "a chair");
    assert_eq!(object["dialog"][0]["role"], "user");
}
