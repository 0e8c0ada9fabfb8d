//! One update: its kind, its chat, and the key that identifies a duplicate.

use base::json::repaired;
use domain::{Body, Change, ChatId, IgnoreReason, IncomingUpdate, MessageId, Profile, UpdateId};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::commands::BotIdentity;
use super::content::customer_message;
use super::kinds::unknown_content;
use super::object::{Object, int, is_true, object, text};

/// Reads one member of a batch. Any content becomes exactly one update that includes the raw text; an unreadable one is
/// `Nothing(Unreadable)`.
pub(crate) fn read_update(bot: &BotIdentity, raw: &str) -> IncomingUpdate {
    let update: Option<Object> = serde_json::from_str(&repaired(raw)).ok();
    let id = match &update {
        Some(update) => int(update, "update_id"),
        None => id_from_invalid_json(raw),
    };
    let reading = update
        .as_ref()
        .filter(|_| id.is_some())
        .and_then(|update| read_kind(bot, update))
        .unwrap_or_else(|| Reading::nothing(IgnoreReason::Unreadable));
    IncomingUpdate {
        key: key(bot, id, &reading, raw),
        update: UpdateId(id.unwrap_or(0)),
        chat: ChatId(reading.chat),
        message: reading.message.map(MessageId),
        profile: reading.profile,
        change: reading.change,
        tap: reading.tap,
        unknown_content: reading.unknown_content,
        raw: raw.replace('\0', "\u{fffd}"),
    }
}

struct Reading {
    chat: i64,
    message: Option<i64>,
    edit_date: i64,
    profile: Option<Profile>,
    change: Change,
    tap: Option<String>,
    unknown_content: Option<String>,
}

impl Reading {
    fn nothing(reason: IgnoreReason) -> Self {
        Self {
            chat: 0,
            message: None,
            edit_date: 0,
            profile: None,
            change: Change::Nothing(reason),
            tap: None,
            unknown_content: None,
        }
    }
}

fn key(bot: &BotIdentity, update: Option<i64>, reading: &Reading, raw: &str) -> String {
    let Some(update) = update else {
        let hash = Sha256::digest(raw.as_bytes());
        let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        return format!("{}:raw:{hex}", bot.id);
    };
    let message = reading.message.unwrap_or(0);
    format!("{}:{update}:{}:{message}:{}", bot.id, reading.chat, reading.edit_date)
}

/// The id of an update that is not valid JSON. Without it the poller could never advance its offset.
/// The first match is a key: inside a string its quotes would be escaped.
fn id_from_invalid_json(raw: &str) -> Option<i64> {
    let (_, rest) = raw.split_once("\"update_id\"")?;
    let digits = rest.trim_start().strip_prefix(':')?.trim_start();
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

/// `None` if it has no content, or a known kind in an unknown shape.
fn read_kind(bot: &BotIdentity, update: &Object) -> Option<Reading> {
    if let Some(message) = object(update, "message") {
        return read_message(bot, message, false);
    }
    if let Some(message) = object(update, "edited_message") {
        return read_message(bot, message, true);
    }
    if let Some(member) = object(update, "my_chat_member") {
        return read_membership(member);
    }
    let known = ["message", "edited_message", "my_chat_member"];
    if known.iter().any(|kind| update.contains_key(*kind)) {
        return None;
    }
    let (kind, content) = update
        .iter()
        .find_map(|(kind, value)| Some((kind, value.as_object()?)))?;
    let is_channel = matches!(kind.as_str(), "channel_post" | "edited_channel_post");
    let about = object(content, "message").unwrap_or(content);
    Some(Reading {
        chat: object(about, "chat").and_then(|chat| int(chat, "id")).unwrap_or(0),
        message: int(about, "message_id"),
        edit_date: int(about, "edit_date").unwrap_or(0),
        tap: (kind == "callback_query")
            .then(|| text(content, "id").map(str::to_owned))
            .flatten(),
        ..Reading::nothing(if is_channel {
            IgnoreReason::Channel
        } else {
            IgnoreReason::Service
        })
    })
}

fn read_message(bot: &BotIdentity, message: &Object, is_edit: bool) -> Option<Reading> {
    let change = if is_edit { Change::Edited } else { Change::Wrote };
    let chat = object(message, "chat")?;
    // An ephemeral message has the id 0, which does not identify it.
    let id = int(message, "message_id").filter(|id| *id != 0);
    let is_private = text(chat, "type") == Some("private");
    let is_bot = object(message, "from").is_some_and(|from| is_true(from, "is_bot"));
    let ignored = match text(chat, "type") {
        Some("group" | "supergroup") => Some(IgnoreReason::Group),
        Some("channel") => Some(IgnoreReason::Channel),
        Some("private") if is_bot => Some(IgnoreReason::Bot),
        Some("private") => None,
        _ => Some(IgnoreReason::Service),
    };
    let change = match ignored {
        // A live location is edited every few seconds and needs no answer.
        None if is_edit && is_place(message) => Change::Nothing(IgnoreReason::Unchanged),
        Some(reason) => Change::Nothing(reason),
        None => customer_message(bot, message).map_or(Change::Nothing(IgnoreReason::Service), change),
    };
    let is_media = matches!(&change, Change::Wrote(message) if matches!(message.body, Body::Media(_)));
    Some(Reading {
        chat: int(chat, "id")?,
        message: id,
        edit_date: int(message, "edit_date").unwrap_or(0),
        // A private chat has the same names as its customer.
        profile: (is_private && !is_bot).then(|| profile(object(message, "from").unwrap_or(chat))),
        unknown_content: is_media
            .then(|| unknown_content(message))
            .flatten()
            .map(|(name, _)| name.to_owned()),
        change,
        ..Reading::nothing(IgnoreReason::Service)
    })
}

fn read_membership(update: &Object) -> Option<Reading> {
    let chat = object(update, "chat")?;
    let new = object(update, "new_chat_member")?;
    let was_in = object(update, "old_chat_member").is_some_and(is_inside);
    let is_private = text(chat, "type") == Some("private");
    let change = match (text(chat, "type"), text(new, "status")) {
        (Some("private"), Some("kicked")) => Change::Blocked,
        (Some("private"), Some("member")) => Change::Unblocked,
        (Some(place @ ("group" | "supergroup" | "channel")), Some(status)) if is_inside(new) && !was_in => {
            let may_write = match (place, status) {
                ("channel", _) => status == "administrator" && is_true(new, "can_post_messages"),
                (_, "restricted") => is_true(new, "can_send_messages"),
                _ => true,
            };
            Change::JoinedGroup { may_write }
        }
        _ => Change::Nothing(IgnoreReason::Service),
    };
    Some(Reading {
        chat: int(chat, "id")?,
        profile: is_private.then(|| profile(object(update, "from").unwrap_or(chat))),
        change,
        ..Reading::nothing(IgnoreReason::Service)
    })
}

/// Whether it is a location without text. Only a live location is ever edited, and its last edit has no `live_period`.
fn is_place(message: &Object) -> bool {
    object(message, "location").is_some() && text(message, "text").or(text(message, "caption")).is_none()
}

/// Bot API, ChatMember: a restricted member may have left the chat.
fn is_inside(member: &Object) -> bool {
    match text(member, "status") {
        Some("creator" | "administrator" | "member") => true,
        Some("restricted") => member.get("is_member").and_then(Value::as_bool).unwrap_or(true),
        _ => false,
    }
}

fn profile(user: &Object) -> Profile {
    let own = |name| text(user, name).map(str::to_owned);
    Profile {
        first_name: own("first_name").unwrap_or_default(),
        last_name: own("last_name"),
        username: own("username"),
        language_code: own("language_code"),
    }
}
