//! Checks of rows, customers' chats, mailboxes and the log that hold after every test.

use std::convert::Infallible;
use std::path::Path;

use audit::{Kind, Rows, Seen, Verdict, verify};
use sandbox::Sandbox;
use store::read_only::query;

use super::{OPERATOR, OWNER, deliveries};

/// Unfinished rows.
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

/// The audit of a service with one owner, if no text was sent twice to the same customer.
pub(super) fn audited(sandbox: &Sandbox, database: &Path, contacts: &[(i64, &str)]) -> Verdict {
    let mut seen = seen(sandbox);
    seen.contacts = contacts
        .iter()
        .map(|(chat, contact)| (*chat, (*contact).to_owned()))
        .collect();
    seen.owners.push(OWNER.to_owned());
    let Ok(rows) = Rows::read(|sql| Ok::<_, Infallible>(cells(database, sql)));
    verify(&seen, &rows)
}

/// Repeated replies or letters that are not marked in their row.
pub(super) fn unmarked(sandbox: &Sandbox, database: &Path, kind: Kind) -> Vec<String> {
    let Ok(rows) = Rows::outbox(|sql| Ok::<_, Infallible>(cells(database, sql)));
    let verdict = verify(&seen(sandbox), &rows);
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

/// Messages a customer received more than once: one element for each repeat.
pub(super) fn doubles(sandbox: &Sandbox) -> Vec<(i64, String)> {
    let delivered = deliveries(sandbox).into_iter();
    let delivered: Vec<_> = delivered
        .map(|(chat, text)| (chat, without_apology(&text).to_owned()))
        .collect();
    let again = (0..delivered.len()).filter(|at| delivered[..*at].contains(&delivered[*at]));
    again.map(|at| delivered[at].clone()).collect()
}

/// A clock that moves during a wait can make any reply late.
pub(crate) fn without_apology(text: &str) -> &str {
    text.strip_prefix("Простите, что отвечаю не сразу.\n").unwrap_or(text)
}

/// Strings that must not appear in a log: secrets, and every text of a customer or of the model.
pub(super) fn secrets(sandbox: &Sandbox, database: &Path) -> Vec<String> {
    let mut words = vec![
        sandbox.telegram().token().to_owned(),
        sandbox.openai().api_key().to_owned(),
        sandbox.smtp().password().to_owned(),
    ];
    // Contact data of customers and owners.
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
    // A service text without customer data may appear in a log by chance; customer text may not.
    words.extend(texts.into_iter().filter(|text| !text.starts_with('/')));
    words
}
