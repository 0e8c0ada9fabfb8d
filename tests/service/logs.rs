//! The log lets the operator follow each message and contains no private text.

use std::io::Read;

use frontdesk::ACTORS;
use sandbox::{Echo, Profile};

use crate::harness::{ServiceProcess, TestService, leak};

/// The first line of that event about a chat.
fn line<'a>(log: &'a str, event: &str, chat: i64) -> &'a str {
    let chat = format!("chat={chat}");
    let is_about = |line: &&str| line.split_whitespace().any(|word| word == event) && line.contains(&chat);
    log.lines()
        .find(is_about)
        .unwrap_or_else(|| panic!("{event} of {chat} is in the log:\n{log}"))
}

fn value<'a>(line: &'a str, key: &str) -> &'a str {
    let mut words = line.split_whitespace();
    let found = words.find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("{key}= is in {line}"))
}

#[actix_rt::test]
async fn the_log_follows_each_actor_and_message() {
    let mut service = ServiceProcess::new(Echo, &[("RUST_LOG", "info")]);
    service.start();
    for chat in [41, 42] {
        service.sandbox().telegram().say(chat, "where is my message now?");
    }
    service.delivers(2).await;
    service.settles().await;
    assert!(service.terminate().await.success());
    let log = service.log();
    for actor in ACTORS {
        for event in ["started", "stopped"] {
            let shown = format!(" INFO  {actor} {event}");
            assert!(
                log.lines().any(|line| line.ends_with(&shown)),
                "{shown} is in the log:\n{log}"
            );
        }
    }
    for chat in [41, 42] {
        let path =
            ["message_stored", "turn_started", "turn_answered", "reply_sent"].map(|event| line(&log, event, chat));
        let update = value(path[0], "upd");
        assert!(path.iter().all(|line| value(line, "upd") == update), "{path:?}");
        assert_eq!(value(path[1], "turn"), value(path[2], "turn"));
        let places = path.map(|line| log.find(line).unwrap_or_default());
        assert!(places.is_sorted(), "{path:?}");
    }
}

#[actix_rt::test]
async fn a_customer_cannot_forge_a_log_line() {
    let mut service = ServiceProcess::new(Echo, &[("LOG_MESSAGE_TEXT", "true")]);
    let forged = "x\n2026-01-01T00:00:00.000Z ERROR db forged chat=1\r\u{2028}\u{1b}[31m";
    service.sandbox().telegram().customer(
        7,
        Profile {
            first_name: forged.into(),
            last_name: Some(forged.into()),
            username: Some(forged.into()),
            language: Some(forged.into()),
        },
    );
    service.start();
    service.sandbox().telegram().say(7, "/start forged");
    service.delivers(1).await;
    service.settles().await;
    assert!(service.terminate().await.success());
    let log = service.log();
    assert!(
        !log.contains("\n2026-01-01") && !log.contains(['\u{1b}', '\u{2028}', '\r']),
        "{log}"
    );
    let levels = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];
    let is_ours = |line: &str| {
        line.split_whitespace()
            .nth(1)
            .is_some_and(|word| levels.contains(&word))
    };
    assert!(log.lines().all(is_ours), "every line is one of ours:\n{log}");
}

#[actix_rt::test]
async fn the_log_contains_no_customer_text_and_no_secret() {
    // The check runs when the service is dropped; this shows that it would find a leak.
    let service = TestService::start().await;
    service.ask(1, "my phone is +7 916 123-45-67, call me").await;
    service.settles().await;
    let mut words = vec![service.telegram().token(), service.openai().api_key()];
    words.extend(["123-45-67", "call me"]);
    assert_eq!(leak(&service.log(), words.iter().copied()), None);
    log::warn!(target: "frontdesk::x", text = "a word of nobody: chrysanthemum"; "leaked_on_purpose");
    words.push("chrysanthemum");
    assert_eq!(leak(&service.log(), words), Some("chrysanthemum"));
}

#[actix_rt::test]
async fn a_blocked_log_reader_delays_no_customer() {
    // Each message is in the log twice: far more than the log buffer holds.
    let mut service = ServiceProcess::new(Echo, &[("LOG_MESSAGE_TEXT", "true")]);
    let mut log = service.start_unread();
    let long = "щ".repeat(4_000);
    for chat in 1..=100 {
        service.sandbox().telegram().say(chat, &long);
    }
    service.delivers(100).await;
    service.settles().await;
    // The reader resumes.
    let reading = std::thread::spawn(move || {
        let mut read = Vec::new();
        log.read_to_end(&mut read).map(|_| read)
    });
    assert!(service.terminate().await.success());
    let mut log = reading.join().unwrap().unwrap();
    // These bytes filled the pipe, possibly between two bytes of a long write.
    log.retain(|byte| *byte != b'\n');
    let log = String::from_utf8(log).unwrap();
    assert!(
        log.contains(" WARN  log lines_dropped count="),
        "what is missing is counted"
    );
    assert!(log.ends_with(" stopped"), "the last lines are there");
}

#[actix_rt::test]
async fn a_process_with_a_blocked_log_reader_still_ends() {
    let mut service = ServiceProcess::new(Echo, &[("TEMPLATES_DIR", "own")]);
    let own = service.folder().join("own/lead");
    std::fs::create_dir_all(&own).unwrap();
    let _unread = service.start_unread();
    service.answers("anybody there?", 1).await;
    assert!(service.terminate().await.success(), "stopped in order");
    // Errors in files are logged; errors in `.env` are reported before the log exists.
    for (file, broken) in [
        (own.join("subject.txt.hbs"), "{{#if"),
        (service.folder().join(".env"), "A=1 2"),
    ] {
        std::fs::write(file, broken).unwrap();
        let _unread = service.start_unread();
        assert_eq!(service.ended().await.code(), Some(78), "{broken}");
    }
}
