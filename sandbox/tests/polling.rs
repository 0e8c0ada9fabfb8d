//! `getUpdates` of the Telegram stand-in: offsets, pollers, and the content of batches.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Client, LIMIT, start, with_client};
use sandbox::Event;
use serde_json::json;

#[tokio::test]
async fn updates_are_delivered_again_until_a_higher_offset_confirms_them() {
    let (sandbox, client) = with_client();
    let first = sandbox.telegram().say(42, "one").update_id;
    let second = sandbox.telegram().say(42, "two").update_id;
    assert_eq!(client.updates(0).await, [first, second]);
    assert_eq!(client.updates(first).await, [first, second]);
    assert_eq!(client.updates(second).await, [second]);
    assert_eq!(sandbox.telegram().unconfirmed(), 1);
    assert_eq!(client.updates(second + 1).await, [0; 0]);
    assert_eq!(sandbox.telegram().unconfirmed(), 0);
}

#[tokio::test]
async fn a_confirmed_batch_is_delivered_again_on_request() {
    let (sandbox, client) = with_client();
    let first = sandbox.telegram().say(42, "one").update_id;
    client.updates(0).await;
    sandbox.telegram().redeliver(1);
    let second = sandbox.telegram().say(42, "two").update_id;
    assert_eq!(client.updates(first + 1).await, [first, second]);
    assert_eq!(client.updates(first + 1).await, [second]);
}

#[tokio::test]
async fn a_second_poller_ends_the_wait_of_the_first() {
    let sandbox = start();
    let (first, second) = (Client::of(&sandbox), Client::of(&sandbox));
    let waiting = tokio::spawn(async move { first.telegram("getUpdates", json!({"timeout": 30})).await });
    // The first one is waiting once it would terminate a third; ask until it is.
    let mut terminated = waiting;
    let (status, body) = loop {
        second.telegram("getUpdates", json!({"timeout": 0})).await;
        if terminated.is_finished() {
            break (&mut terminated).await.unwrap();
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(status, 409);
    assert!(
        body["description"]
            .as_str()
            .unwrap()
            .starts_with("Conflict: terminated by other getUpdates")
    );
}

#[tokio::test]
async fn a_waiting_poll_answers_as_soon_as_a_customer_writes() {
    let (sandbox, client) = with_client();
    let waiting = tokio::spawn(async move { client.telegram("getUpdates", json!({"timeout": 30})).await });
    let said = sandbox.telegram().say(42, "привет");
    let (_, body) = tokio::time::timeout(LIMIT, waiting).await.unwrap().unwrap();
    assert_eq!(body["result"][0]["update_id"], said.update_id);
    assert_eq!(body["result"][0]["message"]["text"], "привет");
    assert_eq!(body["result"][0]["message"]["chat"]["type"], "private");
}

#[tokio::test]
async fn update_types_not_requested_are_not_queued() {
    let (sandbox, client) = with_client();
    client
        .telegram("getUpdates", json!({"allowed_updates": ["message"]}))
        .await;
    sandbox.telegram().block(42);
    let said = sandbox.telegram().say(42, "hello");
    assert_eq!(client.updates(0).await, [said.update_id]);
}

#[tokio::test]
async fn raw_updates_reach_the_batch_as_they_are() {
    let (sandbox, client) = with_client();
    let raw = r#"{"update_id": 2000000000, "message": {"chat": {"id": 7}, "text": "\ud83d"}}"#;
    assert_eq!(sandbox.telegram().push_raw(raw), Some(2_000_000_000));
    assert_eq!(sandbox.telegram().push_raw("{}"), None);
    let (_, body) = client.telegram_raw("getUpdates", &json!({})).await.unwrap();
    assert_eq!(body, format!("{{\"ok\":true,\"result\":[{raw},{{}}]}}"));
    let (_, body) = client.telegram_raw("getUpdates", &json!({})).await.unwrap();
    assert_eq!(body, format!("{{\"ok\":true,\"result\":[{raw}]}}"));
    assert_eq!(client.send(7, "a").await.0, 200);
}

#[tokio::test]
async fn a_webhook_left_behind_stops_polling_until_deleted() {
    let (sandbox, client) = with_client();
    sandbox.telegram().webhook("https://example.org/hook");
    let (status, body) = client.telegram("getUpdates", json!({})).await;
    assert_eq!(status, 409);
    assert!(body["description"].as_str().unwrap().contains("webhook is active"));
    assert_eq!(
        client.telegram("getWebhookInfo", json!({})).await.1["result"]["url"],
        "https://example.org/hook"
    );
    client
        .telegram("deleteWebhook", json!({"drop_pending_updates": false}))
        .await;
    assert_eq!(client.telegram("getUpdates", json!({})).await.0, 200);
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn an_offset_of_another_numbering_confirms_nothing() {
    let (sandbox, client) = with_client();
    let old = sandbox.telegram().say(42, "before").update_id;
    assert_eq!(client.updates(old + 1).await, [0; 0]);
    sandbox.telegram().renumber(500);
    let said = sandbox.telegram().say(42, "after the jump");
    assert_eq!(said.update_id, 500);
    assert_eq!(client.updates(old + 1).await, [500]);
    assert_eq!(client.updates(501).await, [0; 0]);
    assert_eq!(sandbox.telegram().unconfirmed(), 0);
}

#[tokio::test]
async fn a_disconnected_poller_frees_its_place() {
    let (sandbox, client) = with_client();
    let body = json!({"timeout": 30});
    let waiting = client.telegram_raw("getUpdates", &body);
    assert!(
        tokio::time::timeout(std::time::Duration::from_millis(50), waiting)
            .await
            .is_err()
    );
    let said = sandbox.telegram().say(42, "hello");
    assert_eq!(client.updates(0).await, [said.update_id]);
    let terminated = |entry: &sandbox::Entry| matches!(entry.event, Event::TelegramCall { status: 409, .. });
    assert!(!sandbox.journal().entries().iter().any(terminated));
}
