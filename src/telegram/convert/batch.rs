//! A batch in single members, so that one that cannot be read never holds up the others.

use domain::{Body, Change, IncomingUpdate};

use super::{BotIdentity, read_update};

/// The body is not a JSON array, or was cut off: nothing in it may be confirmed, the poller asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the batch of updates is not a complete JSON array")]
pub(crate) struct UnreadableBatch;

/// Reads the `result` of getUpdates: the text of a JSON array. Each member gives one update, in Telegram's order, whatever it holds, and
/// a `/reset` with words behind it a second one: the thread is begun anew, then the words are answered.
///
/// # Errors
/// [`UnreadableBatch`] if the members cannot be told apart.
pub(crate) fn read_batch(bot: &BotIdentity, body: &str) -> Result<Vec<IncomingUpdate>, UnreadableBatch> {
    let members = members(body).ok_or(UnreadableBatch)?;
    let updates = members.into_iter().map(|raw| read_update(bot, raw));
    Ok(updates.flat_map(with_words_apart).collect())
}

fn with_words_apart(mut update: IncomingUpdate) -> impl Iterator<Item = IncomingUpdate> {
    let words = match &mut update.change {
        Change::Wrote(message) => message.behind_command.take(),
        Change::Edited(message) => {
            // An edit begins no thread anew: what it changes is the words, which are a message of their own.
            if let Some(words) = message.behind_command.take() {
                message.body = Body::Text(words);
            }
            None
        }
        _ => None,
    };
    let apart = words.map(|words| {
        let mut apart = update.clone();
        apart.key.push_str(":words");
        if let Change::Wrote(message) = &mut apart.change {
            message.body = Body::Text(words);
        }
        apart
    });
    std::iter::once(update).chain(apart)
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
