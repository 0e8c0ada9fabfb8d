//! Chats the bot does not serve (groups, channels, other bots) and customers who stopped the bot.

use chrono::TimeDelta;
use sandbox::{Answer, Edge, Fault, Rule, Run};
use serde_json::json;

use crate::harness::{TestService, asked};

const GROUP: i64 = -1_000_000_000_100;
const OUTBOX: &str = "SELECT state, reason FROM outbox ORDER BY id";

#[actix_rt::test]
async fn a_bot_added_to_a_group_writes_one_line_and_leaves() {
    let service = TestService::start().await;
    service.telegram().add_to_group(GROUP, "Соседи");
    service.sql_becomes(OUTBOX, &["completed|", "completed|"]).await;
    let said = service.replies(GROUP, 1).await;
    assert!(said[0].contains("только в личных сообщениях"), "{said:?}");
    assert!(service.telegram().left(GROUP));
    assert_eq!(service.openai().requests(), []);
}

#[actix_rt::test]
async fn a_bot_that_may_not_write_in_a_group_just_leaves() {
    let service = TestService::start().await;
    service.telegram().group(GROUP, false);
    service.telegram().add_to_group(GROUP, "Тихие соседи");
    service
        .sql_becomes("SELECT state FROM outbox ORDER BY id", &["dead", "completed"])
        .await;
    assert!(service.telegram().left(GROUP));
    assert_eq!(service.telegram().replies(GROUP), []);
}

#[actix_rt::test]
async fn a_restricted_bot_leaves_a_group_without_writing() {
    let service = TestService::start().await;
    let bot = json!({"id": service.telegram().bot_id(), "is_bot": true, "first_name": "Sandbox"});
    // The stand-in must know the group.
    service.telegram().group_message(GROUP, 8, "всем привет");
    service.sql_becomes("SELECT reason FROM inbox", &["group"]).await;
    service.telegram().push(json!({"my_chat_member": {
        "chat": {"id": GROUP, "type": "supergroup", "title": "Group"},
        "from": {"id": 8, "is_bot": false, "first_name": "Customer 8"},
        "date": 1_790_000_000,
        "old_chat_member": {"user": bot, "status": "left"},
        "new_chat_member": {"user": bot, "status": "restricted", "is_member": true, "can_send_messages": false},
    }}));
    service.sql_becomes(OUTBOX, &["completed|"]).await;
    assert!(service.telegram().left(GROUP));
    assert_eq!(service.telegram().replies(GROUP), []);
}

#[actix_rt::test]
async fn messages_in_a_group_are_stored_but_not_answered() {
    let service = TestService::start().await;
    service.ask(7, "мой вопрос").await;
    service.telegram().group_message(GROUP, 7, "чужой разговор");
    service.telegram().group_message(GROUP, 7, "/reset");
    let ignored = "SELECT chat_id, reason FROM inbox WHERE state = 'ignored'";
    let row = format!("{GROUP}|group");
    service.sql_becomes(ignored, &[&row, &row]).await;
    service.ask(7, "ещё вопрос").await;
    let runs = service.openai().requests();
    assert_eq!(runs[0].conversation, runs[1].conversation);
    assert_eq!(asked::user_texts(&runs[1]), ["ещё вопрос"]);
    assert_eq!(service.telegram().replies(GROUP), []);
    assert_eq!(service.sql("SELECT COUNT(*) FROM dialogs WHERE user_id <> 7"), ["0"]);
}

#[actix_rt::test]
async fn channel_posts_and_messages_from_bots_are_ignored() {
    let service = TestService::start().await;
    let said = service.telegram().say_as(
        9,
        json!({"text": "я робот", "from": {"id": 9, "is_bot": true, "first_name": "Робот"}}),
    );
    let post = json!({"update_id": said.update_id + 1, "channel_post": {
        "message_id": 1, "date": 1_790_000_000, "text": "новости",
        "chat": {"id": -5, "type": "channel", "title": "Новости"},
    }});
    service.telegram().push_raw(&post.to_string());
    service
        .sql_becomes(
            "SELECT chat_id, state, reason FROM inbox ORDER BY id",
            &["9|ignored|bot", "-5|ignored|channel"],
        )
        .await;
    assert_eq!(service.ask(7, "а люди есть?").await, "echo: а люди есть?");
    assert_eq!(service.sql("SELECT COUNT(*) FROM outbox"), ["1"]);
    assert_eq!(service.sql("SELECT chat_id FROM customers"), ["7"]);
}

#[actix_rt::test]
async fn a_customer_who_stops_the_bot_gets_nothing_until_they_write_again() {
    let service = TestService::start().await;
    let held = service.hold_runs();
    service.say(7, "первый вопрос");
    service.faults_injected(held, 1).await;
    let mut heard = service.listen();
    service.telegram().block(7);
    service.logs_event(&mut heard, "update_ignored").await;
    assert_eq!(service.sql("SELECT blocked_at IS NOT NULL FROM customers"), ["1"]);
    service.release(held);
    service.sql_becomes(OUTBOX, &["cancelled|blocked"]).await;
    service.telegram().unblock(7);
    assert_eq!(service.ask(7, "я вернулся").await, "echo: я вернулся");
    assert_eq!(service.telegram().replies(7).len(), 1);
    assert_eq!(service.sql("SELECT blocked_at IS NULL FROM customers"), ["1"]);
}

#[actix_rt::test]
async fn a_block_cancels_waiting_deliveries() {
    let service = TestService::builder().manual_clock().start().await;
    let busy = Rule::on(Edge::Telegram, "sendMessage")
        .times(1)
        .with(Fault::RetryAfter(30));
    service.fault(busy);
    let mut heard = service.listen();
    service.say(7, "первый вопрос");
    service.logs_event(&mut heard, "reply_retry_scheduled").await;
    service.sql_becomes(OUTBOX, &["retryable|retry_after"]).await;
    service.telegram().block(7);
    service.sql_becomes(OUTBOX, &["cancelled|blocked"]).await;
    service.telegram().unblock(7);
    service.advance(TimeDelta::seconds(60));
    assert_eq!(service.ask(7, "я вернулся").await, "echo: я вернулся");
    assert_eq!(service.telegram().replies(7).len(), 1);
}

#[actix_rt::test]
async fn a_blocked_reply_cancels_all_its_parts_and_marks_the_customer() {
    let long = |_: &Run| Answer::Text("Длинный ответ. ".repeat(600));
    let service = TestService::builder().script(long).start().await;
    let refusal = Rule::on(Edge::Telegram, "sendMessage").times(1).with(Fault::Forbidden);
    service.fault(refusal);
    service.say(7, "расскажите подробно");
    let state = "SELECT DISTINCT state, reason FROM outbox";
    service.sql_becomes(state, &["cancelled|blocked"]).await;
    assert_eq!(service.sql("SELECT COUNT(*) > 1 FROM outbox"), ["1"]);
    assert_eq!(service.sql("SELECT blocked_at IS NOT NULL FROM customers"), ["1"]);
    assert_eq!(service.telegram().replies(7), []);
    service.openai().script(std::sync::Arc::new(sandbox::Echo));
    assert_eq!(service.ask(7, "я вернулся").await, "echo: я вернулся");
}
