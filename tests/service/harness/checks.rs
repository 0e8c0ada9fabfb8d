//! What must hold of rows, customers' chats, mailboxes and the log, whatever a test was about.

use std::path::Path;

use frontdesk::db::read_only::{Cell, query};
use sandbox::{Event, Sandbox};

use super::{OPERATOR, OWNER, deliveries};

/// Rows that are not at an end.
pub(super) const UNFINISHED: &str = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending') + (SELECT COUNT(*) \
                                     FROM outbox WHERE state IN ('scheduled', 'executing', 'retryable'))";

/// A query; each row as one line, cells joined by `|`.
pub fn rows(database: &Path, sql: &str) -> Vec<String> {
    let table = query(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let line = |row: &Vec<Cell>| row.iter().map(cell).collect::<Vec<_>>().join("|");
    table.rows.iter().map(line).collect()
}

/// Doubles that customers saw of rows that are not marked as maybe sent.
pub(super) fn unmarked_doubles(sandbox: &Sandbox, database: &Path) -> Vec<(i64, String)> {
    let marked = rows(
        database,
        "SELECT chat_id, payload FROM outbox WHERE maybe_sent > 0 AND payload != ''",
    );
    // What was delivered keeps no words, but the id of the message that holds them.
    let ids = rows(
        database,
        "SELECT chat_id, remote_id FROM outbox WHERE maybe_sent > 0 AND payload = ''",
    );
    let entries = sandbox.journal().entries().into_iter();
    let sent: Vec<(i64, String)> = entries
        .filter_map(|entry| match entry.event {
            Event::MessageDelivered { chat, message_id, text } if ids.contains(&format!("{chat}|{message_id}")) => {
                Some((chat, without_apology(&text).to_owned()))
            }
            _ => None,
        })
        .collect();
    let is_marked = |chat: &i64, text: &String| {
        let words = serde_json::to_string(text).unwrap();
        let row = format!("{chat}|");
        marked
            .iter()
            .any(|known| known.starts_with(&row) && known.contains(&words))
            || sent.contains(&(*chat, text.clone()))
    };
    doubles(sandbox)
        .into_iter()
        .filter(|(chat, text)| !is_marked(chat, text))
        .collect()
}

/// Messages that reached a customer more than once: one element for each repeat.
pub(super) fn doubles(sandbox: &Sandbox) -> Vec<(i64, String)> {
    let delivered = deliveries(sandbox).into_iter();
    let delivered: Vec<_> = delivered
        .map(|(chat, text)| (chat, without_apology(&text).to_owned()))
        .collect();
    let again = (0..delivered.len()).filter(|at| delivered[..*at].contains(&delivered[*at]));
    again.map(|at| delivered[at].clone()).collect()
}

/// Letters that somebody got twice, of rows that are not marked as maybe sent.
pub(super) fn unmarked_letters(sandbox: &Sandbox, database: &Path) -> Vec<(String, String)> {
    // As often as it is marked a letter may have come once more.
    let marks = rows(
        database,
        "SELECT maybe_sent || ' ' || address FROM outbox WHERE maybe_sent > 0 AND address IS NOT NULL",
    );
    let mut marked: Vec<String> = Vec::new();
    for (times, address) in marks.iter().filter_map(|mark| mark.split_once(' ')) {
        marked.extend(std::iter::repeat_n(
            address.to_owned(),
            times.parse().unwrap_or_default(),
        ));
    }
    let mut doubles = sandbox.smtp().doubles();
    doubles.retain(
        |(_, address)| match marked.iter().position(|known| known.eq_ignore_ascii_case(address)) {
            Some(place) => {
                marked.remove(place);
                false
            }
            None => true,
        },
    );
    doubles
}

/// A clock that is moved while something is awaited may make any reply a late one.
pub fn without_apology(text: &str) -> &str {
    text.strip_prefix("Простите, что отвечаю не сразу.\n").unwrap_or(text)
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

/// What must not be found in a log: the secrets, and every text that was said on either side.
pub(super) fn secrets(sandbox: &Sandbox, database: &Path) -> Vec<String> {
    let mut words = vec![
        sandbox.telegram().token().to_owned(),
        sandbox.openai().api_key().to_owned(),
        sandbox.smtp().password().to_owned(),
    ];
    // Who can be reached how, on both sides of the counter.
    words.extend([OWNER, OPERATOR].map(str::to_owned));
    words.extend(rows(
        database,
        "SELECT phone FROM successful_dialogs WHERE phone IS NOT NULL",
    ));
    words.extend(rows(
        database,
        "SELECT email FROM successful_dialogs WHERE email IS NOT NULL",
    ));
    let texts = rows(
        database,
        "SELECT DISTINCT message FROM dialogs WHERE length(message) > 8",
    );
    // A text of ours without a customer's words in it may be found in a log by chance; his own may not.
    words.extend(texts.into_iter().filter(|text| !text.starts_with('/')));
    words
}
