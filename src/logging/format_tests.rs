//! One record is one line, whatever a customer writes.

use log::kv::Value as Kv;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::config::Secret;

fn at() -> DateTime<Utc> {
    "2026-11-22T11:08:51.123Z".parse().unwrap()
}

fn with_record<T>(event: &str, fields: &[(&str, Kv<'_>)], read: impl FnOnce(&Record<'_>) -> T) -> T {
    read(
        &Record::builder()
            .level(Level::Info)
            .target("frontdesk::conversation")
            .args(format_args!("{event}"))
            .key_values(&fields)
            .build(),
    )
}

fn pretty_line(event: &str, fields: &[(&str, Kv<'_>)]) -> String {
    with_record(event, fields, |record| {
        pretty(at(), record, &Redactor::default(), false)
    })
}

fn json_line(event: &str, fields: &[(&str, Kv<'_>)]) -> String {
    with_record(event, fields, |record| json(at(), record, &Redactor::default()))
}

#[test]
fn a_line_reads_time_level_target_event_and_fields() {
    let fields = [
        ("chat", Kv::from(42)),
        ("upd", Kv::from(7)),
        ("reason", Kv::from("timed out")),
    ];
    assert_eq!(
        pretty_line("turn_started", &fields),
        r#"2026-11-22T11:08:51.123Z INFO  conversation turn_started chat=42 upd=7 reason="timed out""#
    );
}

#[test]
fn the_json_form_keeps_numbers_and_never_loses_a_field() {
    let fields = [
        ("chat", Kv::from(42)),
        ("level", Kv::from("x")),
        ("level", Kv::from(true)),
        ("n", Kv::from(f64::NAN)),
    ];
    let object: Json = serde_json::from_str(&json_line("turn_started", &fields)).unwrap();
    assert_eq!(object["chat"], 42);
    assert_eq!(object["level"], "info");
    assert_eq!(object["level_"], "x");
    assert_eq!(object["level__"], true);
    assert_eq!(object["n"], "NaN");
}

#[test]
fn a_customer_cannot_forge_a_second_line() {
    let forged = "hi\n2026-11-22T11:08:52.000Z INFO  db stopped\u{2028}chat=1 \u{202E}olleh";
    let line = pretty_line("refused", &[("name", Kv::from(forged))]);
    assert_eq!(line.lines().count(), 1);
    assert!(!line.contains('\u{2028}') && !line.contains('\u{202E}'));
    assert!(line.ends_with(r#"INFO  db stopped\u2028chat=1 \u202eolleh""#));
}

#[test]
fn an_event_that_is_a_sentence_is_quoted_like_a_value() {
    let line = pretty_line("connection closed chat=1", &[]);
    assert!(line.ends_with(r#"conversation "connection closed chat=1""#), "{line}");
}

#[test]
fn a_secret_is_redacted_in_event_and_field() {
    let redactor = Redactor::new(&[Secret::new("hunter22")]);
    let fields = [("url", Kv::from("http://h/hunter22"))];
    with_record("said hunter22", &fields, |record| {
        assert!(!pretty(at(), record, &redactor, true).contains("hunter22"));
        assert!(!json(at(), record, &redactor).contains("hunter22"));
    });
}

/// Text from a customer, with many dangerous characters.
fn any_text() -> impl Strategy<Value = String> {
    let dangerous = prop::sample::select(vec![
        '\n',
        '\r',
        '\t',
        '\0',
        '\x1b',
        '\u{7f}',
        '\u{85}',
        '\u{2028}',
        '\u{2029}',
        '\u{202e}',
        '\u{2066}',
        '"',
        '\\',
        '=',
        ' ',
        '\u{feff}',
        '\u{200b}',
        '\u{e0041}',
        '😀',
    ]);
    prop::collection::vec(prop_oneof![dangerous, any::<char>()], 0..40).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn any_record_comes_back_whole_from_its_json(event in any_text(), key in any_text(), value in any_text()) {
        prop_assume!(!["ts", "level", "target", "event"].contains(&key.as_str()));
        let redactor = Redactor::default();
        let object: Json = serde_json::from_str(&json_line(&event, &[(key.as_str(), Kv::from(value.as_str()))])).unwrap();
        prop_assert_eq!(&object["event"], &Json::from(redactor.redact(&event)));
        prop_assert_eq!(&object[redactor.redact(&key)], &Json::from(redactor.redact(&value)));
    }

    #[test]
    fn a_value_is_quoted_unless_it_is_one_word(value in any_text()) {
        let line = pretty_line("event", &[("key", Kv::from(value.as_str()))]);
        let (_, written) = line.split_once(" key=").unwrap();
        prop_assert!(written.starts_with('"') || !written.contains([' ', '=', '"']));
    }

    #[test]
    fn a_record_is_one_line_whatever_its_target_secret_or_colour(
        target in any_text(),
        event in any_text(),
        texts in prop::collection::vec(any_text(), 0..5),
        secret in "[ -~]{8,20}|\\PC{8,12}",
        number in any::<f64>(),
    ) {
        let redactor = Redactor::new(&[Secret::new(secret.clone())]);
        let mut fields: Vec<(&str, Kv<'_>)> = texts.iter().map(|text| (text.as_str(), Kv::from_debug(text))).collect();
        fields.push(("secret", Kv::from(secret.as_str())));
        fields.push(("number", Kv::from(number)));
        let target = format!("frontdesk::{target}");
        let [plain, colourful, line] = [0, 1, 2].map(|form| {
            let mut record = Record::builder();
            record.level(Level::Error).target(&target).key_values(&fields);
            match form {
                0 => pretty(at(), &record.args(format_args!("{event}")).build(), &redactor, false),
                1 => pretty(at(), &record.args(format_args!("{event}")).build(), &redactor, true),
                _ => json(at(), &record.args(format_args!("{event}")).build(), &redactor),
            }
        });
        prop_assert_eq!(&colourful.replacen("\x1b[31mERROR\x1b[0m", "ERROR", 1), &plain);
        prop_assert!(serde_json::from_str::<Json>(&line).is_ok(), "{}", line);
        for line in [plain, line] {
            prop_assert_eq!(line.chars().find(|c| is_unruly(*c)), None);
            prop_assert!(!line.contains(&secret), "{} in {}", secret, line);
        }
    }
}
