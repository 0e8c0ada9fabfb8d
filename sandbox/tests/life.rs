//! Starting, waiting and stopping.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{Client, LIMIT, start, with_customer};
use sandbox::{Entry, Options, Sandbox};

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
async fn a_wait_that_is_too_long_says_what_had_come() {
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
