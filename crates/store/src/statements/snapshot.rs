//! A customer's dialog as it is kept with a lead and told in its letter.

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

/// Characters of a dialog that are kept with a lead and told in its letter; older lines are counted, not told.
const MOST_CHARS: usize = 300_000;
/// Characters of one line that a letter shows; the whole stands in `dialogs` and with the lead.
const LONGEST_LINE: usize = 8_000;

/// The customer's newest lines among which a wish is looked for.
const LAST: i64 = 20;

/// One message of `successful_dialogs.messages`.
#[derive(Serialize)]
struct Message<'a> {
    role: &'a str,
    message: &'a str,
    timestamp: DateTime<Utc>,
}

/// A line of a dialog, and what became of it.
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

/// The dialog as JSON, up to `upto`; the newest lines where there are too many.
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

/// The dialog with what became of each reply, and how many older lines have no room.
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

/// What the customer said last that may be a wish.
pub(super) fn said_last(conn: &mut Conn, chat: ChatId) -> QueryResult<Option<String>> {
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
    // A letter must stay one that servers take, and a lead's row one that is quickly written: row by row, so that what has no
    // room is not read either.
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
    fn a_letter_shows_the_beginning_of_a_line_that_is_too_long() {
        let (fits, long) = ("я".repeat(LONGEST_LINE), "я".repeat(LONGEST_LINE + 1));
        assert_eq!(shown(fits.clone()), fits);
        assert_eq!(shown(long), format!("{fits}…"));
    }
}
