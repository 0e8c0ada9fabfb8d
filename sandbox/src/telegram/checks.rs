//! Parameters of the Bot API's methods and their types. The real server silently ignores unknown ones, which is how misspelled
//! ones survive.

use serde_json::{Map, Value};

/// The type of a parameter, as the tables of core.telegram.org/bots/api name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Text,
    Flag,
    Object,
    List,
    /// "Integer or String": a chat id or `@name`.
    ChatId,
}

use Kind::{ChatId, Flag, Integer, List, Object, Text};

/// A method of the stand-in.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    required: &'static [&'static str],
    fields: &'static [(&'static str, Kind)],
}

/// The supported methods, by their documented names.
const SHAPES: &[Shape] = &[
    Shape {
        name: "getMe",
        required: &[],
        fields: &[],
    },
    Shape {
        name: "getUpdates",
        required: &[],
        fields: &[
            ("offset", Integer),
            ("limit", Integer),
            ("timeout", Integer),
            ("allowed_updates", List),
        ],
    },
    Shape {
        name: "sendMessage",
        required: &["chat_id", "text"],
        fields: &[
            ("business_connection_id", Text),
            ("chat_id", ChatId),
            ("message_thread_id", Integer),
            ("direct_messages_topic_id", Integer),
            ("text", Text),
            ("parse_mode", Text),
            ("entities", List),
            ("link_preview_options", Object),
            ("disable_notification", Flag),
            ("protect_content", Flag),
            ("allow_paid_broadcast", Flag),
            ("message_effect_id", Text),
            ("suggested_post_parameters", Object),
            ("reply_parameters", Object),
            ("reply_markup", Object),
        ],
    },
    Shape {
        name: "editMessageText",
        required: &["chat_id", "message_id", "text"],
        fields: &[
            ("business_connection_id", Text),
            ("chat_id", ChatId),
            ("message_id", Integer),
            ("inline_message_id", Text),
            ("text", Text),
            ("parse_mode", Text),
            ("entities", List),
            ("link_preview_options", Object),
            ("reply_markup", Object),
        ],
    },
    Shape {
        name: "sendChatAction",
        required: &["chat_id", "action"],
        fields: &[
            ("business_connection_id", Text),
            ("chat_id", ChatId),
            ("message_thread_id", Integer),
            ("action", Text),
        ],
    },
    Shape {
        name: "answerCallbackQuery",
        required: &["callback_query_id"],
        fields: &[
            ("callback_query_id", Text),
            ("text", Text),
            ("show_alert", Flag),
            ("url", Text),
            ("cache_time", Integer),
        ],
    },
    Shape {
        name: "setMyCommands",
        required: &["commands"],
        fields: &[("commands", List), ("scope", Object), ("language_code", Text)],
    },
    Shape {
        name: "getMyCommands",
        required: &[],
        fields: &[("scope", Object), ("language_code", Text)],
    },
    Shape {
        name: "deleteMyCommands",
        required: &[],
        fields: &[("scope", Object), ("language_code", Text)],
    },
    Shape {
        name: "deleteWebhook",
        required: &[],
        fields: &[("drop_pending_updates", Flag)],
    },
    Shape {
        name: "getWebhookInfo",
        required: &[],
        fields: &[],
    },
    Shape {
        name: "leaveChat",
        required: &["chat_id"],
        fields: &[("chat_id", ChatId)],
    },
];

/// The method of that name, in any case: clients differ in how they write it.
pub(crate) fn shape(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.name.eq_ignore_ascii_case(name))
}

/// Removes nulls, which mean absent parameters, and lists errors in the rest.
pub(crate) fn errors_of(shape: &Shape, parameters: &mut Map<String, Value>) -> Vec<String> {
    parameters.retain(|_, value| !value.is_null());
    let mut faults = unknown_or_mistyped(parameters, shape.fields);
    for name in shape.required {
        if !parameters.contains_key(*name) {
            faults.push(format!("parameter {name} is missing"));
        }
    }
    faults
}

/// Members of an object that its documented type does not have or has with another type.
pub(crate) fn unknown_or_mistyped(object: &Map<String, Value>, fields: &[(&str, Kind)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        match fields.iter().find(|(field, _)| field == name) {
            None => faults.push(format!("unknown parameter {name}")),
            Some((_, kind)) if !fits(*kind, value) => {
                faults.push(format!("parameter {name} is not {kind:?}"));
            }
            Some(_) => {}
        }
    }
    faults
}

fn fits(kind: Kind, value: &Value) -> bool {
    match kind {
        Integer => value.is_i64(),
        Text => value.is_string(),
        Flag => value.is_boolean(),
        Object => value.is_object(),
        List => value.is_array(),
        ChatId => value.is_i64() || value.is_string(),
    }
}

/// A chat id, which clients may also write as a string.
pub(crate) fn chat_id(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
