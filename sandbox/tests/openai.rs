//! The OpenAI stand-in over real HTTP.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Client, start, text, with_client};
use sandbox::{Answer, Consultant, Edge, Fault, Rule, Run, Sandbox};
use serde_json::{Value, json};

fn call_then_text(run: &Run) -> Answer {
    match run.tool_outputs.first() {
        Some((name, output)) => Answer::Text(format!("{name} gave {output}")),
        None => Answer::Call {
            name: "save".to_owned(),
            arguments: json!({"a": 1}),
        },
    }
}

#[tokio::test]
async fn items_are_added_only_when_the_run_completes() {
    let (sandbox, client) = with_client();
    let id = client.conversation().await;
    let rule = sandbox
        .faults()
        .add(Rule::on(Edge::OpenAi, "responses").times(1).with(Fault::ContextTooLong));
    assert_eq!(client.run(&id, json!("one")).await.0, 400);
    assert!(sandbox.openai().items(&id).is_empty());
    assert_eq!(sandbox.faults().hits(rule), 1);
    let (status, response) = client.run(&id, json!("two")).await;
    assert_eq!((status, text(&response)), (200, "echo: two"));
    assert_eq!(response["model"], "script, not AI");
    assert_eq!(sandbox.openai().items(&id).len(), 2);
    let completed: Vec<bool> = sandbox.openai().requests().iter().map(|run| run.completed).collect();
    assert_eq!(completed, [false, true]);
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_second_run_on_a_conversation_finds_it_locked() {
    let sandbox = start();
    let client = Arc::new(Client::of(&sandbox));
    let id = client.conversation().await;
    let hold = sandbox.faults().add(
        Rule::on(Edge::OpenAi, "responses")
            .containing("first")
            .with(Fault::Hold),
    );
    let (other, conversation) = (Arc::clone(&client), id.clone());
    let first = tokio::spawn(async move { other.run(&conversation, json!("first")).await });
    started(&sandbox).await;
    let (status, body) = client.run(&id, json!("second")).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("conversation_locked")));
    assert_eq!(body["error"]["param"], "conversation");
    sandbox.faults().remove(hold);
    assert_eq!(text(&first.await.unwrap().1), "echo: first");
    assert_eq!(client.run(&id, json!("second")).await.0, 200);
}

async fn started(sandbox: &Sandbox) {
    let found = |entries: &[sandbox::Entry]| {
        entries
            .iter()
            .any(|entry| matches!(entry.event, sandbox::Event::RunStarted { .. }))
            .then_some(())
    };
    sandbox.journal().wait_for(common::LIMIT, found).await.unwrap();
}

#[tokio::test]
async fn a_run_continues_after_its_client_disconnects() {
    let sandbox = start();
    let client = Arc::new(Client::of(&sandbox));
    let id = client.conversation().await;
    let hold = sandbox
        .faults()
        .add(Rule::on(Edge::OpenAi, "responses").with(Fault::Hold));
    let (other, conversation) = (Arc::clone(&client), id.clone());
    let leaving = tokio::spawn(async move { other.run(&conversation, json!("one")).await });
    started(&sandbox).await;
    leaving.abort();
    sandbox.faults().remove(hold);
    let completed = |entries: &[sandbox::Entry]| {
        entries
            .iter()
            .any(|entry| matches!(entry.event, sandbox::Event::RunCompleted { .. }))
            .then_some(())
    };
    sandbox.journal().wait_for(common::LIMIT, completed).await.unwrap();
    assert_eq!(sandbox.openai().items(&id).len(), 2);
}

#[tokio::test]
async fn a_function_call_must_be_answered_before_anything_else() {
    let (sandbox, client) = with_client();
    sandbox.openai().script(Arc::new(call_then_text));
    let id = client.conversation().await;
    let (_, response) = client.run(&id, json!("one")).await;
    let call_id = response["output"][0]["call_id"].as_str().unwrap();
    assert_eq!(response["output"][0]["arguments"], "{\"a\":1}");
    let (status, body) = client.run(&id, json!("two")).await;
    assert_eq!(status, 400);
    assert_eq!(
        body["error"]["message"],
        format!("No tool output found for function call {call_id}.")
    );
    let output = json!([{"type": "function_call_output", "call_id": call_id, "output": "{\"ok\":true}"}]);
    let (status, response) = client.run(&id, output).await;
    assert_eq!((status, text(&response)), (200, "save gave {\"ok\":true}"));
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_deleted_conversation_is_not_found() {
    let (sandbox, client) = with_client();
    let id = client.conversation().await;
    assert_eq!(sandbox.openai().conversations()[0], id);
    sandbox.openai().delete_conversations();
    let (status, body) = client.run(&id, json!("one")).await;
    assert_eq!(status, 404);
    assert_eq!(
        body["error"]["message"],
        format!("Conversation with id '{id}' not found.")
    );
    assert!(sandbox.openai().conversations().is_empty());
}

#[tokio::test]
async fn items_are_listed_newest_first_in_pages() {
    let (_sandbox, client) = with_client();
    let id = client.conversation().await;
    for message in ["one", "two"] {
        client.run(&id, json!(message)).await;
    }
    let (_, page) = client.openai_get(&format!("conversations/{id}/items?limit=3")).await;
    assert_eq!(page["data"][1]["content"][0]["text"], "two");
    assert_eq!(page["has_more"], true);
    let last = page["last_id"].as_str().unwrap();
    let (_, page) = client
        .openai_get(&format!("conversations/{id}/items?order=desc&after={last}"))
        .await;
    assert_eq!(page["data"][0]["content"][0]["text"], "one");
    assert_eq!(
        (page["data"].as_array().unwrap().len(), &page["has_more"]),
        (1, &json!(false))
    );
    let (_, page) = client.openai_get(&format!("conversations/{id}/items?order=asc")).await;
    assert_eq!(page["data"][0]["role"], "user");
}

#[tokio::test]
async fn unknown_and_unwanted_parameters_are_refused_and_kept() {
    let (sandbox, client) = with_client();
    let ask = |name: &str, value: Value| {
        let mut body = json!({"model": "gpt-5.5", "input": "one"});
        body[name] = value;
        body
    };
    let bad = [
        ("temprature", json!(1)),
        ("temperature", json!(1)),
        ("stream", json!(true)),
        ("store", json!("yes")),
    ];
    for (name, value) in bad {
        assert_eq!(client.openai("responses", ask(name, value)).await.0, 400, "{name}");
    }
    let loose = json!([{"type": "function", "name": "f", "strict": true, "parameters":
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": [], "additionalProperties": false}}]);
    assert_eq!(client.openai("responses", ask("tools", loose)).await.0, 400);
    assert_eq!(sandbox.violations().len(), 5);
    assert_eq!(client.openai("responses", ask("store", json!(false))).await.0, 200);
}

#[tokio::test]
async fn an_assistant_message_is_a_string_or_a_whole_output_message() {
    let (sandbox, client) = with_client();
    let bare = json!([{"type": "output_text", "text": "hi"}]);
    let whole = json!([{"type": "output_text", "text": "hi", "annotations": [], "logprobs": []}]);
    for (message, status) in [
        (json!({"role": "assistant", "content": "hi"}), 200),
        (json!({"type": "message", "role": "assistant", "content": "hi"}), 200),
        (json!({"role": "assistant", "content": bare}), 400),
        (json!({"type": "message", "role": "assistant", "content": whole}), 400),
        (
            json!({"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": bare}),
            400,
        ),
        (
            json!({"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": whole}),
            200,
        ),
    ] {
        let input = json!([message, {"role": "user", "content": "one"}]);
        let (seen, body) = client
            .openai("responses", json!({"model": "any", "input": input}))
            .await;
        assert_eq!(seen, status, "{message}: {body}");
    }
    assert_eq!(sandbox.violations().len(), 3);
}

#[tokio::test]
async fn a_wrong_key_is_refused_like_at_openai() {
    let sandbox = start();
    let url = format!("{}/models", sandbox.openai().url());
    let response = common::http().get(url).bearer_auth("sk-other").send().await.unwrap();
    assert_eq!(response.status().as_u16(), 401);
    assert!(response.headers().contains_key("x-request-id"));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "invalid_api_key");
}

#[tokio::test]
async fn the_last_of_several_messages_is_the_one_echoed() {
    let (_sandbox, client) = with_client();
    let input = json!([
        {"role": "user", "content": "one"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "two"}]},
        {"role": "developer", "content": "it is Monday"},
    ]);
    let (_, response) = client
        .openai("responses", json!({"model": "any", "input": input}))
        .await;
    assert_eq!(text(&response), "echo: two");
}

#[tokio::test]
async fn the_consultant_reports_what_it_does_not_know() {
    let (sandbox, client) = with_client();
    sandbox.openai().script(Arc::new(Consultant));
    let id = client.conversation().await;
    let tools = json!([{"type": "function", "name": "report_gap", "strict": true, "parameters": {"type": "object",
        "properties": {"question": {"type": "string"}}, "required": ["question"], "additionalProperties": false}}]);
    let ask = |input: Value| json!({"model": "any", "conversation": id, "tools": tools, "input": input});
    let (_, known) = client.openai("responses", ask(json!("Сколько стоит уборка?"))).await;
    assert!(text(&known).contains("**уборка квартиры**"), "{known}");
    let (_, call) = client.openai("responses", ask(json!("Do you fix violins?"))).await;
    assert_eq!(call["output"][0]["name"], "report_gap");
    let output = json!([{"type": "function_call_output", "call_id": call["output"][0]["call_id"], "output": "noted"}]);
    let (_, answer) = client.openai("responses", ask(output)).await;
    assert!(text(&answer).contains("call you back"), "{answer}");
    let (_, before) = client.openai("responses", ask(json!("What did I ask before?"))).await;
    assert!(text(&before).contains("violins"), "{before}");
}

#[tokio::test]
async fn a_run_takes_the_configured_latency() {
    let (sandbox, client) = with_client();
    sandbox.openai().latency(Duration::from_millis(40));
    let began = std::time::Instant::now();
    client
        .openai("responses", json!({"model": "any", "input": "one"}))
        .await;
    assert!(began.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn the_consultant_knows_names_prices_and_what_it_is() {
    let (sandbox, client) = with_client();
    sandbox.openai().script(Arc::new(Consultant));
    let id = client.conversation().await;
    let talk = [
        ("Здравствуйте, меня зовут Анна", "Анна"),
        ("Вы человек?", "не человек"),
        ("Как меня зовут?", "Анна"),
        ("Hi! How much is it?", "$60"),
        ("What are your hours", "9:00"),
        ("Где вы находитесь", "Садовая"),
        ("хочу записаться", "телефон"),
        ("Спасибо", "Пожалуйста"),
        ("Чините ли вы скрипки?", "не знаю"),
    ];
    for (said, part) in talk {
        let (_, response) = client.run(&id, json!(said)).await;
        assert!(text(&response).contains(part), "{said}: {}", text(&response));
    }
}

#[tokio::test]
async fn the_consultant_answers_all_waiting_messages_in_one_text() {
    let (sandbox, client) = with_client();
    sandbox.openai().script(Arc::new(Consultant));
    let id = client.conversation().await;
    let texts = ["Hello again!", "Can I pay by card?", "Where is your office?"];
    let input = texts.map(|text| json!({"role": "user", "content": text}));
    let (_, answer) = client.run(&id, json!(input)).await;
    let answer = text(&answer).to_owned();
    assert!(
        answer.contains("**card**") && answer.contains("Garden Street"),
        "{answer}"
    );
    assert!(!answer.contains("How can I help"), "{answer}");
    let (_, next) = client.run(&id, json!("What are your hours?")).await;
    assert!(!text(&next).contains("card"), "{next}");
}
