//! The guarantee that no update is lost, whatever it contains. Set `PROPTEST_CASES=100000` for a long run.

use domain::{Body, Change};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tests::{bot, private, read};
use super::{read_batch, read_update};

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "update_id",
        "message",
        "edited_message",
        "my_chat_member",
        "callback_query",
        "chat",
        "from",
        "id",
        "type",
        "text",
        "caption",
        "contact",
        "photo",
        "voice",
        "duration",
        "location",
        "latitude",
        "reply_to_message",
        "quote",
        "new_chat_member",
        "old_chat_member",
        "status",
        "message_id",
        "other",
        "user_id",
        "emoji",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(vec!["private", "group", "channel", "member", "kicked", "/start", "/é"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(names.clone(), inner, 0..8).prop_map(|fields| {
                let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(fields.collect::<Map<_, _>>())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_member_gives_exactly_one_update(values in prop::collection::vec(any_json(), 0..6)) {
        let raws: Vec<String> = values.iter().map(Value::to_string).collect();
        let updates = read_batch(&bot(), &format!("[{}]", raws.join(","))).unwrap();
        prop_assert_eq!(updates.len(), raws.len());
        for (update, raw) in updates.iter().zip(raws) {
            prop_assert!(!update.key.is_empty());
            prop_assert_eq!(&update.raw, &raw);
        }
    }

    #[test]
    fn arbitrary_text_never_panics(raw in ".*", escapes in r#"(\\(u[0-9a-fD]{0,4}|.)|[\[\]{},":]|x){0,40}"#) {
        read_update(&bot(), &raw);
        read_update(&bot(), &escapes);
        let _ = read_batch(&bot(), &format!("[{escapes}]"));
    }

    #[test]
    fn a_customers_text_is_kept_exactly(text in "[^/\u{0}].*|[\u{0}-\u{ffff}]{1,40}") {
        let expected = text.replace('\0', "\u{fffd}");
        if let Change::Wrote(message) = read(&private(json!({"text": text}))).change
            && let Body::Text(words) = message.body
        {
            prop_assert_eq!(words, expected);
        } else {
            prop_assert!(expected.starts_with('/'));
        }
    }
}
