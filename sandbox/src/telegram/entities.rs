//! Rules of the Bot API for texts and their entities (core.telegram.org/bots/api#formatting-options). The real server silently
//! repairs some broken entities; here all are rejected, so that offset errors of the sender become visible.

use serde_json::{Map, Value};

use super::checks::{Kind, unknown_or_mistyped};

/// The longest text of a message, in UTF-16 code units.
pub(crate) const TEXT_LIMIT: usize = 4096;
/// The most entities of one message.
const ENTITY_LIMIT: usize = 100;

const FIELDS: &[(&str, Kind)] = &[
    ("type", Kind::Text),
    ("offset", Kind::Integer),
    ("length", Kind::Integer),
    ("url", Kind::Text),
    ("user", Kind::Object),
    ("language", Kind::Text),
    ("custom_emoji_id", Kind::Text),
    ("unix_time", Kind::Integer),
    ("date_time_format", Kind::Text),
];

const TYPES: &[&str] = &[
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
    "date_time",
];

/// For any other scheme the real server creates a broken web address or drops the entity.
const SCHEMES: &[&str] = &["http://", "https://", "tg://"];

struct Span<'a> {
    kind: &'a str,
    from: usize,
    to: usize,
}

impl Span<'_> {
    fn is_code(&self) -> bool {
        matches!(self.kind, "code" | "pre")
    }

    fn is_quote(&self) -> bool {
        matches!(self.kind, "blockquote" | "expandable_blockquote")
    }
}

/// The error in the length of a text, as the real server words it.
pub(crate) fn length_error(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("Bad Request: message text is empty");
    }
    (text.encode_utf16().count() > TEXT_LIMIT).then_some("Bad Request: message is too long")
}

/// The first error in the entities of a text.
pub(crate) fn entity_error(text: &str, entities: &[Value]) -> Option<String> {
    if entities.len() > ENTITY_LIMIT {
        return Some(format!("{} entities, more than {ENTITY_LIMIT}", entities.len()));
    }
    let boundaries = boundaries(text);
    let mut spans = Vec::new();
    for (index, entity) in entities.iter().enumerate() {
        match span(entity, &boundaries) {
            Ok(span) => spans.push(span),
            Err(fault) => return Some(format!("entity {index}: {fault}")),
        }
    }
    pair_error(&spans)
}

/// For each UTF-16 offset, the end included, whether a character begins there.
fn boundaries(text: &str) -> Vec<bool> {
    let mut boundaries = Vec::new();
    for character in text.chars() {
        boundaries.push(true);
        if character.len_utf16() == 2 {
            boundaries.push(false);
        }
    }
    boundaries.push(true);
    boundaries
}

fn span<'a>(entity: &'a Value, boundaries: &[bool]) -> Result<Span<'a>, String> {
    let Some(entity) = entity.as_object() else {
        return Err("is not an object".to_owned());
    };
    if let Some(fault) = unknown_or_mistyped(entity, FIELDS).into_iter().next() {
        return Err(fault);
    }
    let kind = entity.get("type").and_then(Value::as_str).unwrap_or_default();
    if !TYPES.contains(&kind) {
        return Err(format!("unknown type {kind:?}"));
    }
    link_error(kind, entity)?;
    let from = position(entity, "offset")?;
    let length = position(entity, "length")?;
    let to = from + length;
    if length == 0 || to >= boundaries.len() {
        return Err(format!(
            "{kind} covers {from}..{to} of a text of {} units",
            boundaries.len() - 1
        ));
    }
    if !boundaries[from] || !boundaries[to] {
        return Err(format!("{kind} at {from}..{to} cuts a surrogate pair"));
    }
    Ok(Span { kind, from, to })
}

fn link_error(kind: &str, entity: &Map<String, Value>) -> Result<(), String> {
    let url = entity.get("url").and_then(Value::as_str);
    match (kind, url) {
        ("text_link", Some(url))
            if SCHEMES
                .iter()
                .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme)) =>
        {
            Ok(())
        }
        ("text_link", url) => Err(format!("text_link with the URL {url:?}")),
        (_, None) => Ok(()),
        (kind, Some(_)) => Err(format!("{kind} with a URL")),
    }
}

fn position(entity: &Map<String, Value>, name: &str) -> Result<usize, String> {
    let value = entity
        .get(name)
        .and_then(Value::as_u64)
        .and_then(|value| usize::try_from(value).ok());
    value
        .filter(|value| *value < 1 << 20)
        .ok_or_else(|| format!("{name} is missing or out of range"))
}

fn pair_error(spans: &[Span<'_>]) -> Option<String> {
    for (index, a) in spans.iter().enumerate() {
        for b in &spans[index + 1..] {
            let apart = a.to <= b.from || b.to <= a.from;
            if apart {
                continue;
            }
            let nested = (a.from <= b.from && b.to <= a.to) || (b.from <= a.from && a.to <= b.to);
            let wrong = if !nested {
                "overlap partly"
            } else if a.is_code() || b.is_code() {
                "nest, but code stands alone"
            } else if a.is_quote() && b.is_quote() {
                "nest, but quotes do not"
            } else if a.kind == b.kind {
                "nest in their own kind"
            } else {
                continue;
            };
            return Some(format!(
                "{} {}..{} and {} {}..{} {wrong}",
                a.kind, a.from, a.to, b.kind, b.from, b.to
            ));
        }
    }
    None
}
