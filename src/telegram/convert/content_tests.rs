//! Rules of what a message holds beyond text and caption.

use serde_json::{Value, json};

use super::tests::{dated, private, read};
use crate::domain::{Change, IgnoreReason};

#[test]
fn a_place_that_moves_is_no_edit_and_an_id_of_zero_names_nothing() {
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
