//! The table of leads: a row a lead, and each column an entry of [`COLUMNS`].

use contacts::phone::in_cell;
use domain::{Email, KnownPhone, LeadFacts};
use pages::ReportLead;
use wording::spreadsheet::Cell;

use super::table::{Sheet, Words, filled};
use crate::clean::line;
use crate::person::{phone, source, told};

const BYTES: usize = 3_000_000;

/// A row.
struct Known<'a> {
    lead: &'a ReportLead,
    facts: &'a LeadFacts,
    /// Where the number is from.
    origin: Option<String>,
    source: String,
}

type CellOf = fn(&Known<'_>, &Words<'_>) -> Cell;

/// The columns from left to right: the word of each heading in `templates/letters`, and its cell of a row.
const COLUMNS: &[(&str, CellOf)] = &[
    ("col-lead", |it, _| Cell::plain(it.lead.lead.to_string())),
    ("col-time", |it, words| words.time(it.lead.at)),
    ("name", |it, _| Cell::some(it.facts.name.as_ref())),
    ("phone", |it, words| {
        Cell::some(it.facts.phone().map(|known| number(known, words)))
    }),
    ("col-phone-origin", |it, _| {
        Cell::plain(it.origin.clone().unwrap_or_default())
    }),
    ("other-phones", |it, words| {
        others(&it.facts.phones, |known| number(known, words))
    }),
    ("email", |it, words| {
        Cell::some(it.facts.emails.first().map(|email| address(email, words)))
    }),
    ("col-other-emails", |it, words| {
        others(&it.facts.emails, |email| address(email, words))
    }),
    ("col-username", |it, _| Cell::some(it.lead.profile.username.as_ref())),
    ("col-telegram-name", |it, _| {
        Cell::text(line(&it.lead.profile.full_name()))
    }),
    ("col-wants-telegram", |it, words| words.yes(it.facts.wants_telegram)),
    ("request", |it, words| {
        let own = || told(it.facts.own_words.as_deref()?, &words.labels);
        Cell::some(it.facts.request.clone().or_else(own))
    }),
    ("preferred-time", |it, _| Cell::some(it.facts.preferred_time.as_ref())),
    ("note", |it, _| Cell::some(it.facts.note.as_ref())),
    ("recorded", |it, _| Cell::plain(&it.source)),
    ("came-from", |it, _| Cell::some(it.lead.came_from.as_ref())),
    ("col-user", |it, _| Cell::plain(it.lead.chat.to_string())),
];

fn number(known: &KnownPhone, words: &Words<'_>) -> String {
    in_cell(&known.number, &words.extension)
}

fn address(email: &Email, words: &Words<'_>) -> String {
    match email.is_confirmed() {
        true => email.to_string(),
        false => format!("{email} ({})", words.unconfirmed),
    }
}

/// All but the first.
fn others<T>(all: &[T], shown: impl Fn(&T) -> String) -> Cell {
    let others: Vec<String> = all.iter().skip(1).map(shown).collect();
    Cell::text(others.join(", "))
}

/// The table of these leads, of which there are so many in all; none without leads.
///
/// # Errors
/// A word that is missing.
pub(super) fn table<'a>(
    file: &str,
    leads: impl IntoIterator<Item = &'a ReportLead>,
    all: usize,
    command: String,
    words: &Words<'_>,
) -> Result<Option<Sheet>, String> {
    let known = |lead: &'a ReportLead| {
        let number = lead.facts.phone().map(|known| phone(known, words.voice));
        Ok(Known {
            lead,
            facts: &lead.facts,
            origin: number.transpose()?.and_then(|shown| shown.mark),
            source: words.voice.say(source(lead.source))?,
        })
    };
    filled(
        file,
        COLUMNS,
        leads.into_iter().map(known),
        (all, BYTES),
        command,
        words,
    )
}
