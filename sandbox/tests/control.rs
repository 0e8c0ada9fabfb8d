//! The control address, and `play` with a small bot that answers through both stand-ins.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::smtp::{Raw, letter};
use common::{Client, LIMIT, start, text, with_client};
use reqwest::Method;
use sandbox::{Edge, Entry, Fault, Figures, Play, Rule, Sandbox, play};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// Asks the model about each message and sends its answer; drops failures.
async fn bot(client: Client) {
    let mut offset = 0;
    loop {
        let (_, batch) = client
            .telegram("getUpdates", json!({"offset": offset, "timeout": 20}))
            .await;
        for update in batch["result"].as_array().unwrap() {
            offset = update["update_id"].as_i64().unwrap() + 1;
            let input = &update["message"]["text"];
            let (_, response) = client
                .openai("responses", json!({"model": "any", "input": input}))
                .await;
            let chat = update["message"]["chat"]["id"].as_i64().unwrap();
            client.send(chat, text(&response)).await;
        }
    }
}

fn with_bot() -> Sandbox {
    let sandbox = start();
    tokio::spawn(bot(Client::of(&sandbox)));
    sandbox
}

const SMALL: Play = Play {
    customers: 12,
    messages: 3,
    first_chat: 1,
    limit: LIMIT,
};

/// Plays, and waits until all messages are sent.
async fn playing(sandbox: &Sandbox, customers: u32) -> JoinHandle<Figures> {
    let all = usize::try_from(customers).unwrap() * 2;
    let sent = |entries: &[Entry]| (entries.len() >= all).then_some(());
    let played = {
        let sandbox = sandbox.clone();
        let two_each = Play {
            customers,
            messages: 2,
            ..SMALL
        };
        tokio::spawn(async move { play(&sandbox, two_each).await })
    };
    sandbox.journal().wait_for(LIMIT, sent).await.unwrap();
    played
}

#[tokio::test]
async fn a_bot_that_answers_everything_passes() {
    let sandbox = with_bot();
    let figures = play(&sandbox, SMALL).await;
    assert!(figures.is_clean(), "{figures:?}");
    assert_eq!((figures.sent, figures.replied, figures.merged), (36, 36, 0));
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_lost_reply_is_counted_as_missing() {
    let sandbox = with_bot();
    let rule = Rule::on(Edge::Telegram, "sendMessage")
        .chat(7)
        .times(1)
        .with(Fault::RetryAfter(1));
    sandbox.faults().add(rule);
    let limit = Duration::from_millis(400);
    let figures = play(&sandbox, Play { limit, ..SMALL }).await;
    assert_eq!((figures.missing, figures.doubles), (1, 0), "{figures:?}");
    assert!(!figures.is_clean());
}

#[tokio::test]
async fn an_answer_sent_twice_is_counted_as_double() {
    let (sandbox, client) = with_client();
    let played = playing(&sandbox, 1).await;
    sandbox.telegram().say(2, "hello");
    for (chat, number) in [(1, 2), (1, 1), (1, 1), (2, 1)] {
        let text = format!("re: message {number} of customer 1.");
        client.send(chat, &text).await;
    }
    let figures = played.await.unwrap();
    assert_eq!(
        (
            figures.missing,
            figures.doubles,
            figures.out_of_order,
            figures.wrong_chat
        ),
        (0, 1, 1, 1)
    );
}

#[tokio::test]
async fn messages_of_one_run_are_answered_by_its_reply() {
    let (sandbox, client) = with_client();
    let played = playing(&sandbox, 1).await;
    let said = |number: u32| json!({"role": "user", "content": format!("message {number} of customer 1")});
    let body = json!({"model": "any", "input": [said(1), said(2)]});
    let (_, response) = client.openai("responses", body).await;
    client.send(1, text(&response)).await;
    let figures = played.await.unwrap();
    assert_eq!((figures.replied, figures.merged, figures.missing), (2, 1, 0));
}

#[tokio::test]
async fn customer_one_is_not_mistaken_for_customer_ten() {
    let (sandbox, client) = with_client();
    let played = playing(&sandbox, 15).await;
    // One run answers each customer's two messages, and every run ends before the first reply is sent.
    for customer in 1..=15 {
        let said = |number: u32| json!({"role": "user", "content": format!("message {number} of customer {customer}")});
        let body = json!({"model": "any", "input": [said(1), said(2)]});
        client.openai("responses", body).await;
    }
    for customer in 1..=15 {
        let text = format!("re: message 2 of customer {customer}");
        client.send(customer, &text).await;
    }
    let figures = played.await.unwrap();
    assert_eq!((figures.replied, figures.merged, figures.missing), (30, 15, 0));
}

async fn control(sandbox: &Sandbox, method: Method, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", sandbox.control_url());
    let response = common::http().request(method, url).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn post(sandbox: &Sandbox, path: &str, body: Value) -> (u16, Value) {
    control(sandbox, Method::POST, path, body).await
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    control(sandbox, Method::GET, path, json!({})).await.1
}

#[tokio::test]
async fn a_customer_can_be_played_over_the_control_address() {
    let sandbox = with_bot();
    let (_, said) = post(&sandbox, "/say", json!({"chat": 5, "text": "привет"})).await;
    assert_eq!(said["message_id"], 1);
    let replies = "/replies?chat=5&count=1&wait_ms=5000";
    let replies = get(&sandbox, replies).await;
    assert_eq!(replies[0]["text"], "echo: привет");
    let journal = get(&sandbox, "/journal?since=0").await;
    assert!(
        journal
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["event"] == "message_delivered")
    );
    let addresses = get(&sandbox, "/addresses").await;
    assert_eq!(addresses["openai"], sandbox.openai().url());
    let (_, figures) = post(&sandbox, "/play", json!({"customers": 2, "messages": 2})).await;
    assert_eq!((&figures["replied"], &figures["missing"]), (&json!(4), &json!(0)));
    assert_eq!(get(&sandbox, "/violations").await, json!([]));
}

#[tokio::test]
async fn faults_can_be_switched_over_the_control_address() {
    let (sandbox, client) = with_client();
    sandbox.telegram().say(5, "hello");
    let rule = json!({"edge": "telegram", "point": "sendMessage", "fault": {"retry_after": 3}});
    let (_, added) = post(&sandbox, "/faults", rule).await;
    let message = json!({"chat_id": 5, "text": "hi"});
    assert_eq!(client.telegram("sendMessage", message.clone()).await.0, 429);
    let path = format!("/faults/{}", added["id"]);
    let (_, removed) = control(&sandbox, Method::DELETE, &path, json!({})).await;
    assert_eq!(removed["hits"], 1);
    assert_eq!(client.telegram("sendMessage", message).await.0, 200);
    let unit = json!({"edge": "openai", "point": "responses", "fault": "cut_before"});
    assert_eq!(post(&sandbox, "/faults", unit).await.0, 200);
    let (status, body) = post(&sandbox, "/faults", json!({"edge": "pigeon"})).await;
    assert_eq!(status, 400);
    assert!(body["error"].is_string());
}

#[tokio::test]
async fn the_control_address_shows_letters_and_the_mail_server() {
    let sandbox = start();
    let addresses = get(&sandbox, "/addresses").await;
    let smtp = json!({"host": "127.0.0.1", "port": sandbox.smtp().port(), "username": "robot@example.org",
        "password": "smtp-password-not-a-secret"});
    assert_eq!(addresses["smtp"], smtp);
    let rule = json!({"edge": "smtp", "point": "rcpt", "containing": "second@", "times": 1,
        "fault": {"smtp": {"code": 550, "text": "5.1.1 No such user"}}});
    let (status, _) = post(&sandbox, "/faults", rule).await;
    assert_eq!(status, 200);
    let mut client = Raw::log_in(&sandbox).await;
    assert_eq!(client.say("MAIL FROM:<robot@example.org>").await, 250);
    assert_eq!(client.say("RCPT TO:<second@example.org>").await, 550);
    assert_eq!(client.say("RSET").await, 250);
    client.post(&["owner@example.org"], &letter("1", "one")).await;
    let letters = get(&sandbox, "/letters").await;
    let shown = json!([{"from": "robot@example.org", "to": ["owner@example.org"], "subject": "one",
        "text": "Hello.\r\n", "html": null, "message_id": "1@example.org"}]);
    assert_eq!(letters, shown);
    let journal = get(&sandbox, "/journal").await;
    let events: Vec<&Value> = journal
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["event"])
        .collect();
    assert_eq!(events, ["fault_hit", "mail_refused", "mail_received"]);
}
