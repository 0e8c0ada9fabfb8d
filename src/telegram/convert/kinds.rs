//! Finds the content among a message's members. A member that is neither metadata nor part of a service message is content of a kind newer
//! than this code: a customer sent it, so they get the reply for unsupported messages.

use domain::MediaKind;
use serde_json::Value;

use super::object::Object;

/// Media by member name. An animation also has a `document` and a venue a `location` with the same content, so those come later in the
/// list.
pub(super) const MEDIA: [(&str, MediaKind); 19] = [
    ("live_photo", MediaKind::Photo),
    ("photo", MediaKind::Photo),
    ("voice", MediaKind::Voice),
    ("audio", MediaKind::Audio),
    ("video_note", MediaKind::VideoNote),
    ("video", MediaKind::Video),
    ("sticker", MediaKind::Sticker),
    ("animation", MediaKind::Animation),
    ("document", MediaKind::Document),
    ("venue", MediaKind::Location),
    ("location", MediaKind::Location),
    ("poll", MediaKind::Other),
    ("dice", MediaKind::Other),
    ("story", MediaKind::Other),
    ("game", MediaKind::Other),
    ("checklist", MediaKind::Other),
    ("paid_media", MediaKind::Other),
    ("invoice", MediaKind::Other),
    ("giveaway", MediaKind::Other),
];

/// Members that describe a message and are not its content (Bot API, Message).
const ABOUT: &[&str] = &[
    "text",
    "caption",
    "chat",
    "from",
    "entities",
    "caption_entities",
    "sender_chat",
    "sender_business_bot",
    "sender_tag",
    "via_bot",
    "receiver_user",
    "link_preview_options",
    "suggested_post_info",
    "reply_to_message",
    "external_reply",
    "quote",
    "reply_to_story",
    "reply_markup",
    "direct_messages_topic",
    "guest_bot_caller_user",
    "guest_bot_caller_chat",
    "rich_message",
];
/// Members of service messages whose names follow no pattern.
const SERVICE: &[&str] = &[
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "user_shared",
    "chat_shared",
    "connected_website",
    "passport_data",
    "web_app_data",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "giveaway_winners",
    "boost_added",
    "chat_background_set",
    "left_chat_member",
];
/// Prefixes and suffixes of the other members of service messages: something was created, changed, started.
const SERVICE_PREFIXES: &[&str] = &[
    "new_chat_",
    "delete_chat_",
    "migrate_",
    "forum_topic_",
    "general_forum_topic_",
    "video_chat_",
    "voice_chat_",
    "suggested_post_",
    "community_",
    "managed_bot_",
    "chat_owner_",
];
const SERVICE_SUFFIXES: &[&str] = &[
    "_created",
    "_changed",
    "_closed",
    "_reopened",
    "_edited",
    "_hidden",
    "_unhidden",
    "_started",
    "_ended",
    "_scheduled",
    "_invited",
    "_allowed",
    "_triggered",
    "_completed",
    "_done",
    "_added",
    "_deleted",
    "_removed",
    "_joined",
    "_left",
    "_approved",
    "_declined",
    "_paid",
    "_refunded",
    "_failed",
    "_updated",
    "_enabled",
    "_disabled",
    "_set",
    "_upgraded",
];

/// The name and value of unknown content.
pub(super) fn unknown_content(message: &Object) -> Option<(&str, &Value)> {
    let is_known = |name: &str| name == "contact" || MEDIA.iter().any(|(known, _)| *known == name);
    if message.keys().any(|name| is_service(name) || is_known(name)) {
        return None;
    }
    let has_content = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Array(members) => !members.is_empty(),
        _ => false,
    };
    let mut members = message.iter();
    let (name, value) = members.find(|(name, value)| has_content(value) && !is_about(name))?;
    Some((name.as_str(), value))
}

fn is_about(name: &str) -> bool {
    let is_reference = name.starts_with("forward_") || name.ends_with("_id") || name.ends_with("_signature");
    is_reference || ABOUT.contains(&name)
}

fn is_service(name: &str) -> bool {
    let begins = SERVICE_PREFIXES.iter().any(|begin| name.starts_with(begin));
    let ends = SERVICE_SUFFIXES.iter().any(|end| name.ends_with(end));
    SERVICE.contains(&name) || begins || ends
}
