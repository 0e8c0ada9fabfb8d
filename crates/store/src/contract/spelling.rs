//! Stored words do not change when a type is renamed. `tests/fixtures/rows.sql` is a database of an earlier version with rows
//! of every state, kind and reason; its first lines name the code that wrote it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::debug_query;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use domain::{
    AbsenceKind, AlertKind, Body, ChatId, Command, CustomerMessage, Email, FailReason, IgnoreReason, Keyboard,
    LeadFacts, LeadField, LeadId, LeadSource, Letter, MediaKind, Occasion, Origin, Style,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::samples::{begin, claim};
use crate::sqlite::migrate::migrate;
use crate::statements::rows::{ASSISTANT, USER, dialog_kind, from_json, inbox_state, to_json};
use crate::statements::{delivery_records, lead_records, letters};
use crate::{
    Conn, DeliveryState, FindWaitingChats, LeadOutcome, LoadConversation, LoadInstallation, LoadLetter,
    LoadReportLedger, Payload, RecordPoll, RecoverAfterStart, Statement, schema,
};

const ROWS: &str = include_str!("../../../../tests/fixtures/rows.sql");
/// When the last row was written, in seconds since 1970.
const WRITTEN: i64 = 1_790_058_090;
/// The start that recovered last.
const START: &str = "second";

/// A copy of the fixture database, migrated to this version.
pub(super) fn rows() -> Conn {
    let mut conn = Conn::establish(":memory:").unwrap();
    conn.batch_execute(ROWS).unwrap();
    migrate(&mut conn).unwrap();
    conn
}

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(WRITTEN, 0).unwrap()
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// The first column, unordered.
pub(super) fn all(conn: &mut Conn, what: &str, from: &str) -> Vec<String> {
    let sql = format!("SELECT CAST({what} AS TEXT) AS word FROM {from}");
    let words: Vec<Word> = diesel::sql_query(sql).load(conn).unwrap();
    words.into_iter().map(|word| word.word).collect()
}

fn set<T: ToString>(words: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    words.into_iter().map(|word| word.to_string()).collect()
}

/// The names of an enum's variants in JSON: serde lists them in its error for an unknown name.
fn variants<T: DeserializeOwned>() -> BTreeSet<String> {
    let unknown = serde_json::from_value::<T>(Value::from("no such name")).err().unwrap();
    let unknown = unknown.to_string();
    let (_, known) = unknown.split_once("expected").unwrap();
    set(known.split('`').skip(1).step_by(2))
}

/// The stored word of each variant of an enum.
fn words_of<T: DeserializeOwned>(word: impl Fn(T) -> &'static str) -> BTreeSet<String> {
    let variants = variants::<T>().into_iter();
    set(variants.map(|name| word(serde_json::from_value(Value::from(name)).unwrap())))
}

#[test]
fn the_stored_words_are_exactly_those_still_written() {
    let mut conn = rows();
    let failed = FailReason::ALL.map(FailReason::word);
    let sources = words_of(LeadSource::word);
    let without_tool = sources.iter().filter(|word| *word != LeadSource::Tool.word());
    let kinds = [
        dialog_kind::TEXT,
        dialog_kind::COMMAND,
        dialog_kind::MEDIA,
        dialog_kind::CONTACT,
        dialog_kind::EDIT,
        dialog_kind::ANSWER,
        dialog_kind::SERVICE,
        dialog_kind::FAILURE,
        dialog_kind::FORM,
    ];
    let outcomes = [LeadOutcome::New, LeadOutcome::Updated, LeadOutcome::Known];
    let absences = [AbsenceKind::Stopped, AbsenceKind::Unreachable];
    for (what, from, written) in [
        ("state", "inbox", set(inbox_state::ALL)),
        ("reason", "inbox WHERE state = 'failed'", set(failed)),
        ("reason", "inbox WHERE state = 'ignored'", words_of(IgnoreReason::word)),
        ("state", "outbox", set(DeliveryState::ALL.map(DeliveryState::word))),
        ("role", "dialogs", set([USER, ASSISTANT])),
        ("kind", "dialogs", set(kinds)),
        ("source", "successful_dialogs", sources.clone()),
        (
            "untold_lead",
            "customers WHERE untold_lead IS NOT NULL",
            set(without_tool),
        ),
        ("kind", "absences", set(absences.map(AbsenceKind::word))),
        (
            "output",
            "tool_effects WHERE tool = 'save_contact'",
            set(outcomes.map(LeadOutcome::word)),
        ),
    ] {
        assert_eq!(set(all(&mut conn, what, from)), written, "{what} FROM {from}");
    }
}

/// The JSON after a round trip through its type.
fn again<T: Serialize + DeserializeOwned>(stored: &str) -> QueryResult<String> {
    to_json(&from_json::<T>(stored)?)
}

#[test]
fn every_stored_json_is_written_back_unchanged() {
    let mut conn = rows();
    type Again = fn(&str) -> QueryResult<String>;
    let columns: [(&str, &str, Again); 6] = [
        ("content", "inbox WHERE content IS NOT NULL", again::<CustomerMessage>),
        (
            "payload",
            "outbox WHERE payload != '' AND reason IS NOT 'unreadable'",
            again::<Payload>,
        ),
        ("lead_ids", "outbox WHERE lead_ids IS NOT NULL", again::<Vec<LeadId>>),
        ("contact_info", "successful_dialogs", again::<LeadFacts>),
        (
            "letter",
            "successful_dialogs WHERE letter IS NOT NULL",
            again::<Payload>,
        ),
        ("recent", "arrivals", again::<Vec<i64>>),
    ];
    for (column, from, again) in columns {
        let stored = all(&mut conn, column, from);
        assert!(!stored.is_empty(), "{column}");
        for json in stored {
            assert_eq!(again(&json).as_deref(), Ok(json.as_str()), "{column}");
        }
    }
}

/// The value at a path: the keys of an object, or the text. Each item of a list is searched.
fn at(value: &Value, path: &[&str], found: &mut BTreeSet<String>) {
    match (value, path) {
        (Value::Array(members), _) => members.iter().for_each(|member| at(member, path, found)),
        (Value::Object(object), [name, rest @ ..]) => {
            if let Some(inner) = object.get(*name) {
                at(inner, rest, found);
            }
        }
        (Value::Object(object), []) => found.extend(object.keys().cloned()),
        (Value::String(text), []) => {
            found.insert(text.clone());
        }
        _ => {}
    }
}

#[test]
fn the_rows_contain_every_variant_of_stored_json() {
    let mut conn = rows();
    let content = all(&mut conn, "content", "inbox WHERE content IS NOT NULL");
    let payload = all(
        &mut conn,
        "payload",
        "outbox WHERE payload != '' AND reason IS NOT 'unreadable'",
    );
    let facts = all(&mut conn, "contact_info", "successful_dialogs");
    for (stored, path, variants) in [
        (&content, "body", variants::<Body>()),
        (&content, "body.command", variants::<Command>()),
        (&content, "body.media.kind", variants::<MediaKind>()),
        (&payload, "", variants::<Payload>()),
        (&payload, "message.keyboard", variants::<Keyboard>()),
        (&payload, "message.reply.spans.style", variants::<Style>()),
        (&payload, "letter.letter", variants::<Letter>()),
        (&payload, "letter.letter.lead.changes.field", variants::<LeadField>()),
        (&payload, "letter.letter.report.occasion", variants::<Occasion>()),
        (&payload, "letter.letter.alert.kind", variants::<AlertKind>()),
        (&facts, "phones.origin", variants::<Origin>()),
    ] {
        let names: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
        let mut found = BTreeSet::new();
        for json in stored {
            at(&serde_json::from_str(json).unwrap(), &names, &mut found);
        }
        assert_eq!(found, variants, "{path}");
    }
}

macro_rules! columns {
    ($($table:ident)*) => {
        [$((
            stringify!($table),
            debug_query::<Sqlite, _>(&schema::$table::table.select(schema::$table::all_columns)).to_string(),
        )),*]
    };
}

#[test]
fn every_column_keeps_its_name() {
    let before = &mut Conn::establish(":memory:").unwrap();
    before.batch_execute(ROWS).unwrap();
    let mut now = rows();
    for (table, sql) in columns!(customers threads inbox dialogs outbox tool_effects arrivals floods gaps meta
        successful_dialogs reports absences)
    {
        let known = set(sql
            .split(&format!("`{table}`.`"))
            .skip(1)
            .filter_map(|rest| rest.split('`').next()));
        let of = |conn: &mut Conn| set(all(conn, "name", &format!("pragma_table_info('{table}')")));
        assert_eq!(of(&mut now), known, "{table}: schema.rs and the migrations");
        let lost = set(of(before).difference(&known));
        assert_eq!(lost, BTreeSet::new(), "{table}");
    }
}

#[test]
fn every_statement_reads_rows_of_an_earlier_version() {
    let mut conn = rows();
    let conn = &mut conn;
    let recovered = RecoverAfterStart {
        start: START.into(),
        quick_death: TimeDelta::zero(),
    };
    let recovered = recovered.run(conn, now()).unwrap();
    assert_eq!(
        (recovered.unreadable_rows, recovered.unreadable_deliveries),
        (vec![], vec![])
    );
    assert!(
        recovered.is_attempt,
        "as the last recovery says, which is not made again"
    );
    let waiting = FindWaitingChats { limit: 1_000 }.run(conn, now()).unwrap();
    assert_eq!(waiting.unreadable, []);
    for chat in all(conn, "chat_id", "customers") {
        let load = LoadConversation {
            chat: ChatId(chat.parse().unwrap()),
            day_start: now(),
        };
        let known = load.run(conn, now()).unwrap();
        assert!(known.waiting.iter().all(|row| !row.is_unreadable), "{chat}");
        assert_eq!(known.unreadable_edits, [], "{chat}");
        let stored = all(
            conn,
            "untold_lead IS NOT NULL",
            &format!("customers WHERE chat_id = {chat}"),
        );
        assert_eq!(
            known.customer.lead_pending_for_model.is_some(),
            stored == ["1"],
            "{chat}"
        );
    }
    let claimed = claim(1_000).run(conn, now() + TimeDelta::hours(2)).unwrap();
    assert_eq!(claimed.unreadable, []);
    let letters: Vec<LoadLetter> = claimed
        .deliveries
        .iter()
        .filter_map(|one| LoadLetter::of(one, 100, 20))
        .collect();
    assert!(letters.len() > 5, "{}", letters.len());
    for letter in letters {
        letter.run(conn, now()).unwrap();
    }
    let proposal = "another".to_owned();
    assert_ne!(LoadInstallation { proposal }.run(conn, now()).unwrap().name, "another");
    let polled = RecordPoll {
        at: now() + TimeDelta::hours(1),
        kind: AbsenceKind::Stopped,
        allowed: TimeDelta::minutes(3),
    };
    assert!(
        polled.run(conn, now()).unwrap().is_some(),
        "since the last poll that is kept"
    );
    let ledger = LoadReportLedger.run(conn, now()).unwrap();
    begin().run(conn, now()).unwrap();
    assert!(
        LoadReportLedger.run(conn, now()).unwrap().reported > ledger.reported,
        "another schedule"
    );
}

#[test]
fn leads_and_deliveries_of_an_earlier_version_are_listed_and_shown() {
    let mut conn = rows();
    let conn = &mut conn;
    let with_words = "outbox WHERE payload != '' AND reason IS NOT 'unreadable'";
    let deliveries = delivery_records::list(conn, &DeliveryState::ALL, 10_000).unwrap();
    assert_eq!(deliveries.len(), all(conn, "id", "outbox").len());
    let readable = deliveries.iter().filter(|delivery| delivery.payload.is_some());
    assert_eq!(readable.count(), all(conn, "id", with_words).len());
    let leads = lead_records::list(conn, None, None).unwrap();
    assert_eq!(leads.len(), all(conn, "id", "successful_dialogs").len());
    let nobody = Email::normalised("nobody@example.org");
    for lead in leads {
        assert!(lead.facts.phone().is_some(), "{}", lead.id);
        let story = lead_records::find(conn, lead.id).unwrap().unwrap();
        let kept = all(
            conn,
            "json_array_length(messages)",
            &format!("successful_dialogs WHERE id = {}", lead.id),
        );
        assert_eq!([story.dialog.len().to_string()], *kept, "{}", lead.id);
        assert!(
            letters::newest(conn, lead.id, &nobody, 100, now()).unwrap().is_some(),
            "{}",
            lead.id
        );
    }
    let gathered = all(conn, "id", "outbox WHERE lead_ids IS NOT NULL");
    let known = deliveries.iter().filter(|delivery| !delivery.gathered.is_empty());
    assert_eq!(known.count(), gathered.len());
}
