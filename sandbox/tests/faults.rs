//! Each kind of fault, as a client sees it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Client, LIMIT, text, with_customer};
use sandbox::{Answer, Edge, Entry, Event, Fault, Oddity, Rule, Run};
use serde_json::{Value, json};

fn on_send(fault: Fault) -> Rule {
    Rule::on(Edge::Telegram, "sendMessage").times(1).with(fault)
}

fn on_run(fault: Fault) -> Rule {
    Rule::on(Edge::OpenAi, "responses").times(1).with(fault)
}

async fn send(client: &Client) -> reqwest::Result<(u16, String)> {
    client
        .telegram_raw("sendMessage", &json!({"chat_id": 42, "text": "hi"}))
        .await
}

#[tokio::test]
async fn a_cut_before_has_no_effect_and_a_cut_after_has() {
    let (sandbox, client) = with_customer();
    for (fault, delivered) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1), (Fault::CutBody, 2)] {
        sandbox.faults().add(on_send(fault.clone()));
        assert!(send(&client).await.is_err(), "{fault:?}");
        assert_eq!(sandbox.telegram().replies(42).len(), delivered, "{fault:?}");
    }
}

#[tokio::test]
async fn a_cut_within_the_body_shows_its_status_first() {
    let (sandbox, client) = with_customer();
    sandbox.faults().add(on_run(Fault::CutBody));
    let url = format!("{}/responses", sandbox.openai().url());
    let request = common::http().post(url).bearer_auth(sandbox.openai().api_key());
    let response = request
        .json(&json!({"model": "any", "input": "one"}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.text().await.is_err());
    assert!(sandbox.openai().requests()[0].completed);
    assert_eq!(send(&client).await.unwrap().0, 200);
}

#[tokio::test]
async fn a_hanging_call_never_answers_with_or_without_effect() {
    let (sandbox, client) = with_customer();
    for (fault, delivered) in [(Fault::Hang, 0), (Fault::HangAfter, 1)] {
        let rule = sandbox.faults().add(on_send(fault.clone()));
        assert!(
            tokio::time::timeout(Duration::from_millis(100), send(&client))
                .await
                .is_err(),
            "{fault:?}"
        );
        assert_eq!(sandbox.faults().hits(rule), 1);
        assert_eq!(sandbox.telegram().replies(42).len(), delivered, "{fault:?}");
    }
}

#[tokio::test]
async fn a_held_call_continues_when_its_rule_is_removed() {
    let (sandbox, client) = with_customer();
    let rule = sandbox
        .faults()
        .add(Rule::on(Edge::Telegram, "sendMessage").chat(42).with(Fault::Hold));
    let held = tokio::spawn(async move { send(&client).await });
    sandbox.struck(rule, 1, LIMIT).await.unwrap();
    assert!(sandbox.telegram().replies(42).is_empty());
    sandbox.faults().remove(rule);
    assert_eq!(held.await.unwrap().unwrap().0, 200);
    assert_eq!(sandbox.faults().hits(rule), 1);
}

#[tokio::test]
async fn a_delayed_call_takes_its_time_and_then_succeeds() {
    let (sandbox, client) = with_customer();
    sandbox.faults().add(on_send(Fault::Delay(40)));
    let began = std::time::Instant::now();
    assert_eq!(send(&client).await.unwrap().0, 200);
    assert!(began.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn telegram_refusals_have_their_real_form() {
    let (sandbox, client) = with_customer();
    let cases = [
        (Fault::RetryAfter(7), 429, "retry after 7"),
        (Fault::BadEntities, 400, "can't parse entities"),
        (Fault::ChatNotFound, 400, "chat not found"),
        (Fault::Forbidden, 403, "bot was blocked by the user"),
        (Fault::Conflict, 409, "terminated by other getUpdates"),
        (Fault::Garbage, 200, "<html>"),
        (Fault::status(502, "<html>"), 502, "<html>"),
    ];
    for (fault, status, part) in cases {
        sandbox.faults().add(on_send(fault.clone()));
        let (seen, body) = send(&client).await.unwrap();
        assert_eq!(seen, status, "{fault:?}");
        assert!(body.contains(part), "{fault:?}: {body}");
    }
    sandbox.faults().add(on_send(Fault::RetryAfter(7)));
    let body: Value = serde_json::from_str(&send(&client).await.unwrap().1).unwrap();
    assert_eq!(body["parameters"]["retry_after"], 7);
    assert!(sandbox.telegram().replies(42).is_empty());
}

#[tokio::test]
async fn openai_refusals_have_their_real_form() {
    let (sandbox, client) = with_customer();
    let cases = [
        (Fault::RetryAfter(7), 429, "rate_limit_exceeded"),
        (Fault::Quota, 429, "insufficient_quota"),
        (Fault::ConversationLocked, 400, "conversation_locked"),
        (Fault::ConversationNotFound, 404, "not found"),
        (Fault::NoToolOutput, 400, "No tool output found for function call call_"),
        (Fault::ContextTooLong, 400, "context_length_exceeded"),
        (Fault::BadKey, 401, "invalid_api_key"),
        (Fault::ModelNotFound, 404, "model_not_found"),
        (Fault::ReasoningItem, 400, "without its required following item"),
    ];
    for (fault, status, part) in cases {
        sandbox.faults().add(on_run(fault.clone()));
        let (seen, body) = client
            .openai("responses", json!({"model": "any", "input": "one"}))
            .await;
        assert_eq!(seen, status, "{fault:?}");
        assert!(body.to_string().contains(part), "{fault:?}: {body}");
    }
    let refused = |entry: &&Entry| matches!(entry.event, Event::RunRefused { .. });
    assert_eq!(sandbox.journal().entries().iter().filter(refused).count(), 9);
}

#[tokio::test]
async fn odd_endings_of_a_run_have_their_real_form() {
    let (sandbox, client) = with_customer();
    let ask = || client.openai("responses", json!({"model": "any", "input": "one"}));
    sandbox.faults().add(on_run(Fault::Incomplete));
    let response = ask().await.1;
    assert_eq!(response["incomplete_details"]["reason"], "max_output_tokens");
    assert_eq!(
        (&response["status"], &response["output"]),
        (&json!("incomplete"), &json!([]))
    );
    sandbox.faults().add(on_run(Fault::Empty));
    let response = ask().await.1;
    assert_eq!(
        (&response["status"], &response["output"]),
        (&json!("completed"), &json!([]))
    );
    sandbox.faults().add(on_run(Fault::Refusal));
    assert_eq!(ask().await.1["output"][0]["content"][0]["type"], "refusal");
    sandbox.faults().add(on_run(Fault::UnknownItem));
    let response = ask().await.1;
    assert_eq!(response["output"][1]["content"][0]["text"], "echo: one");
    sandbox.faults().add(on_run(Fault::Thoughts));
    let response = ask().await.1;
    assert!(text(&response).starts_with("<think>") && text(&response).ends_with("</think>\n\necho: one"));
    sandbox.faults().add(on_run(Fault::CutCitation));
    assert_eq!(text(&ask().await.1), "echo: one 【4:0†pri");
    assert_eq!(text(&ask().await.1), "echo: one");
}

#[tokio::test]
async fn odd_answers_are_odd_on_the_wire() {
    let (sandbox, client) = with_customer();
    let asked = async |oddity: Oddity| {
        sandbox.faults().add(on_run(Fault::Answer(oddity)));
        let body = json!({"model": "any", "input": "one. two"});
        let (status, body) = client
            .openai_raw(reqwest::Method::POST, "responses", &body)
            .await
            .unwrap();
        assert_eq!(status, 200);
        body
    };
    let read = |body: String| serde_json::from_str::<Value>(&body).unwrap();
    let half = asked(Oddity::HalfSurrogate).await;
    assert!(
        half.contains("echo: one. two \\ud83d\"") && serde_json::from_str::<Value>(&half).is_err(),
        "{half}"
    );
    let items = read(asked(Oddity::RepeatedItems).await);
    let texts: Vec<_> = items["output"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["content"][0]["text"])
        .collect();
    assert_eq!(texts, ["echo: o", "echo: one. two", "two", " echo: one. two\n"]);
    let cut = read(asked(Oddity::IncompleteText).await);
    assert_eq!((&cut["status"], text(&cut)), (&json!("incomplete"), "echo: one"));
    let top = read(asked(Oddity::TextOnTop).await);
    assert_eq!(
        (&top["output"], &top["output_text"]),
        (&Value::Null, &json!("echo: one. two"))
    );
    assert_eq!(read(asked(Oddity::ErrorInside).await)["error"]["code"], 502);
    assert_eq!(read(asked(Oddity::InProgress).await)["status"], "in_progress");

    let call = |_: &Run| Answer::Call {
        name: "save".to_owned(),
        arguments: json!({"a": "b"}),
    };
    sandbox.openai().script(Arc::new(call));
    for (oddity, arguments) in [
        (Oddity::ArgumentsTwice, json!("{\"a\":\"b\"}{\"a\":\"b\"}")),
        (Oddity::ArgumentsEncoded, json!("\"{\\\"a\\\":\\\"b\\\"}\"")),
        (Oddity::ArgumentsFenced, json!("```json\n{\"a\":\"b\"}\n```")),
        (Oddity::ArgumentsFollowed, json!("{\"a\":\"b\"}\n\nI have saved this.")),
        (Oddity::ArgumentsObject, json!({"a": "b"})),
        (Oddity::HalfSurrogate, json!("{\"a\":\"\\ud83db\"}")),
    ] {
        assert_eq!(
            read(asked(oddity).await)["output"][0]["arguments"],
            arguments,
            "{oddity:?}"
        );
    }
    let beside = read(asked(Oddity::TextBesideCall).await);
    assert_eq!(
        (&beside["output"][0]["type"], &beside["output"][1]["type"]),
        (&json!("message"), &json!("function_call"))
    );
}

#[tokio::test]
async fn a_rule_strikes_only_where_its_conditions_hold() {
    let (sandbox, client) = with_customer();
    sandbox.telegram().say(43, "hello");
    let rule = Rule::on(Edge::Telegram, "SENDMESSAGE")
        .chat(42)
        .containing("при\"вет")
        .skip(1)
        .times(1)
        .with(Fault::status(500, ""));
    let id = sandbox.faults().add(rule);
    let mut seen = Vec::new();
    for (chat, text) in [
        (43, "при\"вет"),
        (42, "hi"),
        (42, "при\"вет"),
        (42, "при\"вет"),
        (42, "при\"вет"),
    ] {
        let body = json!({"chat_id": chat, "text": text});
        seen.push(client.telegram_raw("sendMessage", &body).await.unwrap().0);
    }
    assert_eq!(seen, [200, 200, 200, 500, 200]);
    assert_eq!(sandbox.faults().hits(id), 1);
}

#[tokio::test]
async fn an_api_error_has_the_form_of_telegrams_own() {
    let (sandbox, client) = with_customer();
    for (code, text) in [(502, "Bad Gateway"), (403, "Forbidden: something new")] {
        sandbox.faults().add(on_send(Fault::api_error(code, text)));
        let (status, body) = client.send(42, "hi").await;
        assert_eq!(status, code);
        assert_eq!(body, json!({"ok": false, "error_code": code, "description": text}));
    }
    assert_eq!(sandbox.telegram().replies(42), []);
}

#[tokio::test]
async fn probability_rules_with_one_seed_repeat_exactly() {
    let (sandbox, client) = with_customer();
    let mut rounds = Vec::new();
    for _ in 0..2 {
        let rule = Rule::on(Edge::Telegram, "sendMessage")
            .probability(0.3, 7)
            .with(Fault::ChatNotFound);
        sandbox.faults().add(rule);
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(send(&client).await.unwrap().0);
        }
        sandbox.faults().clear();
        rounds.push(statuses);
    }
    assert_eq!(rounds[0], rounds[1]);
    assert!(rounds[0].contains(&200) && rounds[0].contains(&400));
}

#[tokio::test]
async fn updates_of_a_lost_answer_are_delivered_again() {
    let (sandbox, client) = with_customer();
    sandbox
        .faults()
        .add(Rule::on(Edge::Telegram, "getUpdates").times(1).with(Fault::CutAfter));
    assert!(client.telegram_raw("getUpdates", &json!({})).await.is_err());
    assert_eq!(client.updates(0).await.len(), 1);
}

#[tokio::test]
async fn a_conversation_can_be_created_although_the_answer_is_lost() {
    let (sandbox, client) = with_customer();
    sandbox
        .faults()
        .add(Rule::on(Edge::OpenAi, "conversations").times(1).with(Fault::CutAfter));
    assert!(
        client
            .openai_raw(reqwest::Method::POST, "conversations", &json!({}))
            .await
            .is_err()
    );
    assert_eq!(sandbox.openai().conversations().len(), 1);
}
