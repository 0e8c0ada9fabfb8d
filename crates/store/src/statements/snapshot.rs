//! A customer's dialog, as stored with a lead and shown in its letter.

use chrono::{DateTime, Utc};
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use domain::{ChatId, DialogId, own_words};
use pages::{DialogLine, Speaker};
use serde::Serialize;

use super::fates::fate_of;
use super::rows::{USER, dialog_kind, to_json};
use super::stored::{InOrder, StoredText, StoredTime};
use crate::schema::dialogs;
use crate::{Conn, LeadRules};

/// Maximum characters of a dialog stored with a lead and shown in its letter; older lines are only counted.
const MOST_CHARS: usize = 300_000;
/// Maximum characters of one line in a letter; `dialogs` and the lead keep the whole line.
const LONGEST_LINE: usize = 8_000;

/// How many of the customer's newest lines are searched for a request.
const LAST: i64 = 20;

/// One message of `successful_dialogs.messages`.
#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    message: &'a str,
    timestamp: DateTime<Utc>,
}

/// A dialog line and its delivery.
#[derive(Queryable, Selectable)]
#[diesel(table_name = dialogs)]
pub(super) struct Words {
    pub(super) id: i64,
    pub(super) message: StoredText,
    pub(super) role: StoredText,
    pub(super) timestamp: StoredTime,
    pub(super) kind: StoredText,
    pub(super) delivered_at: Option<StoredTime>,
    pub(super) lost: bool,
}

/// The dialog up to `upto` as JSON; the newest lines if there are too many.
pub(super) fn snapshot(
    conn: &mut Conn,
    now: DateTime<Utc>,
    (chat, upto): (ChatId, DialogId),
    rules: &LeadRules,
) -> QueryResult<String> {
    let words = load(conn, chat, upto, rules.dialog_lines)?;
    let mut times = InOrder::new(words.iter().map(|words| words.timestamp), now);
    let messages: Vec<Message<'_>> = words
        .iter()
        .map(|words| Message {
            role: &words.role,
            message: &words.message,
            timestamp: times.next(words.timestamp),
        })
        .collect();
    to_json(&messages)
}

/// The dialog with the delivery outcome of each reply, and the number of older lines left out.
pub(super) fn lines(
    conn: &mut Conn,
    (chat, upto): (ChatId, DialogId),
    most: usize,
    now: DateTime<Utc>,
) -> QueryResult<(Vec<DialogLine>, usize)> {
    let words = load(conn, chat, upto, most)?;
    let all: i64 = up_to(chat, upto).count().get_result(conn)?;
    let left_out = usize::try_from(all).unwrap_or_default().saturating_sub(words.len());
    let mut times = InOrder::new(words.iter().map(|words| words.timestamp), now);
    let lines = words.into_iter().map(|words| {
        Ok(DialogLine {
            at: times.next(words.timestamp),
            speaker: speaker(conn, &words, now)?,
            is_edit: words.kind == dialog_kind::EDIT,
            is_markdown: words.kind == dialog_kind::ANSWER,
            text: shown(words.message.into()),
        })
    });
    Ok((lines.collect::<QueryResult<_>>()?, left_out))
}

/// A line as a letter shows it.
fn shown(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(LONGEST_LINE) {
        message.truncate(end);
        message.push('…');
    }
    message
}

/// The newest row of a customer's dialog.
pub(super) fn last_words(conn: &mut Conn, chat: ChatId) -> QueryResult<DialogId> {
    let last: Option<i64> = dialogs::table
        .filter(dialogs::user_id.eq(chat.0))
        .select(diesel::dsl::max(dialogs::id))
        .first(conn)?;
    Ok(DialogId(last.unwrap_or_default()))
}

/// The customer's newest text that may be a request.
pub(super) fn latest_request(conn: &mut Conn, chat: ChatId) -> QueryResult<Option<String>> {
    let said: Vec<StoredText> = dialogs::table
        .filter(dialogs::user_id.eq(chat.0))
        .filter(dialogs::role.eq(USER))
        .order(dialogs::id.desc())
        .limit(LAST)
        .select(dialogs::message)
        .load(conn)?;
    Ok(own_words(said.iter().map(StoredText::as_str)))
}

#[diesel::dsl::auto_type]
fn up_to(chat: ChatId, upto: DialogId) -> _ {
    let (chat, upto): (i64, i64) = (chat.0, upto.0);
    dialogs::table
        .filter(dialogs::user_id.eq(chat))
        .filter(dialogs::id.le(upto))
}

fn load(conn: &mut Conn, chat: ChatId, upto: DialogId, most: usize) -> QueryResult<Vec<Words>> {
    let newest = up_to(chat, upto)
        .order(dialogs::id.desc())
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select(Words::as_select());
    // Servers limit the size of a letter, and a lead's row must be quick to write. Read row by row, so that lines beyond the
    // limit are not read.
    let mut room = MOST_CHARS;
    let mut fitting = Vec::new();
    for words in newest.load_iter::<Words, DefaultLoadingMode>(conn)? {
        let words = words?;
        let Some(left) = room.checked_sub(words.message.chars().count()) else {
            break;
        };
        room = left;
        fitting.push(words);
    }
    fitting.reverse();
    Ok(fitting)
}

fn speaker(conn: &mut Conn, words: &Words, now: DateTime<Utc>) -> QueryResult<Speaker> {
    if words.role == USER {
        return Ok(Speaker::Customer);
    }
    fate_of(conn, words.id, words.delivered_at, words.lost, now).map(Speaker::Us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_in_a_letter() {
        let (fits, long) = ("я".repeat(LONGEST_LINE), "я".repeat(LONGEST_LINE + 1));
        assert_eq!(shown(fits.clone()), fits);
        assert_eq!(shown(long), format!("{fits}…"));
    }
}
