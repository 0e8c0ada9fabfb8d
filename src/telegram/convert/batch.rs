//! Splits a batch into its members, so that an unreadable one never blocks the others.

use domain::{Body, Change, IncomingUpdate};

use super::{BotIdentity, read_update};

/// The body is not a JSON array or is truncated. The poller confirms nothing and fetches it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the batch of updates is not a complete JSON array")]
pub(crate) struct UnreadableBatch;

/// Reads the `result` of getUpdates, the text of a JSON array. Each member becomes one update, in Telegram's order, whatever it contains.
/// A `/reset` followed by text becomes two: the reset, then the text as a message.
///
/// # Errors
/// [`UnreadableBatch`] if the array cannot be split.
pub(crate) fn read_batch(bot: &BotIdentity, body: &str) -> Result<Vec<IncomingUpdate>, UnreadableBatch> {
    let members = members(body).ok_or(UnreadableBatch)?;
    let updates = members.into_iter().map(|raw| read_update(bot, raw));
    Ok(updates.flat_map(split_reset).collect())
}

fn split_reset(mut update: IncomingUpdate) -> impl Iterator<Item = IncomingUpdate> {
    let text = match &mut update.change {
        Change::Wrote(message) => message.behind_command.take(),
        Change::Edited(message) => {
            // An edit must not reset the thread; only its text counts.
            if let Some(text) = message.behind_command.take() {
                message.body = Body::Text(text);
            }
            None
        }
        _ => None,
    };
    let second = text.map(|text| {
        let mut second = update.clone();
        second.key.push_str(":words");
        if let Change::Wrote(message) = &mut second.change {
            message.body = Body::Text(text);
        }
        second
    });
    std::iter::once(update).chain(second)
}

/// The texts of an array's members. Only strings and brackets are parsed, so an invalid member does not matter here.
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
                return is_end.then(|| without_empty(members)).flatten();
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

/// `[]` has no members; `[1,,2]` is invalid.
fn without_empty(members: Vec<&str>) -> Option<Vec<&str>> {
    if members == [""] {
        return Some(Vec::new());
    }
    (!members.contains(&"")).then_some(members)
}
