//! Messages other than text: contact cards, voice, pictures, albums, forwards and quotations.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{TestService, asked};

const PHONE: &str = "+79161234567";

fn voice(seconds: u32) -> Value {
    json!({"voice": {"file_id": "v", "file_unique_id": "u", "duration": seconds}})
}

fn photo(album: &str, caption: Option<&str>) -> Value {
    json!({
        "photo": [{"file_id": "p", "file_unique_id": "u", "width": 90, "height": 90}],
        "media_group_id": album,
        "caption": caption,
    })
}

#[actix_rt::test]
async fn a_customers_own_card_is_thanked_for_and_never_reaches_the_model() {
    let service = TestService::start().await;
    service.ask(7, "первый вопрос").await;
    let card = json!({"phone_number": PHONE, "first_name": "Анна", "user_id": 7});
    service.telegram().say_as(7, json!({"contact": card}));
    let thanks = service.reply(7, 2).await;
    assert!(thanks.text.starts_with("Спасибо, Customer 7!"), "{}", thanks.text);
    assert_eq!(service.openai().requests().len(), 1);
    // A new thread gets the history; this message is not part of it.
    service.openai().delete_conversations();
    service.ask(7, "второй вопрос").await;
    let received = service.openai().requests();
    assert!(received.iter().all(|run| !run.body.to_string().contains("9161234567")));
    let last = received.last().unwrap();
    assert_eq!(asked::user_texts(last), ["первый вопрос", "второй вопрос"]);
}

#[actix_rt::test]
async fn another_persons_card_reaches_the_model_as_text() {
    let service = TestService::start().await;
    let card = json!({"phone_number": PHONE, "first_name": "Ольга", "last_name": "П.", "user_id": 555});
    service.telegram().say_as(7, json!({"contact": card}));
    let answer = service.replies(7, 1).await;
    assert_eq!(answer, [format!("echo: [contact card of Ольга П.: {PHONE}]")]);
}

#[actix_rt::test]
async fn unsupported_messages_get_one_hint_a_minute() {
    let service = TestService::builder().manual_clock().start().await;
    service.telegram().say_as(7, voice(12));
    let hint = service.reply(7, 1).await.text;
    assert!(hint.contains("только текст"), "{hint}");
    let sticker = json!({"sticker": {"file_id": "s", "file_unique_id": "u", "emoji": "👍"}});
    service.telegram().say_as(7, sticker);
    service.telegram().say_as(7, photo("", None));
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'done'", &["3"])
        .await;
    service.advance(TimeDelta::seconds(59));
    service.telegram().say_as(7, voice(3725));
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'done'", &["4"])
        .await;
    service.advance(TimeDelta::seconds(1));
    service.telegram().say_as(7, voice(5));
    assert_eq!(service.replies(7, 2).await, [hint.clone(), hint]);
    assert_eq!(
        service.sql("SELECT message FROM dialogs WHERE role = 'user' ORDER BY id"),
        [
            "[voice 0:12]",
            "[sticker 👍]",
            "[photo]",
            "[voice 1:02:05]",
            "[voice 0:05]"
        ]
    );
    assert_eq!(service.openai().requests(), []);
}

#[actix_rt::test]
async fn the_minute_of_a_hint_survives_a_restart() {
    let mut service = TestService::builder().manual_clock().start().await;
    service.telegram().say_as(7, voice(12));
    service.replies(7, 1).await;
    service.settles().await;
    service.restart().await;
    service.telegram().say_as(7, voice(13));
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'done'", &["2"])
        .await;
    assert_eq!(service.ask(7, "тогда словами").await, "echo: тогда словами");
    assert_eq!(service.telegram().replies(7).len(), 2);
}

#[actix_rt::test]
async fn a_caption_counts_as_text() {
    let service = TestService::start().await;
    let document = json!({"document": {"file_id": "d", "file_unique_id": "u", "file_name": "plan.pdf"},
        "caption": "Сколько за такую?"});
    service.telegram().say_as(7, document);
    assert_eq!(
        service.replies(7, 1).await,
        ["echo: [document plan.pdf] Сколько за такую?"]
    );
}

#[actix_rt::test]
async fn an_album_is_one_message_whichever_picture_has_its_caption() {
    let service = TestService::start().await;
    let words = Some("Какой диван лучше?");
    for (chat, captions) in [(7, [words, None, None]), (8, [None, None, words])] {
        for caption in captions {
            service.telegram().say_as(chat, photo("album-1", caption));
        }
        assert_eq!(service.replies(chat, 1).await, ["echo: [photo] Какой диван лучше?"]);
        service.settles().await;
        assert_eq!(service.ask(chat, "а кресло").await, "echo: а кресло");
        assert_eq!(service.telegram().replies(chat).len(), 2);
    }
    assert_eq!(service.openai().requests().len(), 4);
}

#[actix_rt::test]
async fn an_album_is_one_message_with_merging_too() {
    let builder = TestService::builder().manual_clock();
    let merging = |config: &mut frontdesk::Config| {
        config.conversation.merge_wait = TimeDelta::milliseconds(1200);
    };
    let service = builder.config(merging).start().await;
    for caption in [None, Some("Какой диван лучше?"), None] {
        service.telegram().say_as(7, photo("album-1", caption));
    }
    service.sql_becomes("SELECT COUNT(*) FROM inbox", &["3"]).await;
    service.advance(TimeDelta::milliseconds(1200));
    assert_eq!(service.replies(7, 1).await, ["echo: [photo] Какой диван лучше?"]);
    service.settles().await;
    assert_eq!(service.telegram().replies(7).len(), 1);
}

#[actix_rt::test]
async fn an_album_without_words_gets_one_hint() {
    let service = TestService::start().await;
    for _ in 0..4 {
        service.telegram().say_as(7, photo("album-1", None));
    }
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'done'", &["4"])
        .await;
    service.settles().await;
    assert_eq!(service.telegram().replies(7).len(), 1);
}

#[actix_rt::test]
async fn forwarded_text_reaches_the_model_marked() {
    let service = TestService::start().await;
    let origin = json!({"type": "hidden_user", "sender_user_name": "Пётр", "date": 1_700_000_000});
    let forwarded = json!({"text": "Скидка 50% всем", "forward_origin": origin});
    service.telegram().say_as(7, forwarded);
    assert_eq!(service.replies(7, 1).await, ["echo: [forwarded] Скидка 50% всем"]);
}

#[actix_rt::test]
async fn a_quotation_reaches_the_model_with_up_to_200_characters() {
    let service = TestService::start().await;
    let quoted = json!({"message_id": 1, "date": 1_700_000_000, "text": "ы".repeat(500),
        "chat": {"id": 7, "type": "private", "first_name": "Customer 7"}});
    let message = json!({"text": "а это актуально?", "reply_to_message": quoted});
    service.telegram().say_as(7, message);
    service.replies(7, 1).await;
    let received = asked::user_texts(&service.openai().requests()[0]);
    let expected = format!("[in reply to: \"{}…\"]\nа это актуально?", "ы".repeat(199));
    assert_eq!(received, [expected]);
}
