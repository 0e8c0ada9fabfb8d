//! Rules of the Bot API for keyboards, link previews and reply parameters
//! (core.telegram.org/bots/api#replykeyboardmarkup and the types around it).

use serde_json::{Map, Value};

use super::checks::{Kind, unknown_or_mistyped};
use Kind::{ChatId, Flag, Integer, List, Object, Text};

const REPLY_KEYBOARD: &[(&str, Kind)] = &[
    ("keyboard", List),
    ("is_persistent", Flag),
    ("resize_keyboard", Flag),
    ("one_time_keyboard", Flag),
    ("input_field_placeholder", Text),
    ("selective", Flag),
];

const REPLY_BUTTON: &[(&str, Kind)] = &[
    ("text", Text),
    ("icon_custom_emoji_id", Text),
    ("style", Text),
    ("request_users", Object),
    ("request_chat", Object),
    ("request_contact", Flag),
    ("request_location", Flag),
    ("request_poll", Object),
    ("web_app", Object),
];

const INLINE_BUTTON: &[(&str, Kind)] = &[
    ("text", Text),
    ("icon_custom_emoji_id", Text),
    ("style", Text),
    ("url", Text),
    ("callback_data", Text),
    ("web_app", Object),
    ("login_url", Object),
    ("switch_inline_query", Text),
    ("switch_inline_query_current_chat", Text),
    ("switch_inline_query_chosen_chat", Object),
    ("copy_text", Object),
    ("pay", Flag),
];

const LINK_PREVIEW: &[(&str, Kind)] = &[
    ("is_disabled", Flag),
    ("url", Text),
    ("prefer_small_media", Flag),
    ("prefer_large_media", Flag),
    ("show_above_text", Flag),
];

const REPLY_PARAMETERS: &[(&str, Kind)] = &[
    ("message_id", Integer),
    ("chat_id", ChatId),
    ("allow_sending_without_reply", Flag),
    ("quote", Text),
    ("quote_parse_mode", Text),
    ("quote_entities", List),
    ("quote_position", Integer),
    ("checklist_task_id", Integer),
];

/// Errors in the objects sent with a text.
pub(crate) fn errors_of(parameters: &Map<String, Value>) -> Vec<String> {
    let object = |name: &str| parameters.get(name).and_then(Value::as_object);
    let mut faults = Vec::new();
    if let Some(options) = object("link_preview_options") {
        faults.extend(unknown_or_mistyped(options, LINK_PREVIEW));
    }
    if let Some(reply) = object("reply_parameters") {
        faults.extend(unknown_or_mistyped(reply, REPLY_PARAMETERS));
        if !reply.contains_key("message_id") {
            faults.push("reply_parameters without message_id".to_owned());
        }
    }
    if let Some(markup) = object("reply_markup") {
        faults.extend(markup_errors(markup));
    }
    faults
}

fn markup_errors(markup: &Map<String, Value>) -> Vec<String> {
    let has = |name: &str| markup.get(name).is_some_and(|value| !value.is_null());
    if has("keyboard") {
        let mut faults = unknown_or_mistyped(markup, REPLY_KEYBOARD);
        faults.extend(rows(markup.get("keyboard"), |button| match button {
            Value::String(text) if !text.is_empty() => Vec::new(),
            Value::Object(button) => button_errors(button, REPLY_BUTTON),
            _ => vec!["a button is neither a text nor an object".to_owned()],
        }));
        faults
    } else if has("inline_keyboard") {
        let mut faults = unknown_or_mistyped(markup, &[("inline_keyboard", List)]);
        faults.extend(rows(markup.get("inline_keyboard"), |button| match button {
            Value::Object(button) => inline_errors(button),
            _ => vec!["an inline button is not an object".to_owned()],
        }));
        faults
    } else if markup.get("remove_keyboard") == Some(&Value::Bool(true)) {
        unknown_or_mistyped(markup, &[("remove_keyboard", Flag), ("selective", Flag)])
    } else if markup.get("force_reply") == Some(&Value::Bool(true)) {
        let fields = [
            ("force_reply", Flag),
            ("input_field_placeholder", Text),
            ("selective", Flag),
        ];
        unknown_or_mistyped(markup, &fields)
    } else {
        vec!["reply_markup is of no known type".to_owned()]
    }
}

fn rows(rows: Option<&Value>, check: impl Fn(&Value) -> Vec<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for row in rows.and_then(Value::as_array).into_iter().flatten() {
        match row.as_array() {
            Some(buttons) if !buttons.is_empty() => faults.extend(buttons.iter().flat_map(&check)),
            _ => faults.push("a row of the keyboard is not a list of buttons".to_owned()),
        }
    }
    faults
}

fn button_errors(button: &Map<String, Value>, fields: &[(&str, Kind)]) -> Vec<String> {
    let mut faults = unknown_or_mistyped(button, fields);
    if button.get("text").and_then(Value::as_str).is_none_or(str::is_empty) {
        faults.push("a button without a text".to_owned());
    }
    faults
}

fn inline_errors(button: &Map<String, Value>) -> Vec<String> {
    let mut faults = button_errors(button, INLINE_BUTTON);
    let looks = ["text", "icon_custom_emoji_id", "style"];
    let uses = button
        .iter()
        .filter(|(name, value)| !looks.contains(&name.as_str()) && !value.is_null());
    if uses.count() != 1 {
        faults.push("an inline button has one use, neither none nor several".to_owned());
    }
    // 1 to 64 bytes: core.telegram.org/bots/api#inlinekeyboardbutton
    if let Some(data) = button.get("callback_data").and_then(Value::as_str)
        && !(1..=64).contains(&data.len())
    {
        faults.push("callback_data is not 1 to 64 bytes".to_owned());
    }
    faults
}
