//! The content of a customer's message: text, a command, media or a contact card, and the message it replies to or forwards.

use chrono::DateTime;
use domain::{Body, Command, CustomerMessage, Media, MediaKind, SharedContact};
use serde_json::Value;

use super::buttons::{above, buttons};
use super::commands::{BotIdentity, command};
use super::kinds::{MEDIA, unknown_content};
use super::links::with_targets;
use super::object::{Object, int, object, text};
use super::rich::{Reading, words};
use super::vcard;

/// In characters.
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
    if let Some(text) = message_text(message) {
        // A forwarded command was written by another person and must not reset this customer's thread.
        let command = (!is_forwarded).then(|| command(bot, &text)).flatten();
        let with_buttons = |text| Body::Text(above(Some(text), buttons(message)).unwrap_or_default());
        return Some(command.map_or_else(|| with_buttons(text), Body::Command));
    }
    if let Some(card) = object(message, "contact") {
        return Some(Body::Contact(contact(card, object(message, "from"))));
    }
    let caption = text(message, "caption").map(|caption| with_targets(caption, message.get("caption_entities")));
    let (kind, detail, words) = match media(message) {
        Some(found) => found,
        None => match unknown_content(message) {
            Some((_, content)) => described(content, Reading::KnownWords),
            None if message.contains_key("rich_message") || caption.is_some() => (MediaKind::Other, None, None),
            None => return None,
        },
    };
    let caption = above(caption.or(words), buttons(message));
    Some(Body::Media(Media { kind, detail, caption }))
}

/// The text with its hidden link targets. A client may send a rich message together with a plain text for older clients.
fn message_text(message: &Object) -> Option<String> {
    let plain = text(message, "text").map(|words| with_targets(words, message.get("entities")));
    let rich = message.get("rich_message").map(|rich| words(rich, Reading::Everything));
    let rich = rich.filter(|words| !words.is_empty());
    match (plain, rich) {
        (Some(plain), Some(rich)) if rich.len() > plain.len() => Some(rich),
        (plain, rich) => plain.or(rich),
    }
}

/// The text after `/reset`.
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
    let entry = text(card, "vcard").unwrap_or_default();
    let name = Some(names.join(" ")).filter(|name| !name.trim().is_empty());
    let sender = from.and_then(|from| int(from, "id"));
    let number = text(card, "phone_number").map(str::to_owned);
    let mut phones: Vec<String> = Vec::new();
    for phone in number.into_iter().chain(vcard::phones(entry)) {
        if !phone.trim().is_empty() && !phones.iter().any(|known| is_same_line(known, &phone)) {
            phones.push(phone);
        }
    }
    let further = phones.split_off(phones.len().min(1));
    SharedContact {
        phone: phones.pop().unwrap_or_default(),
        name: name.or_else(|| vcard::name(entry)).unwrap_or_default(),
        is_own: sender.is_some() && int(card, "user_id") == sender,
        is_account: int(card, "user_id").is_some(),
        further,
        emails: vcard::emails(entry),
    }
}

/// Whether two forms are the same number: "8 912 345-67-89" and "+79123456789". A number with an extension is another one.
fn is_same_line(one: &str, other: &str) -> bool {
    const NATIONAL: usize = 10;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (one, other) = (digits(one), digits(other));
    let tail = |digits: &str| digits.len().checked_sub(NATIONAL).map(|at| digits[at..].to_owned());
    one == other || tail(&one).is_some_and(|end| tail(&other) == Some(end))
}

/// The kind of media, a useful detail, and the text in it.
fn media(message: &Object) -> Option<(MediaKind, Option<String>, Option<String>)> {
    MEDIA.into_iter().find_map(|(name, kind)| {
        let content = message.get(name)?;
        if !content.is_object() && !content.is_array() {
            return None;
        }
        if kind == MediaKind::Other {
            return Some(described(content, Reading::KnownWords));
        }
        let detail = content.as_object().and_then(|content| detail(kind, content));
        Some((kind, detail, None))
    })
}

/// Describes content by its title alone, or by all its text if it has more: a poll with answers, a checklist.
fn described(content: &Value, reading: Reading) -> (MediaKind, Option<String>, Option<String>) {
    let names = ["question", "title", "emoji"];
    let name = content
        .as_object()
        .and_then(|content| names.iter().find_map(|name| text(content, name)));
    let text = words(content, reading);
    match name {
        Some(name) if text.is_empty() || text == name => (MediaKind::Other, Some(name.to_owned()), None),
        _ => (MediaKind::Other, None, (!text.is_empty()).then_some(text)),
    }
}

fn detail(kind: MediaKind, content: &Object) -> Option<String> {
    match kind {
        MediaKind::Voice | MediaKind::Audio | MediaKind::Video | MediaKind::VideoNote => {
            int(content, "duration").filter(|seconds| *seconds >= 0).map(clock_time)
        }
        MediaKind::Document => text(content, "file_name").map(str::to_owned),
        MediaKind::Sticker => text(content, "emoji").map(str::to_owned),
        MediaKind::Location => {
            let place = coordinates(object(content, "location").unwrap_or(content));
            let names = ["title", "address"].into_iter().filter_map(|name| text(content, name));
            let parts: Vec<String> = place.into_iter().chain(names.map(str::to_owned)).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        MediaKind::Photo | MediaKind::Animation | MediaKind::Other => None,
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

/// Latitude and longitude, accurate to about a metre.
fn coordinates(place: &Object) -> Option<String> {
    let degrees = |name| place.get(name).and_then(Value::as_f64);
    Some(format!("{:.5}, {:.5}", degrees("latitude")?, degrees("longitude")?))
}

/// The quoted text: the part the customer selected, else the original message's text or caption.
fn quote(message: &Object) -> Option<String> {
    let chosen = object(message, "quote").and_then(|quote| text(quote, "text"));
    let answered = object(message, "reply_to_message");
    let rich = answered.and_then(|answered| Some(words(answered.get("rich_message")?, Reading::Everything)));
    let words = chosen
        .or_else(|| text(answered?, "text"))
        .or_else(|| text(answered?, "caption"))
        .or(rich.as_deref())?
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
    fn text_after_a_reset_is_kept() {
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
