//! Rules for reading updates.

use chrono::DateTime;
use domain::{
    Body, Change, ChatId, CustomerMessage, IgnoreReason, IncomingUpdate, Media, MediaKind, MessageId, SharedContact,
    UpdateId,
};
use serde_json::{Value, json};

use super::batch::UnreadableBatch;
use super::{BotIdentity, read_batch, read_update};

pub(super) fn bot() -> BotIdentity {
    BotIdentity {
        id: 7,
        username: Some("Shop_bot".into()),
    }
}

/// An update with a private message that has these fields in addition to the usual ones.
pub(super) fn private(fields: Value) -> Value {
    let mut message = json!({
        "message_id": 5, "date": 1_790_000_000,
        "from": {"id": 4_503_599_627_370_495_i64, "is_bot": false, "first_name": "Анна", "language_code": "ru"},
        "chat": {"id": 4_503_599_627_370_495_i64, "type": "private", "first_name": "Анна"},
    });
    merge(&mut message, fields);
    json!({"update_id": 9, "message": message})
}

fn merge(into: &mut Value, fields: Value) {
    if let (Value::Object(into), Value::Object(fields)) = (into, fields) {
        into.extend(fields);
    }
}

pub(super) fn read(update: &Value) -> IncomingUpdate {
    read_update(&bot(), &update.to_string())
}

/// A text with the date of [`private`].
pub(super) fn dated(text: &str) -> CustomerMessage {
    let mut message = CustomerMessage::text(text);
    message.sent_at = DateTime::from_timestamp(1_790_000_000, 0);
    message
}

pub(super) fn wrote(fields: Value) -> CustomerMessage {
    match read(&private(fields)).change {
        Change::Wrote(message) => message,
        other => panic!("{other:?}"),
    }
}

fn label(fields: Value) -> String {
    match wrote(fields).body {
        Body::Media(media) => media.label(),
        other => panic!("{other:?}"),
    }
}

fn reason(update: &Value) -> Option<IgnoreReason> {
    match read(update).change {
        Change::Nothing(reason) => Some(reason),
        _ => None,
    }
}

#[test]
fn a_private_text_becomes_a_message_with_key_and_profile() {
    let update = private(json!({"text": "Привет"}));
    let incoming = read(&update);
    assert_eq!(incoming.key, "7:9:4503599627370495:5:0");
    assert_eq!(incoming.update, UpdateId(9));
    assert_eq!(incoming.chat, ChatId(4_503_599_627_370_495));
    assert_eq!(incoming.message, Some(MessageId(5)));
    assert_eq!(incoming.change, Change::Wrote(dated("Привет")));
    assert_eq!(incoming.raw, update.to_string());
    let profile = incoming.profile.unwrap();
    assert_eq!((profile.first_name.as_str(), profile.last_name), ("Анна", None));
    assert_eq!(profile.language_code.as_deref(), Some("ru"));
}

#[test]
fn an_unknown_entity_or_content_never_loses_the_text() {
    let message = wrote(json!({
        "text": "завтра в 5", "entities": [{"type": "date_time", "offset": 0, "length": 6, "x": {"y": 1}}],
        "brand_new": {"file_id": "f"}, "reply_markup": {"inline_keyboard": [[{"text": "x", "new": 1}]]},
    }));
    assert_eq!(message, dated("завтра в 5"));
}

#[test]
fn a_forwarded_command_is_plain_text() {
    let message = wrote(json!({"text": "/reset", "forward_origin": {"type": "user"}, "forward_date": 1}));
    assert_eq!(message.body, Body::Text("/reset".into()));
    assert!(message.is_forwarded);
}

#[test]
fn media_are_described_with_useful_details() {
    let cases = [
        (json!({"voice": {"duration": 12}}), "[voice 0:12]"),
        (json!({"audio": {"duration": 3723, "title": "x"}}), "[audio 1:02:03]"),
        (json!({"video": {"duration": 61}}), "[video 1:01]"),
        (json!({"video_note": {}}), "[video note]"),
        (json!({"photo": [{"file_id": "a"}, {"file_id": "b"}]}), "[photo]"),
        (json!({"document": {"file_name": "план.pdf"}}), "[document план.pdf]"),
        (
            json!({"animation": {"duration": 2}, "document": {"file_name": "x.mp4"}}),
            "[animation]",
        ),
        (json!({"sticker": {"emoji": "🙂"}}), "[sticker 🙂]"),
        (
            json!({"location": {"latitude": 55.7558, "longitude": 37.6173}}),
            "[location 55.75580, 37.61730]",
        ),
        (json!({"poll": {"question": "Когда?"}}), "[attachment Когда?]"),
        (json!({"hologram": {"file_id": "f"}}), "[attachment]"),
        (json!({"holograms": [{"file_id": "f"}]}), "[attachment]"),
    ];
    for (fields, expected) in cases {
        assert_eq!(label(fields), expected);
    }
}

#[test]
fn caption_and_album_id_are_kept() {
    let message = wrote(json!({"photo": [], "caption": "Такие есть?", "media_group_id": "a1"}));
    let expected = Media {
        kind: MediaKind::Photo,
        detail: None,
        caption: Some("Такие есть?".into()),
    };
    assert_eq!(message.body, Body::Media(expected));
    assert_eq!(message.album.as_deref(), Some("a1"));
    assert_eq!(label(json!({"caption": "unknown kind"})), "[attachment]");
}

#[test]
fn only_the_senders_own_card_is_their_contact() {
    let card =
        |user: i64| json!({"contact": {"phone_number": "+7912", "first_name": "A", "last_name": "B", "user_id": user}});
    let own = |is_own| {
        Body::Contact(SharedContact {
            phone: "+7912".into(),
            name: "A B".into(),
            is_own,
            is_account: true,
            further: Vec::new(),
            emails: Vec::new(),
        })
    };
    assert_eq!(wrote(card(4_503_599_627_370_495)).body, own(true));
    assert_eq!(wrote(card(1)).body, own(false));
    let nameless = wrote(json!({"contact": {"phone_number": "1"}, "from": {"first_name": "x"}}));
    assert!(matches!(nameless.body, Body::Contact(card) if !card.is_own && !card.is_account));
}

#[test]
fn a_quotation_is_cut_to_two_hundred_characters() {
    let quote = |fields: Value| {
        let mut message = json!({"text": "?"});
        merge(&mut message, fields);
        wrote(message).quote
    };
    let answered = json!({"reply_to_message": {"text": "ё".repeat(201)}});
    assert_eq!(quote(answered), Some(format!("{}…", "ё".repeat(199))));
    assert_eq!(quote(json!({"reply_to_message": {"caption": " c "}})), Some("c".into()));
    let chosen = json!({"reply_to_message": {"text": "all"}, "quote": {"text": "part"}});
    assert_eq!(quote(chosen), Some("part".into()));
    assert_eq!(quote(json!({"reply_to_message": {"voice": {}}})), None);
}

#[test]
fn an_edit_has_its_own_key() {
    let mut update = private(json!({"text": "b", "edit_date": 77}));
    let message = update["message"].take();
    let incoming = read(&json!({"update_id": 10, "edited_message": message}));
    assert_eq!(incoming.change, Change::Edited(dated("b")));
    assert_eq!(incoming.key, "7:10:4503599627370495:5:77");
}

#[test]
fn groups_channels_bots_and_service_messages_are_ignored() {
    let chat = |kind: &str| json!({"text": "x", "chat": {"id": -5, "type": kind}});
    assert_eq!(reason(&private(chat("group"))), Some(IgnoreReason::Group));
    assert_eq!(reason(&private(chat("supergroup"))), Some(IgnoreReason::Group));
    assert_eq!(reason(&private(chat("channel"))), Some(IgnoreReason::Channel));
    assert_eq!(read(&private(chat("group"))).profile, None);
    let from_bot = private(json!({"text": "x", "from": {"id": 1, "is_bot": true}}));
    assert_eq!(reason(&from_bot), Some(IgnoreReason::Bot));
    for fields in [
        json!({"pinned_message": {"text": "x", "photo": []}}),
        json!({"new_chat_photo": [{"file_id": "f"}]}),
        json!({"text": ""}),
        json!({}),
    ] {
        assert_eq!(reason(&private(fields)), Some(IgnoreReason::Service));
    }
    let post = json!({"update_id": 1, "channel_post": {"message_id": 3, "chat": {"id": -9, "type": "channel"}}});
    assert_eq!(reason(&post), Some(IgnoreReason::Channel));
    assert_eq!(read(&post).key, "7:1:-9:3:0");
}

#[test]
fn other_kinds_of_updates_are_stored_as_service() {
    let callback = json!({"update_id": 1, "callback_query": {
        "id": "q", "from": {"id": 4}, "message": {"message_id": 8, "chat": {"id": 4, "type": "private"}}}});
    let incoming = read(&callback);
    assert_eq!(incoming.change, Change::Nothing(IgnoreReason::Service));
    assert_eq!((incoming.chat, incoming.message), (ChatId(4), Some(MessageId(8))));
    assert_eq!(incoming.tap.as_deref(), Some("q"));
    let new_kind = json!({"update_id": 2, "managed_bot": {"x": 1}});
    assert_eq!(reason(&new_kind), Some(IgnoreReason::Service));
}

fn membership(kind: &str, old: &str, new: impl Into<Value>) -> Change {
    let new = new.into();
    let update = json!({"update_id": 3, "my_chat_member": {
        "chat": {"id": 4, "type": kind}, "from": {"id": 4, "first_name": "A"},
        "old_chat_member": {"status": old}, "new_chat_member": new}});
    read(&update).change
}

#[test]
fn a_customer_blocks_and_unblocks_the_bot() {
    assert_eq!(
        membership("private", "member", json!({"status": "kicked"})),
        Change::Blocked
    );
    assert_eq!(
        membership("private", "kicked", json!({"status": "member"})),
        Change::Unblocked
    );
}

#[test]
fn joining_a_group_reports_whether_the_bot_may_write() {
    let joined = |may_write| Change::JoinedGroup { may_write };
    assert_eq!(membership("group", "left", json!({"status": "member"})), joined(true));
    assert_eq!(
        membership("supergroup", "kicked", json!({"status": "administrator"})),
        joined(true)
    );
    let muted = json!({"status": "restricted", "is_member": true, "can_send_messages": false});
    assert_eq!(membership("supergroup", "left", muted), joined(false));
    let silent = json!({"status": "administrator", "can_post_messages": false});
    assert_eq!(membership("channel", "left", silent), joined(false));
    let posting = json!({"status": "administrator", "can_post_messages": true});
    assert_eq!(membership("channel", "left", posting), joined(true));
}

#[test]
fn other_membership_changes_are_ignored() {
    let nothing = Change::Nothing(IgnoreReason::Service);
    assert_eq!(
        membership("group", "member", json!({"status": "administrator"})),
        nothing
    );
    assert_eq!(membership("group", "member", json!({"status": "left"})), nothing);
    let outside = json!({"status": "restricted", "is_member": false});
    assert_eq!(membership("supergroup", "left", outside), nothing);
}

#[test]
fn a_lone_surrogate_does_not_lose_the_message() {
    let raw = r#"{"update_id":9,"message":{"message_id":5,"chat":{"id":4,"type":"private"},"text":"a\ud83d \ud83d\ude42 \\ud83d \u0000 \udE42\u00e9"}}"#;
    let incoming = read_update(&bot(), raw);
    let expected = CustomerMessage::text("a\u{fffd} 🙂 \\ud83d \u{fffd} \u{fffd}é");
    assert_eq!(incoming.change, Change::Wrote(expected));
    assert_eq!(incoming.raw, raw);
}

#[test]
fn an_unreadable_update_is_stored_under_its_hash() {
    for raw in [
        "5",
        "null",
        "{}",
        "[1]",
        r#"{"update_id":"x"}"#,
        r#"{"message":{}}"#,
        "",
        "{{",
        "\u{0}",
    ] {
        let incoming = read_update(&bot(), raw);
        assert_eq!(incoming.change, Change::Nothing(IgnoreReason::Unreadable), "{raw}");
        assert!(
            incoming.key.starts_with("7:raw:") && incoming.key.len() == 38,
            "{}",
            incoming.key
        );
        assert_eq!((incoming.update, incoming.chat), (UpdateId(0), ChatId(0)));
        assert_eq!(incoming.raw, raw.replace('\0', "\u{fffd}"));
    }
    assert_ne!(read_update(&bot(), "5").key, read_update(&bot(), "6").key);
}

#[test]
fn an_unreadable_update_keeps_its_id_so_polling_continues() {
    let deep = format!(
        r#"{{"update_id": 12, "message": {}{}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    for raw in [
        deep.as_str(),
        r#"{"update_id":12}"#,
        r#"{"update_id":12,"message":{"chat":5}}"#,
    ] {
        let incoming = read_update(&bot(), raw);
        assert_eq!(incoming.change, Change::Nothing(IgnoreReason::Unreadable), "{raw}");
        assert_eq!((incoming.update, incoming.key.as_str()), (UpdateId(12), "7:12:0:0:0"));
    }
}

#[test]
fn one_bad_update_does_not_affect_the_rest_of_the_batch() {
    let good = private(json!({"text": "], \"[{"})).to_string();
    let body = format!(" [ {good} , {{\"update_id\": }}, 5,{good}]\n");
    let updates = read_batch(&bot(), &body).unwrap();
    let texts: Vec<bool> = updates.iter().map(|u| matches!(u.change, Change::Wrote(_))).collect();
    assert_eq!(texts, [true, false, false, true]);
    assert_eq!(updates[0].raw, good);
    assert_eq!(read_batch(&bot(), "[ ]"), Ok(Vec::new()));
}

#[test]
fn a_truncated_batch_is_fetched_again() {
    for body in [
        "",
        "{}",
        "null",
        "[",
        "[{\"update_id\":1}",
        "[1]]",
        "[1}",
        "[1,]",
        "[\"a]",
        "<html>",
    ] {
        assert_eq!(read_batch(&bot(), body), Err(UnreadableBatch), "{body}");
    }
}
