//! Wake-ups between actors only repeat what rows contain: the story also ends with every one of them lost.

use chrono::TimeDelta;
use sandbox::{Answer, Run};

use crate::harness::TestService;

const LONG: &str = "a long one, please";

fn script(run: &Run) -> Answer {
    let text = &run.last_user_text;
    Answer::Text(match text.as_str() {
        LONG => (1..=900).map(|n| format!("word{n} ")).collect(),
        _ => format!("echo: {text}"),
    })
}

#[actix_rt::test]
async fn with_every_wake_up_lost_each_message_is_still_answered_once() {
    let service = TestService::builder()
        .script(script)
        .running_clock()
        .without_hints()
        .start()
        .await;
    for n in 1..=3 {
        for chat in 1..=12 {
            service.say(chat, &format!("message {n} of chat {chat}"));
        }
    }
    service.say(20, LONG);
    service.say(21, "before the reset");
    let step = TimeDelta::seconds(2);
    for chat in 1..=12 {
        service.advancing(step, service.replies(chat, 3)).await;
    }
    service.advancing(step, service.replies(21, 1)).await;
    service.say(21, "/reset");
    service.advancing(step, service.replies(21, 2)).await;
    let parts = service.advancing(step, service.replies(20, 2)).await;
    service.advancing(step, service.settles()).await;
    assert!(parts[0].contains("word1 ") && parts[1].ends_with("word900"), "in order");
    for chat in 1..=12 {
        let texts: Vec<String> = (1..=3).map(|n| format!("echo: message {n} of chat {chat}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(service.expect_replies_once(&[(chat, &texts)]), 0);
    }
    assert_eq!(
        service.sql("SELECT state, COUNT(*) FROM inbox GROUP BY state"),
        ["done|39"]
    );
}

#[actix_rt::test]
async fn a_lost_wake_up_delays_by_at_most_ten_seconds() {
    let service = TestService::builder().manual_clock().without_hints().start().await;
    let ten = TimeDelta::seconds(10);
    service.say(1, "nobody is notified");
    service.sql_becomes("SELECT COUNT(*) FROM inbox", &["1"]).await;
    service.advance(ten);
    service.sql_becomes("SELECT state FROM inbox", &["done"]).await;
    service.advance(ten);
    assert_eq!(service.replies(1, 1).await, ["echo: nobody is notified"]);
    service.settles().await;
}
