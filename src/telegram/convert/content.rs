//! What a customer's message holds: text, a command, media, a contact card, and what he answers or forwards.

use chrono::DateTime;
use serde_json::Value;

use super::BotIdentity;
use super::update::{Object, int, object, text};
use crate::domain::{Body, Command, CustomerMessage, Media, MediaKind, SharedContact};

/// The longest quotation that goes along with an answer, in characters.
const LONGEST_QUOTE: usize = 200;

/// Reads a message of a private chat; `None` for a service message.
pub(super) fn customer_message(bot: &BotIdentity, message: &Object) -> Option<CustomerMessage> {
    let is_forwarded = ["forward_origin", "forward_date"]
        .iter()
        .any(|name| message.contains_key(*name));
    let body = body(bot, message, is_forwarded)?;
    Some(CustomerMessage {
        behind_command: behind_reset(&body, message),
        body,
        quote: quote(message),
        is_forwarded,
        album: text(message, "media_group_id").map(str::to_owned),
        sent_at: int(message, "date").and_then(|date| DateTime::from_timestamp(date, 0)),
    })
}

fn body(bot: &BotIdentity, message: &Object, is_forwarded: bool) -> Option<Body> {
    if let Some(words) = text(message, "text") {
        // A forwarded command is somebody else's: it must not reset this customer's thread.
        let command = (!is_forwarded).then(|| command(bot, words)).flatten();
        return Some(command.map_or_else(|| Body::Text(words.to_owned()), Body::Command));
    }
    if let Some(card) = object(message, "contact") {
        return Some(Body::Contact(contact(card, object(message, "from"))));
    }
    let caption = text(message, "caption").map(str::to_owned);
    let (kind, detail) = match media(message) {
        Some(found) => found,
        None if caption.is_some() || message.iter().any(holds_file) => (MediaKind::Other, None),
        None => return None,
    };
    Some(Body::Media(Media { kind, detail, caption }))
}

/// A text is a command if it begins with a slash and a Latin letter (Bot API, "Commands": Latin letters,
/// digits and underscores). Where words stand behind a command that takes none, it is taken as a text, so that
/// they are stored and answered; only `/reset` acts all the same.
fn command(bot: &BotIdentity, words: &str) -> Option<Command> {
    let typed = words.strip_prefix('/')?;
    if !typed.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let (token, rest) = typed.split_once(char::is_whitespace).unwrap_or((typed, ""));
    let (name, receiver) = match token.split_once('@') {
        Some((name, receiver)) => (name, Some(receiver)),
        None => (token, None),
    };
    let rest = rest.trim();
    let unknown = || Command::Unknown {
        name: typed.trim_end().to_owned(),
    };
    if let (Some(receiver), Some(own)) = (receiver, &bot.username)
        && !receiver.eq_ignore_ascii_case(own)
    {
        return Some(unknown());
    }
    let payload = (!rest.is_empty()).then(|| rest.to_owned());
    match name.to_ascii_lowercase().as_str() {
        "start" => Some(Command::Start { payload }),
        "reset" => Some(Command::Reset),
        "help" | "contact" | "privacy" if payload.is_some() => None,
        "help" => Some(Command::Help),
        "contact" => Some(Command::Contact),
        "privacy" => Some(Command::Privacy),
        _ => Some(unknown()),
    }
}

/// The words behind `/reset`, which no command holds.
fn behind_reset(body: &Body, message: &Object) -> Option<String> {
    let (_, rest) = match body {
        Body::Command(Command::Reset) => text(message, "text")?.split_once(char::is_whitespace)?,
        _ => return None,
    };
    let rest = rest.trim();
    (!rest.is_empty()).then(|| rest.to_owned())
}

fn contact(card: &Object, from: Option<&Object>) -> SharedContact {
    let names = ["first_name", "last_name"].map(|name| text(card, name));
    let names: Vec<&str> = names.into_iter().flatten().collect();
    let sender = from.and_then(|from| int(from, "id"));
    SharedContact {
        phone: text(card, "phone_number").unwrap_or_default().to_owned(),
        name: names.join(" "),
        is_own: sender.is_some() && int(card, "user_id") == sender,
        is_account: int(card, "user_id").is_some(),
    }
}

/// The kind of media and what is worth telling of it. An animation comes with a `document`, a venue with a
/// `location` of the same content, so those stand behind.
fn media(message: &Object) -> Option<(MediaKind, Option<String>)> {
    const KINDS: [(&str, MediaKind); 19] = [
        ("photo", MediaKind::Photo),
        ("voice", MediaKind::Voice),
        ("audio", MediaKind::Audio),
        ("video_note", MediaKind::VideoNote),
        ("video", MediaKind::Video),
        ("sticker", MediaKind::Sticker),
        ("animation", MediaKind::Animation),
        ("document", MediaKind::Document),
        ("location", MediaKind::Location),
        ("venue", MediaKind::Location),
        ("poll", MediaKind::Other),
        ("dice", MediaKind::Other),
        ("story", MediaKind::Other),
        ("game", MediaKind::Other),
        ("checklist", MediaKind::Other),
        ("paid_media", MediaKind::Other),
        ("invoice", MediaKind::Other),
        ("giveaway", MediaKind::Other),
        ("live_photo", MediaKind::Photo),
    ];
    KINDS.into_iter().find_map(|(name, kind)| {
        let content = message.get(name)?;
        if !content.is_object() && !content.is_array() {
            return None;
        }
        let detail = content.as_object().and_then(|content| detail(kind, content));
        Some((kind, detail))
    })
}

fn detail(kind: MediaKind, content: &Object) -> Option<String> {
    match kind {
        MediaKind::Voice | MediaKind::Audio | MediaKind::Video | MediaKind::VideoNote => {
            int(content, "duration").filter(|seconds| *seconds >= 0).map(clock_time)
        }
        MediaKind::Document => text(content, "file_name").map(str::to_owned),
        MediaKind::Sticker => text(content, "emoji").map(str::to_owned),
        MediaKind::Location => coordinates(object(content, "location").unwrap_or(content)),
        MediaKind::Other => ["question", "title", "emoji"]
            .iter()
            .find_map(|name| text(content, name))
            .map(str::to_owned),
        MediaKind::Photo | MediaKind::Animation => None,
    }
}

/// `0:12`, `1:02:03`.
fn clock_time(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Latitude and longitude to about a metre.
fn coordinates(place: &Object) -> Option<String> {
    let degrees = |name| place.get(name).and_then(Value::as_f64);
    Some(format!("{:.5}, {:.5}", degrees("latitude")?, degrees("longitude")?))
}

/// Content of a kind newer than this code that can be downloaded: a customer sent it, so he is told that it is
/// not understood. The photo of a chat is the one service message with files.
fn holds_file((name, content): (&String, &Value)) -> bool {
    let is_file = |value: &Value| value.get("file_id").is_some_and(Value::is_string);
    name != "new_chat_photo" && (is_file(content) || content.as_array().is_some_and(|sizes| sizes.iter().any(is_file)))
}

/// What he answers: the part he chose himself, else the message's text or caption.
fn quote(message: &Object) -> Option<String> {
    let chosen = object(message, "quote").and_then(|quote| text(quote, "text"));
    let answered = object(message, "reply_to_message");
    let words = chosen
        .or_else(|| text(answered?, "text"))
        .or_else(|| text(answered?, "caption"))?
        .trim();
    if words.is_empty() {
        return None;
    }
    if words.chars().count() <= LONGEST_QUOTE {
        return Some(words.to_owned());
    }
    let kept: String = words.chars().take(LONGEST_QUOTE - 1).collect();
    Some(format!("{}…", kept.trim_end()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_behind_a_reset_are_kept() {
        let bot = BotIdentity { id: 7, username: None };
        let transcript = |text: &str| {
            let message = json!({ "text": text });
            let message = customer_message(&bot, message.as_object().unwrap()).unwrap();
            assert_eq!(message.body, Body::Command(Command::Reset));
            message.transcript()
        };
        assert_eq!(transcript("/reset"), "/reset");
        assert_eq!(
            transcript("/Reset мой номер 89123456789 "),
            "/reset мой номер 89123456789"
        );
    }
}
