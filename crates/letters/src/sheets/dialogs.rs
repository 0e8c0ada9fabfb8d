//! The table of dialogs: a row a line, and each column an entry of [`COLUMNS`].

use pages::{DialogLine, Fate, ReportDialog, Speaker};
use wording::spreadsheet::Cell;

use super::table::{Sheet, Words, filled};
use crate::clean::line;
use crate::dialog::as_seen;

/// Twenty thousand messages of usual length must fit: what has no room in the letter is attached.
const BYTES: usize = 10_000_000;

/// A row.
struct Said<'a> {
    dialog: &'a ReportDialog,
    line: &'a DialogLine,
}

type CellOf = fn(&Said<'_>, &Words<'_>) -> Cell;

/// The columns from left to right: the word of each heading in `templates/letters`, and its cell of a row.
const COLUMNS: &[(&str, CellOf)] = &[
    ("col-time", |it, words| words.time(it.line.at)),
    ("col-customer", |it, _| Cell::text(line(&it.dialog.profile.full_name()))),
    ("col-username", |it, _| Cell::some(it.dialog.profile.username.as_ref())),
    ("col-user", |it, _| Cell::plain(it.dialog.chat.to_string())),
    ("col-who", |it, words| match it.line.speaker {
        Speaker::Customer => Cell::plain(&words.customer),
        Speaker::Us(_) => Cell::plain(&words.assistant),
    }),
    ("col-message", |it, words| Cell::text(as_seen(it.line, &words.labels))),
    ("col-delivered", |it, words| match it.line.speaker {
        Speaker::Customer => Cell::empty(),
        Speaker::Us(Fate::Sent) => Cell::plain(&words.yes),
        Speaker::Us(Fate::Waiting) => Cell::plain(&words.not_yet),
        Speaker::Us(Fate::NotDelivered) => Cell::plain(&words.no),
    }),
    ("col-edited", |it, words| words.yes(it.line.is_edit)),
    ("col-lead", |it, _| {
        Cell::plain(it.dialog.lead.map(|lead| lead.to_string()).unwrap_or_default())
    }),
    ("came-from", |it, _| Cell::some(it.dialog.came_from.as_ref())),
];

/// The table of these dialogs, of whose lines there are so many in all; none without lines.
///
/// # Errors
/// A word that is missing.
pub(super) fn table<'a>(
    file: &str,
    dialogs: impl IntoIterator<Item = &'a ReportDialog>,
    all: usize,
    command: String,
    words: &Words<'_>,
) -> Result<Option<Sheet>, String> {
    let said = |dialog: &'a ReportDialog| dialog.lines.iter().map(move |line| Ok(Said { dialog, line }));
    filled(
        file,
        COLUMNS,
        dialogs.into_iter().flat_map(said),
        (all, BYTES),
        command,
        words,
    )
}
