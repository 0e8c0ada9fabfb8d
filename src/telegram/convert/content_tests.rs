//! Rules for content beyond text and caption.

use domain::{Body, Change, Command, IgnoreReason, Media, MediaKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::read_batch;
use super::tests::{bot, dated, private, read};

#[test]
fn a_live_location_update_is_not_an_edit_and_message_id_zero_is_none() {
    let edited = |fields: Value| {
        let mut update = private(fields);
        let message = update["message"].take();
        read(&json!({"update_id": 10, "edited_message": message}))
    };
    for live in [json!(900), Value::Null] {
        let place = json!({"location": {"latitude": 55.7, "longitude": 37.6, "live_period": live}, "edit_date": 3});
        assert_eq!(edited(place).change, Change::Nothing(IgnoreReason::Unchanged));
    }
    let words = edited(json!({"location": {}, "caption": "здесь"}));
    assert!(matches!(words.change, Change::Edited(_)), "{:?}", words.change);
    let ephemeral = read(&private(json!({"text": "a", "message_id": 0})));
    assert_eq!((ephemeral.message, ephemeral.change), (None, Change::Wrote(dated("a"))));
}

fn body(fields: Value) -> Body {
    match read(&private(fields)).change {
        Change::Wrote(message) => message.body,
        other => panic!("{other:?}"),
    }
}

fn words(fields: Value) -> String {
    match body(fields) {
        Body::Text(words) => words,
        other => panic!("{other:?}"),
    }
}

fn rich(blocks: &Value) -> String {
    words(json!({"rich_message": {"blocks": blocks, "is_rtl": false}}))
}

#[test]
fn a_rich_message_is_read_as_plain_text() {
    let run = |kind: &str, text: Value| json!({"type": kind, "text": text});
    let paragraph = |text: Value| run("paragraph", text);
    let item = |label: &str, text: &str| json!({"label": label, "blocks": [paragraph(json!(text))], "value": 1});
    let cell = |text: Value| json!({"text": text, "align": "left", "valign": "top", "is_header": true});
    let cases = [
        (
            json!([paragraph(json!("Здравствуйте 89123456789"))]),
            "Здравствуйте 89123456789",
        ),
        (
            json!([paragraph(json!([
                "Мой ",
                run("bold", json!("номер")),
                " ",
                run("italic", json!(["8912", "3456789"]))
            ]))]),
            "Мой номер 89123456789",
        ),
        (json!([paragraph(run("bold", json!("объект")))]), "объект"),
        (
            json!([run("heading", json!("Заказ")), {"type": "list", "items": [item("1.", "окно"), item("2.", "дверь")]}]),
            "Заказ\n1. окно\n2. дверь",
        ),
        (
            json!([{"type": "list", "items": [{"label": "•", "blocks": [
                paragraph(json!("мойка")), {"type": "list", "items": [item("–", "окна")]}]}]}]),
            "• мойка\n– окна",
        ),
        (
            json!([{"type": "table", "cells": [[cell(json!("Имя")), cell(json!("Телефон"))],
                [cell(json!("Анна")), cell(json!(["+7 912 ", "345-67-89"]))]], "caption": "Контакты"}]),
            "Контакты\nИмя | Телефон\nАнна | +7 912 345-67-89",
        ),
        (
            json!([{"type": "details", "summary": "Подробно", "blocks": [run("pre", json!("line 1\nline 2"))]},
                {"type": "divider"}, {"type": "blockquote", "blocks": [paragraph(json!("цитата"))], "credit": "автор"}]),
            "Подробно\nline 1\nline 2\nцитата\nавтор",
        ),
        (
            json!([{"type": "photo", "photo": [{"file_id": "x", "file_unique_id": "y"}],
                "caption": {"text": "Такое окно", "credit": "Анна"}}]),
            "Такое окно\nАнна",
        ),
        (
            json!([paragraph(
                json!([{"type": "url", "text": "мой сайт", "url": "https://anna.ru"}, " и ",
                {"type": "phone_number", "text": "звоните", "phone_number": "+79123456789"}])
            )]),
            "мой сайт (https://anna.ru) и звоните (+79123456789)",
        ),
        (
            json!([{"type": "brand_new", "lines": [{"inner": {"words": "не потеряй"}}, "и это"]}, 5, null, "строка"]),
            "не потеряй\nи это\nстрока",
        ),
        (json!([{"type": "anchor", "name": "top"}, paragraph(json!("a"))]), "a"),
        (json!([{"type": "mathematical_expression", "expression": "2+2"}]), "2+2"),
    ];
    for (blocks, expected) in cases {
        assert_eq!(rich(&blocks), expected, "{blocks}");
    }
    assert_eq!(words(json!({"rich_message": {"text": "без блоков"}})), "без блоков");
    assert_eq!(words(json!({"rich_message": "строка"})), "строка");
    let both = json!({"text": "начало…", "rich_message": {"blocks": [paragraph(json!("начало и всё остальное"))]}});
    assert_eq!(words(both), "начало и всё остальное");
}

#[test]
fn a_rich_message_without_text_is_unsupported_media() {
    for rich in [
        json!({"blocks": []}),
        json!({"blocks": [{"type": "divider"}]}),
        json!({"blocks": [{"type": "photo", "photo": [{"file_id": "x"}]}]}),
        json!({}),
    ] {
        let body = body(json!({"rich_message": rich.clone()}));
        let nothing = Body::Media(Media {
            kind: MediaKind::Other,
            detail: None,
            caption: None,
        });
        assert_eq!(body, nothing, "{rich}");
    }
}

#[test]
fn hidden_link_targets_are_added_to_the_text() {
    let link = |offset: i64, length: i64, url: &str| json!({"type": "text_link", "offset": offset, "length": length, "url": url});
    let cases = [
        (
            "Мои контакты",
            link(0, 12, "https://wa.me/79123456789"),
            "Мои контакты (https://wa.me/79123456789, +79123456789)",
        ),
        (
            "звоните: сюда!",
            link(9, 4, "tel:+79123456789"),
            "звоните: сюда (+79123456789)!",
        ),
        (
            "почта",
            link(0, 5, "mailto:anna@shop.ru?subject=x"),
            "почта (anna@shop.ru)",
        ),
        (
            "🙂🙂 тут",
            link(5, 3, "https://anna.ru/"),
            "🙂🙂 тут (https://anna.ru/)",
        ),
        (
            "вайбер",
            link(0, 6, "viber://chat?number=%2B79123456789"),
            "вайбер (viber://chat?number=%2B79123456789, +79123456789)",
        ),
        (
            "ватсап",
            link(0, 6, "https://api.whatsapp.com/send?text=hi&phone=79123456789"),
            "ватсап (https://api.whatsapp.com/send?text=hi&phone=79123456789, +79123456789)",
        ),
        ("смс", link(0, 3, "sms:+7%20912%20345-67-89"), "смс (+7 912 345-67-89)"),
        (
            "телеграм",
            link(0, 8, "https://t.me/anna_k"),
            "телеграм (https://t.me/anna_k)",
        ),
        (
            "чат",
            link(0, 3, "https://t.me/+AbCdEf12345678"),
            "чат (https://t.me/+AbCdEf12345678)",
        ),
        ("anna.ru", link(0, 7, "https://anna.ru/"), "anna.ru"),
        (
            "Пишите anna@shop.ru",
            link(0, 6, "mailto:Anna@shop.ru"),
            "Пишите anna@shop.ru",
        ),
        ("тут", link(99, 5, "https://anna.ru"), "тут (https://anna.ru)"),
        ("тут", link(-5, -5, "https://anna.ru"), "тут (https://anna.ru)"),
        (
            "без адреса",
            json!({"type": "bold", "offset": 0, "length": 3}),
            "без адреса",
        ),
    ];
    for (text, entity, expected) in cases {
        assert_eq!(words(json!({"text": text, "entities": [entity]})), expected, "{text}");
        let captioned = body(json!({"photo": [{"file_id": "p"}], "caption": text, "caption_entities": [entity]}));
        assert!(
            matches!(captioned, Body::Media(media) if media.caption.as_deref() == Some(expected)),
            "{text}"
        );
    }
    let two = json!({"text": "сайт, почта", "entities": [
        link(6, 5, "mailto:a@b.ru"), link(0, 4, "https://b.ru"), link(0, 4, "https://b.ru"), 7, {"type": "text_link"}]});
    assert_eq!(words(two), "сайт (https://b.ru), почта (a@b.ru)");
}

#[test]
fn text_in_a_poll_checklist_or_venue_is_kept() {
    let shown = |fields: Value| match read(&private(fields)).change {
        Change::Wrote(message) => message.transcript(),
        other => panic!("{other:?}"),
    };
    let task = |text: &str| json!({"id": 1, "text": text});
    let cases = [
        (
            json!({"checklist": {"title": "Купить", "tasks": [task("окно"), task("позвонить 89123456789")]}}),
            "[attachment] Купить\nокно\nпозвонить 89123456789",
        ),
        (
            json!({"poll": {"id": "1", "question": "Когда?", "options": [task("утром"), task("днём")], "type": "regular"}}),
            "[attachment] Когда?\nутром\nднём",
        ),
        (
            json!({"poll": {"id": "1", "question": "Когда?", "options": []}}),
            "[attachment Когда?]",
        ),
        (json!({"dice": {"emoji": "🎲", "value": 3}}), "[attachment 🎲]"),
        (
            json!({"venue": {"location": {"latitude": 55.0, "longitude": 37.0}, "title": "Кафе", "address": "Ленина, 5"}, "location": {"latitude": 55.0, "longitude": 37.0}}),
            "[location 55.00000, 37.00000, Кафе, Ленина, 5]",
        ),
        (
            json!({"live_photo": {"file_id": "x"}, "photo": [{"file_id": "y"}], "caption": "моё окно"}),
            "[photo] моё окно",
        ),
        (
            json!({"paid_media": {"star_count": 1}, "caption": "смотрите"}),
            "[attachment] смотрите",
        ),
    ];
    for (fields, expected) in cases {
        assert_eq!(shown(fields.clone()), expected, "{fields}");
    }
}

#[test]
fn unknown_content_is_a_message_and_its_name_is_recorded() {
    let cases = [
        (json!({"hologram": {"file_id": "f"}}), "hologram", None),
        (json!({"hologram": {"x": 1}, "is_ephemeral": true}), "hologram", None),
        (
            json!({"whisper": "позвоните", "effect_id": "5"}),
            "whisper",
            Some("позвоните"),
        ),
        (
            json!({"holograms": [{"y": 2}], "reply_to_message": {"text": "a"}}),
            "holograms",
            None,
        ),
        (
            json!({"hologram": {"text": "мой номер 89123456789"}}),
            "hologram",
            Some("мой номер 89123456789"),
        ),
        (
            json!({"hologram": {"state": "new", "deep": {"x": 1}}, "caption": "что это?"}),
            "hologram",
            Some("что это?"),
        ),
    ];
    for (fields, name, caption) in cases {
        let incoming = read(&private(fields.clone()));
        assert_eq!(incoming.unknown_content.as_deref(), Some(name), "{fields}");
        let Change::Wrote(message) = incoming.change else {
            panic!("{fields}")
        };
        let expected = Body::Media(Media {
            kind: MediaKind::Other,
            detail: None,
            caption: caption.map(str::to_owned),
        });
        assert_eq!(message.body, expected, "{fields}");
    }
}

#[test]
fn service_messages_are_not_customer_messages() {
    for name in [
        "pinned_message",
        "new_chat_title_of_the_future",
        "new_chat_photo",
        "checklist_tasks_done",
        "chat_background_set",
        "write_access_allowed",
        "message_auto_delete_timer_changed",
        "users_shared",
        "gift",
        "community_created",
        "suggested_post_paid",
        "forum_topic_created",
        "video_chat_started",
        "something_new_created",
    ] {
        let incoming = read(&private(
            json!({name: {"text": "x", "title": "y"}, "from": {"id": 4, "is_bot": false}}),
        ));
        assert_eq!(incoming.change, Change::Nothing(IgnoreReason::Service), "{name}");
        assert_eq!(incoming.unknown_content, None);
    }
    let nothing = read(&private(json!({"text": "", "effect_id": "5", "author_signature": "А"})));
    assert_eq!(nothing.change, Change::Nothing(IgnoreReason::Service));
    let photo = read(&private(json!({"photo": [{"file_id": "p"}]})));
    assert_eq!(photo.unknown_content, None);
}

proptest! {
    #[test]
    fn no_word_of_a_rich_message_is_lost(words in prop::collection::vec("[а-я]{3,9}", 1..6), shape in 0_usize..5) {
        let text = match shape {
            0 => json!(words.join(" ")),
            1 => json!(words.iter().map(|word| json!({"type": "bold", "text": format!("{word} ")})).collect::<Vec<_>>()),
            2 => words.iter().fold(json!(""), |inner, word| json!({"type": "italic", "text": [inner, " ", word]})),
            3 => json!({"type": "underline", "text": {"type": "bold", "text": words.join("/")}}),
            _ => json!(words),
        };
        let whole = rich(&json!([{"type": "list", "items": [{"label": "-", "blocks": [{"type": "paragraph", "text": text}]}]}]));
        let mut rest = whole.as_str();
        for word in &words {
            let at = rest.find(word.as_str());
            prop_assert!(at.is_some(), "{} in {}", word, whole);
            rest = &rest[at.unwrap_or(0) + word.len()..];
        }
    }
}

#[test]
fn text_after_a_reset_is_a_separate_message() {
    let reset = private(json!({"text": "/reset сколько стоит окно?"}));
    let updates = read_batch(&bot(), &format!("[{reset}]")).unwrap();
    let [first, second] = updates.as_slice() else {
        panic!("{updates:?}")
    };
    let mut alone = dated("");
    alone.body = Body::Command(Command::Reset);
    assert_eq!(first.change, Change::Wrote(alone));
    assert_eq!(second.change, Change::Wrote(dated("сколько стоит окно?")));
    assert_eq!(second.key, format!("{}:words", first.key));
    assert_eq!((second.update, second.message), (first.update, first.message));
    let bare = private(json!({"text": "/reset "}));
    assert_eq!(read_batch(&bot(), &format!("[{bare}]")).unwrap().len(), 1);
}
