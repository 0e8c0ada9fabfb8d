//! The scripts that save contacts, never do, or only claim to.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::sync::Arc;

use common::{Client, start, text};
use sandbox::{Consultant, Forgetful, Liar, Sandbox};
use serde_json::{Value, json};

/// A strict function with these parameters.
fn function(name: &str, parameters: &[(&str, &str)]) -> Value {
    let properties: serde_json::Map<String, Value> = parameters
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), json!({"type": [kind, "null"]})))
        .collect();
    let required: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
    json!({"type": "function", "name": name, "strict": true, "parameters": {"type": "object",
        "properties": properties, "required": required, "additionalProperties": false}})
}

fn tools() -> Value {
    let contact = [
        ("name", "string"),
        ("phone", "string"),
        ("email", "string"),
        ("request", "string"),
        ("preferred_time", "string"),
        ("note", "string"),
        ("telegram", "boolean"),
    ];
    json!([function("save_contact", &contact), function("request_contact", &[])])
}

async fn ask(sandbox: &Sandbox, conversation: &str, input: Value) -> Value {
    let body = json!({"model": "any", "conversation": conversation, "tools": tools(), "input": input});
    let (status, response) = Client::of(sandbox).openai("responses", body).await;
    assert_eq!(status, 200, "{response}");
    response
}

fn arguments(response: &Value) -> Value {
    assert_eq!(response["output"][0]["name"], "save_contact", "{response}");
    serde_json::from_str(response["output"][0]["arguments"].as_str().unwrap()).unwrap()
}

async fn put_out(sandbox: &Sandbox, conversation: &str, call: &Value, output: Value) -> Value {
    let call_id = &call["output"][0]["call_id"];
    let output = json!([{"type": "function_call_output", "call_id": call_id, "output": output.to_string()}]);
    ask(sandbox, conversation, output).await
}

async fn with_consultant() -> (Sandbox, String) {
    let sandbox = start();
    sandbox.openai().script(Arc::new(Consultant));
    let conversation = Client::of(&sandbox).conversation().await;
    (sandbox, conversation)
}

#[tokio::test]
async fn a_phone_number_is_saved_with_name_and_request() {
    let (sandbox, id) = with_consultant().await;
    ask(&sandbox, &id, json!("Здравствуйте, меня зовут Анна")).await;
    ask(&sandbox, &id, json!("Сколько стоит уборка?")).await;
    let call = ask(&sandbox, &id, json!("Мой номер 8 912 345-67-89")).await;
    let saved = json!({"name": "Анна", "phone": "8 912 345-67-89", "email": null, "request": "Сколько стоит уборка?",
        "preferred_time": null, "note": null, "telegram": false});
    assert_eq!(arguments(&call), saved);
    let answer = put_out(&sandbox, &id, &call, json!({"saved": true})).await;
    assert!(text(&answer).contains("номер записан"), "{answer}");
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn an_email_address_or_the_chat_is_a_contact_too() {
    let (sandbox, id) = with_consultant().await;
    let cases = [
        (
            "Пишите на anna@example.org",
            json!("anna@example.org"),
            false,
            "адрес записан",
        ),
        ("напишите мне в телеграм", Value::Null, true, "в Telegram"),
        ("Please write me in Telegram", Value::Null, true, "in Telegram"),
    ];
    for (said, email, in_telegram, promise) in cases {
        let call = ask(&sandbox, &id, json!(said)).await;
        let saved = arguments(&call);
        assert_eq!(
            (&saved["phone"], &saved["email"], &saved["telegram"]),
            (&Value::Null, &email, &json!(in_telegram)),
            "{said}"
        );
        let answer = put_out(&sandbox, &id, &call, json!({"saved": true})).await;
        assert!(text(&answer).contains(promise), "{answer}");
    }
}

#[tokio::test]
async fn a_contact_that_was_not_saved_is_asked_for_again() {
    let (sandbox, id) = with_consultant().await;
    let call = ask(&sandbox, &id, json!("+7 912 345-67-89 звоните")).await;
    let answer = put_out(&sandbox, &id, &call, json!({"error": "the number has too few digits"})).await;
    assert!(text(&answer).contains("Не получилось записать"), "{answer}");
}

#[tokio::test]
async fn the_forgetful_and_the_liar_never_call_a_tool() {
    let (sandbox, id) = with_consultant().await;
    let said = "Меня зовут Анна, +7 912 345-67-89, перезвоните";
    sandbox.openai().script(Arc::new(Forgetful));
    let answer = ask(&sandbox, &id, json!(said)).await;
    assert_eq!(text(&answer), format!("Хорошо, понял: {said}"));
    sandbox.openai().script(Arc::new(Liar));
    let answer = ask(&sandbox, &id, json!(said)).await;
    assert_eq!(text(&answer), "Спасибо, ваш номер записан, менеджер перезвонит.");
}
