//! What must hold of rows, customers' chats, mailboxes and the log, whatever a test was about.

use std::convert::Infallible;
use std::path::Path;

use audit::{Kind, Rows, Seen, Verdict, reckon};
use sandbox::Sandbox;
use store::read_only::query;

use super::{OPERATOR, OWNER, deliveries};

/// Rows that are not at an end.
pub(super) const UNFINISHED: &str = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending') + (SELECT COUNT(*) \
                                     FROM outbox WHERE state IN ('scheduled', 'executing', 'retryable'))";

/// A query; each row as one line, cells joined by `|`.
pub(crate) fn rows(database: &Path, sql: &str) -> Vec<String> {
    let lines = cells(database, sql).into_iter().map(|row| row.join("|"));
    lines.collect()
}

fn cells(database: &Path, sql: &str) -> Vec<Vec<String>> {
    let table = query(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    table.texts()
}

/// What the rows and the stand-ins say of a service with one owner, to whose customers no text is said twice.
pub(super) fn reckoned(sandbox: &Sandbox, database: &Path, contacts: &[(i64, &str)]) -> Verdict {
    let mut seen = seen(sandbox);
    seen.contacts = contacts
        .iter()
        .map(|(chat, contact)| (*chat, (*contact).to_owned()))
        .collect();
    seen.owners.push(OWNER.to_owned());
    let Ok(rows) = Rows::read(|sql| Ok::<_, Infallible>(cells(database, sql)));
    reckon(&seen, &rows)
}

/// What came again to customers or to mailboxes, and more often than its row is marked.
pub(super) fn unmarked(sandbox: &Sandbox, database: &Path, kind: Kind) -> Vec<String> {
    let Ok(rows) = Rows::outbox(|sql| Ok::<_, Infallible>(cells(database, sql)));
    let verdict = reckon(&seen(sandbox), &rows);
    let own = verdict.complaints().filter(|(of, _)| *of == kind);
    own.map(|(_, words)| words.to_owned()).collect()
}

fn seen(sandbox: &Sandbox) -> Seen {
    let mut seen = sandbox.seen();
    seen.says_once = true;
    for got in &mut seen.got {
        got.text = without_apology(&got.text).to_owned();
    }
    seen
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

/// A clock that is moved while something is awaited may make any reply a late one.
pub(crate) fn without_apology(text: &str) -> &str {
    text.strip_prefix("Простите, что отвечаю не сразу.\n").unwrap_or(text)
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
