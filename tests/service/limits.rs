//! Everything is bounded, and every limit has a defined behaviour.

mod crowds;
mod days;

use chrono::TimeDelta;
use frontdesk::Config;
use sandbox::{Answer, Run};
use serde_json::json;

use crate::harness::{TestService, asked};

const IGNORED: &str = "SELECT COUNT(*) FROM inbox WHERE state = 'ignored' AND reason = 'flood'";

#[actix_rt::test]
async fn over_the_rate_limit_messages_are_stored_and_one_notice_is_sent() {
    let builder = TestService::builder().manual_clock();
    let three = |config: &mut Config| config.conversation.rate_limit_per_minute = 3;
    let service = builder.config(three).start().await;
    for text in ["раз раз", "два два", "три три"] {
        service.ask(7, text).await;
    }
    let notice = service.ask(7, "четыре четыре").await;
    assert!(notice.contains("Подождите, пожалуйста, минуту"), "{notice}");
    service.say(7, "пять пять");
    service.sql_becomes(IGNORED, &["2"]).await;
    assert_eq!(service.ask(8, "другой клиент").await, "echo: другой клиент");
    service.advance(TimeDelta::seconds(61));
    assert_eq!(service.ask(7, "шесть шесть").await, "echo: шесть шесть");
    let received: Vec<_> = service.openai().requests().iter().flat_map(asked::user_texts).collect();
    assert_eq!(
        received,
        ["раз раз", "два два", "три три", "другой клиент", "шесть шесть"]
    );
    assert_eq!(
        service.sql("SELECT COUNT(*) FROM dialogs WHERE role = 'user' AND user_id = 7"),
        ["6"]
    );
}

#[actix_rt::test]
async fn for_the_limit_an_album_is_one_message_and_a_live_location_none() {
    let builder = TestService::builder().manual_clock();
    let six = |config: &mut Config| config.conversation.rate_limit_per_minute = 6;
    let service = builder.config(six).start().await;
    for album in ["first", "second", "third"] {
        for n in 0..10 {
            let picture = json!([{"file_id": "p", "file_unique_id": "u", "width": 90, "height": 90}]);
            let caption = (n == 0).then(|| format!("альбом {album}"));
            let part = json!({"photo": picture, "media_group_id": album, "caption": caption});
            service.telegram().say_as(7, part);
        }
    }
    let place = |live: Option<u32>| json!({"latitude": 55.7, "longitude": 37.6, "live_period": live});
    let shared = service
        .telegram()
        .say_as(7, json!({"location": place(Some(900))}))
        .message_id;
    for n in 0..30 {
        let live = (n < 29).then_some(900);
        let moved = json!({"message_id": shared, "edit_date": 1_790_000_000 + n, "date": 1_790_000_000,
            "chat": {"id": 7, "type": "private"}, "from": {"id": 7, "is_bot": false, "first_name": "A"},
            "location": place(live)});
        service.telegram().push(json!({"edited_message": moved}));
    }
    service.say(7, "успеете к пяти?");
    let moves = "SELECT COUNT(*) FROM inbox WHERE state = 'ignored' AND reason = 'unchanged'";
    service.sql_becomes(moves, &["30"]).await;
    service.settles().await;
    assert_eq!(service.sql(IGNORED), ["0"]);
    let received: Vec<_> = service.openai().requests().iter().flat_map(asked::user_texts).collect();
    assert_eq!(received.last().map(String::as_str), Some("успеете к пяти?"));
    assert!(
        received.iter().any(|words| words.contains("альбом third")),
        "{received:?}"
    );
    assert_eq!(service.sql("SELECT COUNT(*) FROM dialogs WHERE kind = 'edit'"), ["0"]);
    service.ask(7, "шестое сообщение").await;
    let notice = service.ask(7, "седьмое сообщение").await;
    assert!(notice.contains("Подождите, пожалуйста, минуту"), "{notice}");
}

#[actix_rt::test]
async fn a_customer_has_at_most_fifty_waiting_rows() {
    let builder = TestService::builder().manual_clock();
    let merging = |config: &mut Config| config.conversation.merge_wait = TimeDelta::milliseconds(1200);
    let service = builder.config(merging).start().await;
    for n in 1..=53 {
        service.say(7, &format!("строка {n}"));
    }
    service.sql_becomes(IGNORED, &["3"]).await;
    assert!(service.replies(7, 1).await[0].contains("Подождите"));
    service.advance(TimeDelta::milliseconds(1200));
    assert_eq!(service.replies(7, 2).await[1], "echo: строка 50");
    assert_eq!(asked::user_texts(&service.openai().requests()[0]).len(), 50);
    assert_eq!(service.sql("SELECT COUNT(*) FROM dialogs WHERE role = 'user'"), ["53"]);
}

#[actix_rt::test]
async fn the_model_gets_8000_characters_and_the_database_all() {
    let service = TestService::start().await;
    service.ask(7, &"щ".repeat(9000)).await;
    service.settles().await;
    let received = asked::user_texts(&service.openai().requests()[0]);
    assert_eq!(received[0].chars().count(), 8000);
    assert_eq!(
        service.sql("SELECT length(message) FROM dialogs WHERE role = 'user'"),
        ["9000"]
    );
}

#[actix_rt::test]
async fn an_answer_is_cut_at_16000_characters() {
    let endless = |_: &Run| Answer::Text("слово ".repeat(5000));
    let service = TestService::builder().script(endless).start().await;
    service.say(7, "расскажите всё");
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'done'", &["1"])
        .await;
    service.settles().await;
    assert_eq!(
        service.sql("SELECT length(message) FROM dialogs WHERE role = 'assistant'"),
        ["16000"]
    );
    let said: usize = service
        .telegram()
        .replies(7)
        .iter()
        .map(|reply| reply.text.chars().count())
        .sum();
    assert!((15_900..=16_000).contains(&said), "{said}");
}

#[actix_rt::test]
async fn a_text_of_a_megabyte_is_stored_and_answered() {
    let service = TestService::start().await;
    let answer = Answer::Text("понятно".into());
    service
        .openai()
        .script(std::sync::Arc::new(move |_: &Run| answer.clone()));
    let text = "мегабайт ".repeat(65_536);
    assert_eq!(service.ask(7, &text).await, "понятно");
    let length = text.chars().count().to_string();
    assert_eq!(
        service.sql("SELECT length(message) FROM dialogs WHERE role = 'user'"),
        [length]
    );
}

#[actix_rt::test]
async fn one_long_text_does_not_push_the_history_out_of_a_new_thread() {
    let service = TestService::start().await;
    service.ask(7, "меня зовут Анна").await;
    service
        .openai()
        .script(std::sync::Arc::new(|_: &Run| Answer::Text("понятно".into())));
    service.ask(7, &"щ".repeat(30_000)).await;
    service.openai().delete_conversations();
    service.ask(7, "как меня зовут?").await;
    let received = asked::user_texts(service.openai().requests().last().unwrap());
    let lengths: Vec<_> = received.iter().map(|text| text.chars().count()).collect();
    assert_eq!(lengths, [15, 8000, 15]);
}
