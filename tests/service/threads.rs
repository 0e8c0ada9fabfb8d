//! Threads: kept, ended by `/reset`, restarted with the history in the first run, mirrored in `threads.json`.

use std::path::Path;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{TestService, asked, becomes};

fn thread(service: &TestService, run: usize) -> String {
    service.openai().requests()[run].conversation.clone().unwrap()
}

fn mirror(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("threads.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

async fn mirror_becomes(service: &TestService, expected: &Value) {
    let is_so = becomes(|| mirror(service.folder()) == *expected).await;
    assert!(is_so, "{} is not {expected}", mirror(service.folder()));
}

#[actix_rt::test]
async fn after_a_reset_no_earlier_text_reaches_the_model() {
    let service = TestService::start().await;
    service.ask(7, "меня зовут Анна").await;
    let confirmation = service.ask(7, "/reset").await;
    assert!(
        confirmation.starts_with("Хорошо, начнём с чистого листа"),
        "{confirmation}"
    );
    service.ask(7, "как меня зовут?").await;
    assert_ne!(thread(&service, 0), thread(&service, 1));
    let run = &service.openai().requests()[1];
    assert_eq!(asked::lines(run), ["user: как меня зовут?"]);
    // Also not after that thread is lost.
    service.openai().delete_conversations();
    service.ask(7, "а теперь?").await;
    let run = service.openai().requests().pop().unwrap();
    assert_eq!(
        asked::lines(&run),
        [
            "user: как меня зовут?",
            "assistant: echo: как меня зовут?",
            "user: а теперь?"
        ]
    );
    assert_eq!(service.sql("SELECT COUNT(*) FROM dialogs WHERE role = 'user'"), ["4"]);
}

#[actix_rt::test]
async fn a_reset_ends_the_running_turn_and_waiting_messages_at_once() {
    let service = TestService::start().await;
    let held = service.hold_runs();
    service.say(7, "первый вопрос");
    service.faults_injected(held, 1).await;
    service.say(7, "второй вопрос");
    service.say(7, "/help");
    let answer = service.ask(7, "/reset").await;
    assert!(answer.starts_with("Хорошо, начнём с чистого листа"), "{answer}");
    let rows = "SELECT state, reason FROM inbox ORDER BY id";
    let reset = "ignored|reset";
    service.sql_becomes(rows, &[reset, reset, reset, "done|"]).await;
    service.release(held);
    assert_eq!(service.ask(7, "третий вопрос").await, "echo: третий вопрос");
    service.settles().await;
    assert_eq!(service.telegram().replies(7).len(), 2);
    assert_eq!(
        asked::lines(&service.openai().requests().pop().unwrap()),
        ["user: третий вопрос"]
    );
}

#[actix_rt::test]
async fn the_run_of_an_ended_turn_is_dropped() {
    let single = |config: &mut frontdesk::Config| config.openai.concurrency = 1;
    let service = TestService::builder().config(single).start().await;
    let held = service.hold_runs();
    service.say(7, "первый вопрос");
    service.faults_injected(held, 1).await;
    let mut heard = service.listen();
    service.ask(7, "/reset").await;
    let dropped = service.logs_event(&mut heard, "run_failed").await;
    assert_eq!(dropped.field("cause"), Some("cancelled"));
    // Its slot is free, although the run at OpenAI continues.
    service.say(8, "другой вопрос");
    service.faults_injected(held, 2).await;
    service.release(held);
    assert_eq!(service.replies(8, 1).await, ["echo: другой вопрос"]);
}

#[actix_rt::test]
async fn an_edit_of_a_message_before_a_reset_does_not_reach_the_model() {
    let service = TestService::start().await;
    let message = service.say(7, "меня зовут Анна");
    service.replies(7, 1).await;
    let mut heard = service.listen();
    service.telegram().edit(7, message, "меня зовут Ольга");
    service.logs_event(&mut heard, "edit_stored").await;
    service.ask(7, "/reset").await;
    service.ask(7, "как меня зовут?").await;
    assert_eq!(asked::lines(&service.openai().requests()[1]), ["user: как меня зовут?"]);
}

#[actix_rt::test]
async fn the_mirror_follows_each_turn_and_reset() {
    let service = TestService::start().await;
    service.ask(7, "первый вопрос").await;
    mirror_becomes(&service, &json!({"7": thread(&service, 0)})).await;
    service.ask(8, "второй вопрос").await;
    let both = json!({"7": thread(&service, 0), "8": thread(&service, 1)});
    mirror_becomes(&service, &both).await;
    service.ask(7, "/reset").await;
    mirror_becomes(&service, &json!({"8": thread(&service, 1)})).await;
}

#[actix_rt::test]
async fn threads_and_their_mirror_survive_a_restart() {
    let mut service = TestService::start().await;
    service.ask(7, "первый вопрос").await;
    service.stop();
    let expected = json!({"7": thread(&service, 0)});
    assert_eq!(mirror(service.folder()), expected);
    service.start_again().await;
    service.ask(7, "второй вопрос").await;
    assert_eq!(thread(&service, 0), thread(&service, 1));
    service.stop();
    assert_eq!(mirror(service.folder()), expected);
}

#[actix_rt::test]
async fn a_thread_of_the_old_bot_is_imported_and_renewed() {
    let builder = TestService::builder();
    let old = json!({"7": "thread_abc123", "мусор": "conv_x", "9": 5});
    std::fs::write(builder.folder().join("threads.json"), old.to_string()).unwrap();
    let service = builder.start().await;
    assert_eq!(
        service.sql("SELECT chat_id, thread_id FROM customers"),
        ["7|thread_abc123"]
    );
    assert_eq!(service.ask(7, "вы меня помните?").await, "echo: вы меня помните?");
    assert!(thread(&service, 0).starts_with("conv_"));
    mirror_becomes(&service, &json!({"7": thread(&service, 0)})).await;
    assert_eq!(
        service.sql("SELECT thread_id, end_reason FROM threads WHERE ended_at IS NOT NULL"),
        ["thread_abc123|replaced"]
    );
}

#[actix_rt::test]
async fn a_file_never_overrules_the_database() {
    let mut service = TestService::start().await;
    service.ask(7, "первый вопрос").await;
    service.stop();
    let file = service.folder().join("threads.json");
    std::fs::write(&file, json!({"7": "conv_of_somebody_else"}).to_string()).unwrap();
    service.start_again().await;
    service.ask(7, "второй вопрос").await;
    assert_eq!(thread(&service, 0), thread(&service, 1));
}

#[actix_rt::test]
async fn a_start_reads_the_threads_file_again_only_if_it_changed() {
    let mut service = TestService::start().await;
    service.ask(7, "первый вопрос").await;
    service.stop();
    let file = service.folder().join("threads.json");
    let written = || std::fs::metadata(&file).unwrap().modified().unwrap();
    let before = written();
    service.start_again().await;
    service.stop();
    assert_eq!(written(), before, "neither read nor written again");
    let known = mirror(service.folder());
    let more = json!({"7": known["7"], "8": "conv_by_hand"});
    std::fs::write(&file, more.to_string()).unwrap();
    service.start_again().await;
    assert_eq!(
        service.sql("SELECT chat_id FROM customers WHERE thread_id = 'conv_by_hand'"),
        ["8"]
    );
    mirror_becomes(&service, &more).await;
}

#[actix_rt::test]
async fn a_broken_file_is_kept_aside_and_the_service_runs() {
    let builder = TestService::builder();
    let folder = builder.folder();
    std::fs::write(folder.join("threads.json"), "{\"7\": \"conv_").unwrap();
    let service = builder.start().await;
    service.ask(7, "первый вопрос").await;
    mirror_becomes(&service, &json!({"7": thread(&service, 0)})).await;
    let names = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let aside: Vec<_> = names
        .filter(|name| name.to_string_lossy().starts_with("threads.json.broken-"))
        .collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(
        std::fs::read_to_string(folder.join(&aside[0])).unwrap(),
        "{\"7\": \"conv_"
    );
}

#[actix_rt::test]
async fn a_thread_over_30000_tokens_is_renewed_with_its_history() {
    // The stand-in counts four characters per token.
    let facts = "word ".repeat(23_000);
    let service = TestService::builder().facts(&facts).start().await;
    service.ask(7, "первый вопрос").await;
    service.ask(7, "второй вопрос").await;
    assert_eq!(thread(&service, 0), thread(&service, 1));
    let facts = "word ".repeat(24_500);
    std::fs::write(service.folder().join("business.md"), facts).unwrap();
    service.ask(7, "третий вопрос").await;
    assert_eq!(thread(&service, 1), thread(&service, 2));
    service.ask(7, "четвёртый вопрос").await;
    assert_ne!(thread(&service, 2), thread(&service, 3));
    assert_eq!(
        asked::lines(&service.openai().requests()[3]),
        [
            "user: первый вопрос",
            "assistant: echo: первый вопрос",
            "user: второй вопрос",
            "assistant: echo: второй вопрос",
            "user: третий вопрос",
            "assistant: echo: третий вопрос",
            "user: четвёртый вопрос"
        ]
    );
}

#[actix_rt::test]
async fn a_thread_idle_for_30_days_is_renewed_with_its_history() {
    let service = TestService::builder().manual_clock().start().await;
    service.ask(7, "первый вопрос").await;
    service.settles().await;
    service.advance(TimeDelta::days(30));
    service.ask(7, "второй вопрос").await;
    assert_eq!(thread(&service, 0), thread(&service, 1));
    service.settles().await;
    service.advance(TimeDelta::days(30) + TimeDelta::seconds(1));
    service.ask(7, "третий вопрос").await;
    assert_ne!(thread(&service, 1), thread(&service, 2));
    let received = asked::lines(&service.openai().requests()[2]);
    assert_eq!(received.len(), 5);
    assert_eq!(
        (received[0].as_str(), received[4].as_str()),
        ("user: первый вопрос", "user: третий вопрос")
    );
}
