//! One table: its rows as far as the bound has room for them, and what the letter says of the others.

use chrono::{DateTime, Utc};
use wording::pieces::Pieces;
use wording::spreadsheet::{Cell, Spreadsheet, weight};

use crate::attachment::{Attachment, Kind};
use crate::labels::Labels;
use crate::voice::Voice;

/// An attached table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// `dialogs-2026-11-22.csv`.
    pub(crate) file: String,
    text: Pieces,
    /// Rows of the period it holds.
    rows: usize,
    /// Its last rows for which there was no room.
    missing: usize,
    /// What gives all of them.
    command: String,
}

impl Sheet {
    /// The file that is sent.
    pub(crate) fn attached(self) -> Attachment {
        Attachment {
            file: self.file,
            kind: Kind::Csv,
            text: self.text,
        }
    }

    /// What the letter says of it.
    ///
    /// # Errors
    /// A word that is missing.
    pub(crate) fn note(&self, voice: Voice<'_>) -> Result<String, String> {
        let rows = voice.more("sheet-rows", self.rows, &self.file)?;
        let missing = voice.more("sheet-missing", self.missing, &self.command)?;
        let told: Vec<String> = rows.into_iter().chain(missing).collect();
        Ok(told.join(". "))
    }
}

/// The first rows that the bound has room for; the last row says how many are missing.
pub(super) fn filled<R>(
    file: &str,
    columns: &[(&str, impl Fn(&R, &Words<'_>) -> Cell)],
    rows: impl Iterator<Item = Result<R, String>>,
    (all, most): (usize, usize),
    command: String,
    words: &Words<'_>,
) -> Result<Option<Sheet>, String> {
    if all == 0 {
        return Ok(None);
    }
    let failed = |error: std::io::Error| error.to_string();
    let headings = columns.iter().map(|(word, _)| words.voice.say(word).map(Cell::Plain));
    let mut written = Spreadsheet::empty();
    written.push(headings.collect::<Result<Vec<_>, _>>()?).map_err(failed)?;
    let (mut bytes, mut told) = (0, 0);
    for row in rows {
        let row = row?;
        let cells: Vec<Cell> = columns.iter().map(|(_, cell)| cell(&row, words)).collect();
        bytes += weight(&cells);
        if bytes > most {
            break;
        }
        written.push(cells).map_err(failed)?;
        told += 1;
    }
    let missing = all - told;
    if let Some(note) = words.voice.more("sheet-missing", missing, &command)? {
        written.push(vec![Cell::Plain(note)]).map_err(failed)?;
    }
    Ok(Some(Sheet {
        file: file.to_owned(),
        text: written.finish().map_err(failed)?,
        rows: told,
        missing,
        command,
    }))
}

/// What cells say, looked up once.
pub(super) struct Words<'a> {
    pub(super) voice: Voice<'a>,
    pub(super) customer: String,
    pub(super) assistant: String,
    pub(super) yes: String,
    pub(super) no: String,
    pub(super) not_yet: String,
    pub(super) extension: String,
    pub(super) unconfirmed: String,
    pub(super) labels: Labels,
}

impl<'a> Words<'a> {
    pub(super) fn of(voice: Voice<'a>) -> Result<Self, String> {
        Ok(Self {
            voice,
            customer: voice.say("customer")?,
            assistant: voice.say("assistant")?,
            yes: voice.say("yes")?,
            no: voice.say("no")?,
            not_yet: voice.say("not-yet")?,
            extension: voice.say("extension")?,
            unconfirmed: voice.say("unconfirmed-email")?,
            labels: Labels::of(voice)?,
        })
    }

    pub(super) fn yes(&self, is_so: bool) -> Cell {
        Cell::plain(if is_so { self.yes.as_str() } else { "" })
    }

    /// In the one form that every spreadsheet reads as a time.
    pub(super) fn time(&self, at: DateTime<Utc>) -> Cell {
        Cell::plain(self.voice.local(at).format("%Y-%m-%d %H:%M:%S").to_string())
    }
}
