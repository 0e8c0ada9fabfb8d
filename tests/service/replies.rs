//! Replies as the customer sees them: formatting, parts in order, late replies, "typing…".

use chrono::TimeDelta;
use sandbox::{Answer, Edge, Entry, Event, Fault, Rule, Run};
use serde_json::Value;

use crate::harness::{PATIENCE, TestService};

const MARKDOWN: &str = "**Уборка** от `3 000 ₽`:\n\n- кухня\n- ванная\n\n[Подробнее](https://example.com/price)";

fn styled(_: &Run) -> Answer {
    Answer::Text(MARKDOWN.into())
}

/// About ten thousand characters in numbered sentences.
fn long_text() -> String {
    let sentences = (1..=220).map(|n| format!("Предложение номер {n} этого долгого ответа."));
    sentences.collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The part of a text that an entity covers.
fn covered(text: &str, entity: &Value) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let number = |name: &str| usize::try_from(entity[name].as_u64().unwrap()).unwrap();
    let begin = number("offset");
    String::from_utf16(&units[begin..begin + number("length")]).unwrap()
}

#[actix_rt::test]
async fn markdown_becomes_entities_and_never_a_parse_mode() {
    let service = TestService::builder().script(styled).start().await;
    service.say(7, "сколько стоит уборка");
    let reply = service.reply(7, 1).await;
    let styles: Vec<_> = reply
        .entities
        .iter()
        .map(|entity| {
            (
                entity["type"].as_str().unwrap().to_owned(),
                covered(&reply.text, entity),
            )
        })
        .collect();
    let expected = [("bold", "Уборка"), ("code", "3 000 ₽"), ("text_link", "Подробнее")];
    assert_eq!(
        styles,
        expected.map(|(style, text)| (style.to_owned(), text.to_owned()))
    );
    assert!(reply.text.contains("кухня") && reply.text.contains("ванная"));
    assert!(!reply.text.contains(['*', '`', '[']), "{}", reply.text);
    assert_eq!(reply.body.get("parse_mode"), None);
    assert_eq!(reply.body["link_preview_options"]["is_disabled"], true);
}

#[actix_rt::test]
async fn a_long_answer_arrives_in_parts_and_in_order() {
    let service = TestService::builder()
        .script(|_: &Run| Answer::Text(long_text()))
        .start()
        .await;
    let last = Rule::on(Edge::Telegram, "sendMessage").skip(2).with(Fault::Hold);
    let last = service.fault(last);
    service.say(7, "расскажите подробно");
    service.faults_injected(last, 1).await;
    let delivered = "SELECT COUNT(*), COUNT(delivered_at) FROM dialogs WHERE role = 'assistant'";
    assert_eq!(service.sql(delivered), ["1|0"]);
    service.release(last);
    service.sql_becomes(delivered, &["1|1"]).await;
    let parts = service.replies(7, 3).await;
    assert_eq!(parts.len(), 3);
    assert!(
        parts
            .iter()
            .all(|part| part.encode_utf16().count() <= 4096 && part.ends_with('.'))
    );
    assert_eq!(words(&parts.join(" ")), words(&long_text()));
}

#[actix_rt::test]
async fn a_reply_with_refused_entities_is_sent_as_plain_text() {
    let service = TestService::builder().script(styled).start().await;
    let refusal = Rule::on(Edge::Telegram, "sendMessage")
        .times(1)
        .with(Fault::BadEntities);
    service.fault(refusal);
    let mut heard = service.listen();
    service.say(7, "сколько стоит уборка");
    let sent = service.logs_event(&mut heard, "reply_sent").await;
    assert_eq!(sent.field("plain"), Some("true"));
    let reply = service.reply(7, 1).await;
    assert!(reply.text.starts_with("Уборка от 3 000 ₽:") && reply.entities.is_empty());
    service
        .sql_becomes("SELECT state, attempts, maybe_sent FROM outbox", &["completed|1|0"])
        .await;
}

fn quoted(reply: &sandbox::Reply) -> &Value {
    &reply.body["reply_parameters"]["message_id"]
}

#[actix_rt::test]
async fn markdown_removes_no_character_and_no_address_from_an_answer() {
    let said = "**Важно!**Размер 100*200*50\n> 50 м² — 4000 ₽\n< 50 м² — ~2500 ₽\n\n\
        [каталог](shop.ru/catalog), [почта](anna@shop.ru), [бот](tg://resolve?domain=shop), [прайс](price.pdf)";
    let read = "Важно!Размер 100*200*50\n> 50 м² — 4000 ₽\n< 50 м² — ~2500 ₽\n\n\
        каталог, почта (anna@shop.ru), бот (tg://resolve?domain=shop), прайс (price.pdf)";
    let service = TestService::builder()
        .script(move |_: &Run| Answer::Text(said.into()))
        .start()
        .await;
    service.say(7, "сколько стоит уборка");
    let reply = service.reply(7, 1).await;
    assert_eq!(reply.text, read);
    let links: Vec<_> = reply
        .entities
        .iter()
        .filter_map(|entity| entity["url"].as_str())
        .collect();
    assert_eq!(links, ["https://shop.ru/catalog"]);
    assert_eq!(covered(&reply.text, &reply.entities[0]), "Важно!");
}

#[actix_rt::test]
async fn reasoning_and_broken_citation_marks_reach_no_customer() {
    let service = TestService::start().await;
    for (n, fault) in [Fault::Thoughts, Fault::CutCitation].into_iter().enumerate() {
        service.fault(Rule::on(Edge::OpenAi, "responses").times(1).with(fault));
        let question = format!("вопрос {n}");
        assert_eq!(service.ask(7, &question).await, format!("echo: {question}"));
    }
    let stored = "SELECT COUNT(*) FROM dialogs WHERE message LIKE '%think>%'";
    service.sql_becomes(stored, &["0"]).await;
    service.settles().await;
}

#[actix_rt::test]
async fn an_answer_with_only_reasoning_is_requested_again() {
    let thoughts = |_: &Run| Answer::Text("<think>Что ответить?</think>".into());
    let service = TestService::builder().script(thoughts).start().await;
    service.say(7, "сколько стоит уборка");
    let reply = service.reply(7, 1).await;
    assert!(!reply.text.contains("Что ответить"), "{}", reply.text);
    let ended = "SELECT state, reason, runs FROM inbox";
    service.sql_becomes(ended, &["failed|empty|2"]).await;
}

const APOLOGY: &str = "Простите, что отвечаю не сразу.\n";

#[actix_rt::test]
async fn a_late_reply_quotes_its_question_and_apologises() {
    let mut service = TestService::builder().manual_clock().start().await;
    let held = service.hold_runs();
    let question = service.say(7, "вы ещё работаете?");
    service.faults_injected(held, 1).await;
    service.kill();
    service.release(held);
    service.advance(TimeDelta::minutes(11));
    service.start_again().await;
    let reply = service.reply(7, 1).await;
    assert_eq!(reply.text, format!("{APOLOGY}echo: вы ещё работаете?"));
    assert_eq!(quoted(&reply), question);
}

#[actix_rt::test]
async fn a_message_that_waited_at_telegram_counts_as_late() {
    let mut service = TestService::builder().manual_clock().start().await;
    service.stop();
    let question = service.say(7, "вы ещё работаете?");
    service.advance(TimeDelta::minutes(11));
    service.start_again().await;
    let reply = service.reply(7, 1).await;
    assert_eq!(reply.text, format!("{APOLOGY}echo: вы ещё работаете?"));
    assert_eq!(quoted(&reply), question);
    // The next one is on time again.
    service.say(7, "спасибо большое");
    let reply = service.reply(7, 2).await;
    assert_eq!(
        (reply.text.as_str(), quoted(&reply)),
        ("echo: спасибо большое", &Value::Null)
    );
}

#[actix_rt::test]
async fn a_reply_within_ten_minutes_needs_no_apology() {
    let mut service = TestService::builder().manual_clock().start().await;
    service.stop();
    service.say(7, "вы ещё работаете?");
    service.advance(TimeDelta::minutes(10));
    service.start_again().await;
    assert_eq!(service.replies(7, 1).await, ["echo: вы ещё работаете?"]);
}

fn typings(entries: &[Entry]) -> usize {
    let is_typing = |entry: &&Entry| matches!(&entry.event, Event::ChatAction { action, .. } if action == "typing");
    entries.iter().filter(is_typing).count()
}

async fn types(service: &TestService, times: usize) {
    let shown = |entries: &[Entry]| (typings(entries) >= times).then_some(());
    let journal = service.sandbox().journal();
    assert!(journal.wait_for(PATIENCE, shown).await.is_ok(), "{times} times typing");
}

#[actix_rt::test]
async fn typing_is_shown_after_300_ms_and_renewed_until_the_reply() {
    let service = TestService::builder().manual_clock().start().await;
    let held = service.hold_runs();
    service.say(7, "сколько стоит уборка");
    service.faults_injected(held, 1).await;
    service.advance(TimeDelta::milliseconds(299));
    service.advance(TimeDelta::milliseconds(1));
    types(&service, 1).await;
    service.advance(TimeDelta::milliseconds(3999));
    service.advance(TimeDelta::milliseconds(1));
    types(&service, 2).await;
    service.release(held);
    service.replies(7, 1).await;
    service.settles().await;
    service.advance(TimeDelta::seconds(20));
    assert_eq!(service.ask(7, "а окна").await, "echo: а окна");
    assert_eq!(typings(&service.sandbox().journal().entries()), 2);
}

#[actix_rt::test]
async fn a_quick_reply_shows_no_typing() {
    let service = TestService::builder().manual_clock().start().await;
    service.ask(7, "сколько стоит уборка").await;
    service.settles().await;
    service.advance(TimeDelta::seconds(20));
    service.ask(7, "а окна").await;
    assert_eq!(typings(&service.sandbox().journal().entries()), 0);
}
