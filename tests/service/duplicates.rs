//! Each update counts once, however often Telegram delivers it, and delays no other update.

use sandbox::{Edge, Event, Fault, Rule};
use serde_json::json;

use crate::harness::{TestService, deliveries, seen};

#[actix_rt::test]
async fn a_batch_delivered_three_times_is_answered_once() {
    let builder = TestService::builder();
    for chat in 1..=10 {
        builder.sandbox().telegram().say(chat, "the same batch again");
    }
    builder.sandbox().telegram().redeliver(3);
    let service = builder.start().await;
    for chat in 1..=10 {
        service.replies(chat, 1).await;
    }
    let is_delivered = |event: &Event| matches!(event, Event::UpdateDelivered { .. });
    seen(service.sandbox(), 40, is_delivered).await;
    // Last in the queue: once it is answered, all others are done.
    service.ask(99, "one more, to see the end").await;
    service.settles().await;
    assert_eq!(deliveries(service.sandbox()).len(), 11);
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox"), ["11"]);
    assert_eq!(service.telegram().unconfirmed(), 0);
}

#[actix_rt::test]
async fn a_batch_delivered_again_after_a_restart_is_answered_once() {
    let mut service = TestService::start().await;
    service.ask(1, "before the restart").await;
    service.settles().await;
    service.telegram().redeliver(2);
    service.restart().await;
    service.ask(2, "after the restart").await;
    service.settles().await;
    let expected: [(i64, &[&str]); 2] = [(1, &["echo: before the restart"]), (2, &["echo: after the restart"])];
    assert_eq!(service.expect_replies_once(&expected), 0);
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox"), ["2"]);
}

#[actix_rt::test]
async fn malformed_updates_of_a_batch_are_kept_and_delay_no_others() {
    let builder = TestService::builder();
    let telegram = builder.sandbox().telegram();
    let before = telegram.say(1, "before the broken ones").update_id;
    let broken = [(before + 1, "{nonsense}"), (before + 2, "[1,2,3]")];
    let broken = broken.map(|(id, message)| format!(r#"{{"update_id":{id},"message":{message}}}"#));
    for raw in &broken {
        telegram.push_raw(raw);
    }
    let now = base::Clock::system().now().timestamp();
    let surrogate = r#""text":"half an emoji \ud83d is here""#;
    telegram.push_raw(&format!(
        r#"{{"update_id":{},"message":{{"message_id":1,"date":{now},"chat":{{"id":3,"type":"private","first_name":"C"}},"from":{{"id":3,"is_bot":false,"first_name":"C"}},{surrogate}}}}}"#,
        before + 3
    ));
    telegram.say(4, "behind the broken ones");
    let service = builder.start().await;
    assert_eq!(service.replies(1, 1).await, ["echo: before the broken ones"]);
    assert_eq!(service.replies(3, 1).await, ["echo: half an emoji \u{fffd} is here"]);
    assert_eq!(service.replies(4, 1).await, ["echo: behind the broken ones"]);
    assert_eq!(service.ask(4, "polling goes on").await, "echo: polling goes on");
    service.settles().await;
    assert_eq!(
        service.sql("SELECT raw, state, reason FROM inbox WHERE reason IS NOT NULL ORDER BY id"),
        broken.map(|raw| format!("{raw}|ignored|unreadable"))
    );
    // The next poll confirms them; an answered message shows that the poll was made.
    service.ask(4, "and is confirmed").await;
    assert!(service.telegram().unconfirmed() <= 1);
}

#[actix_rt::test]
async fn an_unknown_entity_type_keeps_the_text() {
    let service = TestService::start().await;
    let message = json!({"text": "see the hologram", "entities": [{"type": "hologram", "offset": 8, "length": 8}]});
    service.telegram().say_as(5, message);
    assert_eq!(service.replies(5, 1).await, ["echo: see the hologram"]);
    service.settles().await;
}

#[actix_rt::test]
async fn an_unknown_item_of_an_answer_keeps_the_text() {
    let service = TestService::start().await;
    let unknown = Rule::on(Edge::OpenAi, "responses").times(1).with(Fault::UnknownItem);
    service.fault(unknown);
    assert_eq!(service.ask(5, "what is new there?").await, "echo: what is new there?");
    service.settles().await;
}

#[actix_rt::test]
async fn reused_update_ids_are_not_duplicates() {
    let service = TestService::start().await;
    let first = service.telegram().say(1, "in the old numbering").update_id;
    service.replies(1, 1).await;
    service.settles().await;
    // First lower than all earlier ids, later an id already stored.
    service.telegram().renumber(17);
    for chat in 1..=3 {
        assert_eq!(
            service.ask(chat, "in the new numbering").await,
            "echo: in the new numbering"
        );
    }
    service.telegram().renumber(first);
    assert_eq!(service.ask(1, "with an id of old").await, "echo: with an id of old");
    assert_eq!(service.ask(1, "and the next").await, "echo: and the next");
    service.settles().await;
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox"), ["6"]);
    let known = service.sql("SELECT COUNT(*) FROM inbox WHERE state != 'done'");
    assert_eq!(known, ["0"]);
    assert!(
        service.telegram().unconfirmed() <= 1,
        "each is confirmed by the poll behind it"
    );
}
