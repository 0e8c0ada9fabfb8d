//! Which members of a message are its content. What is neither known to be something else nor to be Telegram's own news of the chat is
//! content of a kind newer than this code: a customer sent it, so they are told that it is not understood.

use domain::MediaKind;
use serde_json::Value;

use super::object::Object;

/// Media by the names of their members. An animation comes with a `document`, a venue with a `location` of the same content, so those stand
/// behind.
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

/// Members that say something about a message and hold none of its content (Bot API, Message).
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
/// News of the chat whose names follow no pattern.
const NEWS: &[&str] = &[
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
/// How the names of news begin and end: something was created, changed, started.
const NEWS_BEGIN: &[&str] = &[
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
const NEWS_END: &[&str] = &[
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

/// The name and value of content of no known kind.
pub(super) fn unknown_content(message: &Object) -> Option<(&str, &Value)> {
    let is_known = |name: &str| name == "contact" || MEDIA.iter().any(|(known, _)| *known == name);
    if message.keys().any(|name| is_news(name) || is_known(name)) {
        return None;
    }
    let holds = |value: &Value| match value {
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Array(members) => !members.is_empty(),
        _ => false,
    };
    let mut members = message.iter();
    let (name, value) = members.find(|(name, value)| holds(value) && !is_about(name))?;
    Some((name.as_str(), value))
}

fn is_about(name: &str) -> bool {
    let is_reference = name.starts_with("forward_") || name.ends_with("_id") || name.ends_with("_signature");
    is_reference || ABOUT.contains(&name)
}

fn is_news(name: &str) -> bool {
    let begins = NEWS_BEGIN.iter().any(|begin| name.starts_with(begin));
    let ends = NEWS_END.iter().any(|end| name.ends_with(end));
    NEWS.contains(&name) || begins || ends
}
