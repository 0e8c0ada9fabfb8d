//! Link targets that a text hides. They are added to the text, because a customer who writes "my contacts" over a link has left a contact.
//! A number inside a messenger link is written out, so that it is recognised as a number.

use serde_json::Value;

use super::object::{Object, int, text};

/// Members that contain an address.
const TARGETS: &[&str] = &["url", "href", "email", "email_address", "phone", "phone_number"];

pub(super) fn is_target(name: &str) -> bool {
    TARGETS.contains(&name)
}

/// Inserts each hidden address after the words that link to it.
pub(super) fn with_targets(words: &str, entities: Option<&Value>) -> String {
    let mut hidden: Vec<(i64, String)> = Vec::new();
    for entity in entities.and_then(Value::as_array).into_iter().flatten() {
        let Some(entity) = entity.as_object() else { continue };
        for target in hidden_targets(words, entity) {
            if !hidden.iter().any(|(_, known)| *known == target) {
                let ends = [int(entity, "offset"), int(entity, "length")];
                let end = ends.into_iter().flatten().fold(0, i64::saturating_add);
                // Without a valid position it is appended.
                hidden.push((if end > 0 { end } else { i64::MAX }, target));
            }
        }
    }
    hidden.sort_by_key(|(end, _)| *end);
    let mut hidden = hidden.into_iter().peekable();
    let mut shown = String::with_capacity(words.len());
    let mut at: i64 = 0;
    for character in words.chars() {
        while let Some((_, target)) = hidden.next_if(|(end, _)| *end <= at) {
            append(&mut shown, &target);
        }
        shown.push(character);
        at = at.saturating_add(if character.len_utf16() == 2 { 2 } else { 1 });
    }
    for (_, target) in hidden {
        append(&mut shown, &target);
    }
    shown
}

/// The same for a part of a rich text, which contains its own address.
pub(super) fn beside(words: &str, part: &Object) -> String {
    let mut shown = words.to_owned();
    for target in hidden_targets(words, part) {
        append(&mut shown, &target);
    }
    shown
}

fn append(shown: &mut String, target: &str) {
    let gap = if shown.is_empty() || shown.ends_with(char::is_whitespace) {
        ""
    } else {
        " "
    };
    shown.push_str(&format!("{gap}({target})"));
}

fn hidden_targets(words: &str, holder: &Object) -> Vec<String> {
    let targets = TARGETS.iter().filter_map(|name| text(holder, name));
    let hidden = targets.filter(|target| !is_shown(words, target));
    hidden.map(readable).collect()
}

/// Ignores scheme, case and a trailing slash.
fn is_shown(words: &str, target: &str) -> bool {
    let bare = |address: &str| {
        let address = address.trim().to_lowercase();
        let behind = |scheme: &str| address.strip_prefix(scheme).map(str::to_owned);
        let found = ["https://", "http://", "mailto:", "tel:"]
            .iter()
            .find_map(|scheme| behind(scheme));
        found.unwrap_or(address.clone()).trim_end_matches('/').to_owned()
    };
    let target = bare(target);
    words.to_lowercase().contains(&target)
}

/// An address as a person would write it, with the number inside a messenger link.
fn readable(target: &str) -> String {
    const PLAIN: [&str; 4] = ["tel:", "mailto:", "sms:", "callto:"];
    let lower = target.to_ascii_lowercase();
    if PLAIN.iter().any(|scheme| lower.starts_with(scheme)) {
        let address = target.split_once(':').map_or(target, |(_, address)| address);
        let end = address.find(['?', ';']).unwrap_or(address.len());
        let escaped = [("%2B", "+"), ("%2b", "+"), ("%40", "@"), ("%20", " ")];
        let plain = |text: String, (code, character): (&str, &str)| text.replace(code, character);
        return escaped.into_iter().fold(address[..end].to_owned(), plain);
    }
    match number_in(&lower) {
        Some(number) => format!("{target}, +{number}"),
        None => target.to_owned(),
    }
}

/// The international number in a WhatsApp, Viber or Telegram link, without its plus.
fn number_in(address: &str) -> Option<&str> {
    const BEFORE: [(&str, &str); 4] = [
        ("wa.me/", "wa.me/"),
        ("whatsapp", "phone="),
        ("viber:", "number="),
        ("t.me/+", "t.me/+"),
    ];
    let (_, before) = BEFORE.iter().find(|(messenger, _)| address.contains(messenger))?;
    let (_, behind) = address.split_once(before)?;
    let digits = behind
        .trim_start_matches("%2b")
        .trim_start_matches('+')
        .trim_start_matches("%20");
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    // A Telegram invitation has letters after the plus; a group id is longer.
    let is_whole = digits[end..].is_empty() || digits[end..].starts_with(['?', '&', '/', '#']);
    (is_whole && (8..=15).contains(&end)).then(|| &digits[..end])
}
