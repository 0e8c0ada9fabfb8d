//! The Telegram stand-in over real HTTP.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Client, LIMIT, with_client, with_customer};
use sandbox::Event;
use serde_json::{Value, json};

#[tokio::test]
async fn message_ids_grow_across_both_sides_of_a_chat() {
    let (sandbox, client) = with_client();
    assert_eq!(sandbox.telegram().say(42, "one").message_id, 1);
    let (_, sent) = client.send(42, "two").await;
    assert_eq!(sent["result"]["message_id"], 2);
    assert_eq!(sandbox.telegram().say(42, "three").message_id, 3);
    assert_eq!(sandbox.telegram().replies(42)[0].text, "two");
    assert_eq!(sandbox.violations(), [""; 0]);
}

#[tokio::test]
async fn a_bot_may_not_write_before_the_customer_does() {
    let (_sandbox, client) = with_client();
    let (status, body) = client.send(42, "hi").await;
    assert_eq!(
        (status, &body["description"]),
        (400, &json!("Bad Request: chat not found"))
    );
}

#[tokio::test]
async fn a_customer_who_blocked_the_bot_gets_nothing() {
    let (sandbox, client) = with_customer();
    sandbox.telegram().block(42);
    let (status, body) = client.send(42, "hi").await;
    assert_eq!(
        (status, &body["description"]),
        (403, &json!("Forbidden: bot was blocked by the user"))
    );
    let (_, updates) = client.telegram("getUpdates", json!({})).await;
    assert_eq!(
        updates["result"][1]["my_chat_member"]["new_chat_member"]["status"],
        "kicked"
    );
    sandbox.telegram().unblock(42);
    assert_eq!(client.send(42, "hi").await.0, 200);
}

#[tokio::test]
async fn texts_outside_one_to_4096_units_are_refused() {
    let (_sandbox, client) = with_customer();
    for (text, status) in [
        ("", 400),
        (" \n", 400),
        (&"я".repeat(4096), 200),
        (&"😀".repeat(2049), 400),
    ] {
        assert_eq!(client.send(42, text).await.0, status);
    }
}

async fn entity_status(client: &Client, text: &str, entities: Value) -> u16 {
    client
        .telegram(
            "sendMessage",
            json!({"chat_id": 42, "text": text, "entities": entities}),
        )
        .await
        .0
}

#[tokio::test]
async fn entities_must_fit_their_text_and_each_other() {
    let (sandbox, client) = with_customer();
    let span = |kind: &str, offset: u32, length: u32| json!({"type": kind, "offset": offset, "length": length});
    let good = json!([span("bold", 0, 6), span("italic", 2, 2)]);
    assert_eq!(entity_status(&client, "😀 text", good).await, 200);
    let link = json!([{"type": "text_link", "offset": 0, "length": 1, "url": "https://example.org", "language": null}]);
    assert_eq!(entity_status(&client, "a", link).await, 200);
    assert_eq!(sandbox.violations(), [""; 0]);
    let bad = [
        json!([span("bold", 1, 2)]),
        json!([span("bold", 0, 8)]),
        json!([span("bold", 0, 0)]),
        json!([span("bold", 0, 4), span("italic", 3, 3)]),
        json!([span("bold", 0, 6), span("code", 3, 2)]),
        json!([span("hologram", 0, 2)]),
        json!([{"type": "text_link", "offset": 0, "length": 2, "url": "/relative"}]),
        json!(vec![span("bold", 0, 2); 101]),
    ];
    for entities in bad {
        assert_eq!(
            entity_status(&client, "😀 text", entities.clone()).await,
            400,
            "{entities}"
        );
    }
    assert_eq!(sandbox.violations().len(), 8);
}

#[tokio::test]
async fn unknown_methods_fields_types_and_tokens_are_violations() {
    let (sandbox, client) = with_customer();
    assert_eq!(client.telegram("sendHologram", json!({})).await.0, 404);
    assert_eq!(
        client
            .telegram("sendMessage", json!({"chat_id": 42, "text": "a", "txet": "b"}))
            .await
            .0,
        400
    );
    assert_eq!(
        client
            .telegram("sendMessage", json!({"chat_id": 42, "text": 1}))
            .await
            .0,
        400
    );
    assert_eq!(client.telegram("sendMessage", json!({"chat_id": 42})).await.0, 400);
    assert_eq!(client.telegram("getUpdates", json!({"offset": -1})).await.0, 400);
    let url = format!("{}/bot1:other/getMe", sandbox.telegram().url());
    assert_eq!(common::http().get(url).send().await.unwrap().status().as_u16(), 401);
    assert_eq!(sandbox.violations().len(), 6);
}

#[tokio::test]
async fn commands_are_kept_per_language() {
    let (sandbox, client) = with_client();
    let list = json!([{"command": "start", "description": "Begin"}]);
    client
        .telegram("setMyCommands", json!({"commands": list, "language_code": "en"}))
        .await;
    assert_eq!(
        sandbox.telegram().commands(Some("en")),
        [("start".to_owned(), "Begin".to_owned())]
    );
    assert!(sandbox.telegram().commands(None).is_empty());
    assert_eq!(
        client.telegram("getMyCommands", json!({"language_code": "en"})).await.1["result"],
        list
    );
}

#[tokio::test]
async fn a_bot_added_to_a_group_can_leave_it() {
    let (sandbox, client) = with_client();
    sandbox.telegram().add_to_group(-100_500, "Neighbours");
    sandbox.telegram().group_message(-100_500, 42, "hello");
    assert_eq!(client.telegram("leaveChat", json!({"chat_id": -100_500})).await.0, 200);
    assert!(sandbox.telegram().left(-100_500));
    assert_eq!(client.send(-100_500, "a").await.0, 403);
}

#[tokio::test]
async fn an_edited_message_reads_differently_for_its_customer() {
    let (sandbox, client) = with_customer();
    client.send(42, "old").await;
    let edit = json!({"chat_id": 42, "message_id": 2, "text": "new"});
    assert_eq!(client.telegram("editMessageText", edit.clone()).await.0, 200);
    assert_eq!(sandbox.telegram().replies(42)[0].text, "new");
    let (status, body) = client.telegram("editMessageText", edit).await;
    assert_eq!(status, 400);
    assert!(
        body["description"]
            .as_str()
            .unwrap()
            .starts_with("Bad Request: message is not modified")
    );
}

#[tokio::test]
async fn the_journal_records_a_delivery_and_its_repeat() {
    let (sandbox, client) = with_customer();
    let journal = sandbox.journal().clone();
    let seen = tokio::spawn(async move {
        let found = |entries: &[sandbox::Entry]| {
            entries
                .iter()
                .find(|entry| matches!(entry.event, Event::MessageDelivered { .. }))
                .cloned()
        };
        journal.wait_for(LIMIT, found).await
    });
    for _ in 0..2 {
        client.send(42, "same").await;
    }
    let entry = seen.await.unwrap().unwrap();
    assert_eq!(entry.n, sandbox.telegram().replies(42)[0].at);
    assert_eq!(sandbox.journal().doubles(), [(42, "same".to_owned())]);
}

#[tokio::test]
async fn a_tap_waits_for_its_answer_and_an_unknown_one_is_refused() {
    let (sandbox, client) = with_client();
    let tap = sandbox.telegram().tap(42, 1, "yes");
    let updates = client.updates(0).await;
    assert_eq!(updates.len(), 1);
    assert_eq!(sandbox.telegram().unanswered_taps(), 1);
    let answer = |id: &str| json!({"callback_query_id": id});
    assert_eq!(client.telegram("answerCallbackQuery", answer("none")).await.0, 400);
    assert_eq!(client.telegram("AnswerCallbackQuery", answer(&tap)).await.0, 200);
    assert_eq!(sandbox.telegram().unanswered_taps(), 0);
}

#[tokio::test]
async fn answers_carry_the_configured_time() {
    let (sandbox, client) = with_client();
    let date = async || client.telegram_date().await;
    assert!(date().await.is_some(), "the machine's own");
    sandbox.telegram().set_time(1_790_000_000);
    assert_eq!(date().await, None, "customers act at another time");
    sandbox.telegram().set_header_time(Some(784_111_777));
    assert_eq!(date().await.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
}
