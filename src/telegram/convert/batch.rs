//! A batch in single members, so that one that cannot be read never holds up the others, and the repair of
//! what JSON may say but text may not hold.

use std::borrow::Cow;

use super::{BotIdentity, read_update};
use crate::domain::IncomingUpdate;

/// The body is not a JSON array, or was cut off: nothing in it may be confirmed, the poller asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the batch of updates is not a complete JSON array")]
pub struct UnreadableBatch;

/// Reads the `result` of getUpdates: the text of a JSON array. Each member gives exactly one update, in
/// Telegram's order, whatever it holds.
///
/// # Errors
/// [`UnreadableBatch`] if the members cannot be told apart.
pub fn read_batch(bot: &BotIdentity, body: &str) -> Result<Vec<IncomingUpdate>, UnreadableBatch> {
    let members = members(body).ok_or(UnreadableBatch)?;
    Ok(members.into_iter().map(|raw| read_update(bot, raw)).collect())
}

/// The texts of an array's members. Only strings and brackets are looked at: what is inside a member is
/// that member's own trouble.
fn members(body: &str) -> Option<Vec<&str>> {
    let inner = body.trim().strip_prefix('[')?;
    let mut members = Vec::new();
    let (mut depth, mut begin) = (0_usize, 0);
    let (mut in_string, mut is_escaped) = (false, false);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b']' if depth == 0 => {
                members.push(inner[begin..at].trim());
                let is_end = inner[at + 1..].is_empty();
                return is_end.then(|| without_nothing(members)).flatten();
            }
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                members.push(inner[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// `[]` has no member; `[1,,2]` is no JSON.
fn without_nothing(members: Vec<&str>) -> Option<Vec<&str>> {
    if members == [""] {
        return Some(Vec::new());
    }
    (!members.contains(&"")).then_some(members)
}

/// JSON text in which each escape of a lone surrogate (half an emoji, cut by some client) and of U+0000
/// (which a database may refuse) is U+FFFD instead.
pub(super) fn repaired(raw: &str) -> Cow<'_, str> {
    if !raw.contains("\\u") {
        return Cow::Borrowed(raw);
    }
    let mut kept = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        kept.push_str(before);
        let (length, is_sound) = measure(escape);
        kept.push_str(if is_sound { &escape[..length] } else { "\\ufffd" });
        rest = &escape[length..];
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The length in bytes of the escape that `text` begins with, and whether it may stay.
fn measure(text: &str) -> (usize, bool) {
    const UNIT: usize = "\\u0000".len();
    match code_unit(text) {
        Some(0) => (UNIT, false),
        Some(0xD800..=0xDBFF) => match text.get(UNIT..).and_then(code_unit) {
            Some(0xDC00..=0xDFFF) => (2 * UNIT, true),
            _ => (UNIT, false),
        },
        Some(0xDC00..=0xDFFF) => (UNIT, false),
        Some(_) => (UNIT, true),
        None => (text.chars().take(2).map(char::len_utf8).sum(), true),
    }
}

/// The UTF-16 code unit of an escape such as `\u00e9` at the beginning of `text`.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}
