//! Starting, waiting and stopping.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Client, LIMIT, start, with_customer};
use sandbox::{Entry, Event, Listener, Options, Sandbox};
use serde_json::json;

#[tokio::test]
async fn dropping_the_last_handle_closes_the_ports() {
    let sandbox = start();
    let url = format!("{}/bot1:x/getMe", sandbox.telegram().url());
    let other = sandbox.clone();
    drop(sandbox);
    assert!(common::http().get(&url).send().await.is_ok());
    drop(other);
    let closed = async {
        while common::http().get(&url).send().await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, closed).await.unwrap();
}

#[tokio::test]
async fn two_sandboxes_never_give_the_same_conversation() {
    let (first, second) = (start(), start());
    let (one, two) = (
        Client::of(&first).conversation().await,
        Client::of(&second).conversation().await,
    );
    assert_ne!(one, two);
}

#[test]
fn a_token_without_a_number_does_not_start() {
    let options = Options {
        token: "no number".to_owned(),
        ..Options::default()
    };
    assert!(Sandbox::start(options).is_err());
}

#[tokio::test]
async fn a_wait_that_times_out_lists_what_arrived() {
    let (sandbox, client) = with_customer();
    client.send(42, "only this").await;
    let timeout = sandbox
        .telegram()
        .await_replies(42, 2, Duration::from_millis(30))
        .await
        .unwrap_err();
    assert!(timeout.to_string().contains("1 of 2 replies in chat 42"), "{timeout}");
    assert!(timeout.to_string().contains("only this"), "{timeout}");
    let nothing = |_: &[Entry]| None::<()>;
    assert!(
        sandbox
            .journal()
            .wait_for(Duration::from_millis(30), nothing)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn journal_entries_survive_being_written_as_json() {
    let (sandbox, client) = with_customer();
    client.send(42, "hi").await;
    let entries = sandbox.journal().entries();
    let written = serde_json::to_string(&entries).unwrap();
    let read: Vec<Entry> = serde_json::from_str(&written).unwrap();
    assert_eq!(read, entries);
    assert_eq!(sandbox.journal().entries_since(1), entries[1..]);
}

#[tokio::test]
async fn a_listener_gets_every_event_and_nothing_is_kept() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let options = Options {
        listener: Some(Listener::new(move |event| hears.lock().unwrap().push(event.clone()))),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).unwrap();
    let client = Client::of(&sandbox);
    let telegram = sandbox.telegram().clone();
    sandbox.spawn(async move {
        let _said = telegram.say(42, "Hello");
    });
    client.telegram("getUpdates", json!({"timeout": 5})).await;
    let conversation = client.conversation().await;
    client.run(&conversation, json!("Hello")).await;
    client.send(42, "hi").await;
    let heard = heard.lock().unwrap().clone();
    let is_there = |is: fn(&Event) -> bool| heard.iter().any(is);
    assert!(
        is_there(|event| matches!(event, Event::UpdateQueued { chat: Some(42), .. })),
        "{heard:?}"
    );
    assert!(
        is_there(|event| matches!(event, Event::MessageDelivered { chat: 42, .. })),
        "{heard:?}"
    );
    assert!(
        is_there(|event| matches!(event, Event::RunCompleted { .. })),
        "{heard:?}"
    );
    assert_eq!(
        (sandbox.journal().entries(), sandbox.telegram().replies(42)),
        (vec![], vec![])
    );
    assert_eq!(
        (sandbox.openai().requests(), sandbox.openai().items(&conversation)),
        (vec![], vec![])
    );
}
