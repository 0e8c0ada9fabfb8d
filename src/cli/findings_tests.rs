//! The local checks in a folder prepared by the test.

use std::path::PathBuf;

use super::*;
use crate::config::{Requirements, Settings};

/// A configuration with its files in a temporary folder.
fn place() -> (tempfile::TempDir, Config) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::resolve(&Settings::default(), Requirements::ReadOnly, &|_| None).unwrap();
    config.storage.database = folder.path().join("data/frontdesk.db");
    config.storage.threads_file = folder.path().join("threads.json");
    config.business.file = folder.path().join("business.md");
    (folder, config)
}

#[test]
fn an_empty_folder_passes_except_for_the_facts() {
    let (_folder, config) = place();
    assert_eq!(database(&config).state, State::Ok);
    assert_eq!(threads_file(&config).state, State::Ok);
    assert_eq!(business_file(&config).state, State::Warn);
    assert_eq!(prompt_file(&config).state, State::Ok);
    assert_eq!(templates(&config).state, State::Ok);
    assert_eq!(deadlines(&config).state, State::Ok);
}

#[test]
fn checking_the_database_does_not_create_it() {
    let (folder, config) = place();
    database(&config);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_not_a_database_fails() {
    let (folder, mut config) = place();
    config.storage.database = folder.path().join("notes.txt");
    fs::write(&config.storage.database, "just a text, not a database ".repeat(100)).unwrap();
    assert_eq!(database(&config).state, State::Fail);
}

#[test]
fn an_invalid_threads_file_is_only_a_warning() {
    let (_folder, config) = place();
    fs::write(&config.storage.threads_file, "{\"1\": ").unwrap();
    assert_eq!(threads_file(&config).state, State::Warn);
    fs::write(&config.storage.threads_file, r#"{"1": "conv_a", "2": "thread_b"}"#).unwrap();
    assert!(threads_file(&config).detail.ends_with("2 entries"));
    fs::write(&config.storage.threads_file, "\u{feff}{\"1\": \"conv_a\"}").unwrap();
    assert!(threads_file(&config).detail.ends_with("1 entries"));
    fs::write(&config.storage.threads_file, r#"{"1": "conv_a", "x": "conv_b"}"#).unwrap();
    assert_eq!(threads_file(&config).state, State::Warn, "the second entry is invalid");
}

#[test]
fn an_instructions_file_that_is_missing_or_empty_fails() {
    let (folder, mut config) = place();
    config.business.prompt_file = Some(PathBuf::from("no/such/prompt.md"));
    assert_eq!(prompt_file(&config).state, State::Fail);
    let empty = folder.path().join("prompt.md");
    fs::write(&empty, " \n").unwrap();
    config.business.prompt_file = Some(empty);
    assert_eq!(prompt_file(&config).state, State::Fail);
}

#[test]
fn the_encoding_of_a_file_is_shown() {
    let (folder, mut config) = place();
    config.business.file = folder.path().join("business.md");
    fs::write(&config.business.file, b"\xce\xea\xed\xee 500").unwrap();
    let found = business_file(&config);
    assert_eq!(found.state, State::Ok);
    assert!(found.detail.ends_with("8 characters, windows-1251"), "{}", found.detail);
    config.business.prompt_file = Some(config.business.file.clone());
    assert!(prompt_file(&config).detail.ends_with("windows-1251"));
    fs::write(&config.business.file, b"%PDF-1.7").unwrap();
    for found in [business_file(&config), prompt_file(&config)] {
        assert_eq!(found.state, State::Fail);
        let fix = "it is a PDF document; save it as plain text in UTF-8";
        assert!(found.detail.contains(fix), "{}", found.detail);
    }
}

#[test]
fn a_request_timeout_as_long_as_the_turn_is_a_warning() {
    let (_folder, mut config) = place();
    config.conversation.turn_deadline = chrono::TimeDelta::seconds(60);
    assert_eq!(deadlines(&config).state, State::Warn);
}

#[test]
fn the_local_time_is_shown_in_the_configured_zone() {
    let (_folder, mut config) = place();
    config.locale.time_zone = chrono_tz::Europe::Moscow;
    let finding = time_zone(&config, "2026-11-22T11:08:51Z".parse().unwrap());
    assert_eq!(finding.detail, "Europe/Moscow, local time 2026-11-22 14:08");
}

#[test]
fn the_next_report_is_shown_in_local_time() {
    let (_folder, mut config) = place();
    config.locale.time_zone = chrono_tz::Europe::Moscow;
    let finding = report(&config, "2026-11-22T11:08:51Z".parse().unwrap());
    assert_eq!(finding.detail, "next report at 2026-11-23 09:00");
}

#[test]
fn the_json_form_is_not_ok_if_any_check_failed() {
    let found = [Finding::ok("a", ""), Finding::warn("b", ""), Finding::fail("c", "x")];
    let object: serde_json::Value = serde_json::from_str(&as_json(&found)).unwrap();
    assert_eq!(object["ok"], false);
    assert_eq!(object["findings"][2]["state"], "fail");
    assert!(as_lines(&found).starts_with("ok    a"));
}

#[test]
fn an_invalid_template_is_reported_with_its_file_and_line() {
    let (folder, mut config) = place();
    fs::create_dir(folder.path().join("lead")).unwrap();
    fs::write(folder.path().join("lead/subject.txt.hbs"), "new lead\n{{#if lead}}").unwrap();
    config.business.templates_dir = Some(folder.path().to_owned());
    let found = templates(&config);
    assert_eq!(found.state, State::Fail);
    assert!(found.detail.contains("lead/subject.txt.hbs:2:"), "{}", found.detail);
    fs::remove_file(folder.path().join("lead/subject.txt.hbs")).unwrap();
    for (file, text, expected) in [
        ("texts/en.ftl", "greting = Hi\n", "texts/en.ftl:1: "),
        ("letters/en.ftl", "new-led = New\n", "letters/en.ftl:1: "),
        ("instructions/ru.md.hbs", "{{#if facts}}", "instructions/ru.md.hbs"),
        ("lead/Body.html.hbs", "x", "lead/Body.html.hbs: replaces nothing"),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let found = templates(&config);
        assert!(
            found.state == State::Fail && found.detail.contains(expected),
            "{}",
            found.detail
        );
        fs::remove_file(path).unwrap();
    }
    assert_eq!(templates(&config).state, State::Ok);
    config.business.templates_dir = Some(folder.path().join("none"));
    assert_eq!(templates(&config).state, State::Fail);
}
