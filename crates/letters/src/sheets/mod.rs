//! The tables that go with a letter: every row of its period, in a form that Excel opens by a double click. Base64 makes 17.9 MB
//! of the two that go with a report, and the large providers refuse letters from 20 MB on.

mod dialogs;
mod leads;

use chrono::{DateTime, Utc};
use domain::Period;
use pages::{LeadPage, ReportDialog, ReportLead, ReportPage};
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

/// How the tables of a period are called.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) dialogs: String,
    pub(crate) leads: String,
}

impl Files {
    pub(crate) fn of(period: Period, voice: Voice<'_>) -> Self {
        let day = voice.local(period.until).date_naive();
        Self {
            dialogs: format!("dialogs-{day}.csv"),
            leads: format!("leads-{day}.csv"),
        }
    }
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

/// The tables of a page; none without rows.
///
/// # Errors
/// A word that is missing.
pub(crate) fn sheets(page: &ReportPage, voice: Voice<'_>) -> Result<Vec<Sheet>, String> {
    let (period, beyond) = (page.notice.period, &page.beyond);
    let files = Files::of(period, voice);
    let words = Words::of(voice)?;
    let all_lines = format!(
        "frontdesk sql --csv \"SELECT * FROM dialogs WHERE id BETWEEN {} AND {}\"",
        period.after.dialog + 1,
        period.upto.dialog
    );
    let all_leads = format!(
        "frontdesk leads export --since {}",
        voice.local(period.since).date_naive()
    );
    let lines: usize = page.dialogs.iter().map(ReportDialog::count).sum();
    let lines_beyond = usize::try_from(beyond.dialogs.questions + beyond.dialogs.replies).unwrap_or(usize::MAX);
    let (lines, leads) = (lines + lines_beyond, page.leads.len() + beyond.leads);
    let tables = [
        dialogs::table(&files.dialogs, &page.dialogs, lines, all_lines, &words)?,
        leads::table(&files.leads, &page.leads, leads, all_leads, &words)?,
    ];
    Ok(tables.into_iter().flatten().collect())
}

/// The tables of a letter on several leads: each with all that is known, and the words that led to it.
///
/// # Errors
/// A word that is missing.
pub(crate) fn sheets_of_leads(pages: &[LeadPage], voice: Voice<'_>) -> Result<(Vec<Sheet>, Files), String> {
    let words = Words::of(voice)?;
    let (first, last) = (pages.first(), pages.last());
    let id = |page: Option<&LeadPage>| page.map(|page| page.notice.lead.to_string()).unwrap_or_default();
    let files = Files {
        dialogs: format!("dialogs-{}-{}.csv", id(first), id(last)),
        leads: format!("leads-{}-{}.csv", id(first), id(last)),
    };
    let (leads, dialogs): (Vec<ReportLead>, Vec<ReportDialog>) = pages.iter().map(in_tables).unzip();
    let lines = dialogs.iter().map(ReportDialog::count).sum();
    let all = || "frontdesk leads export".to_owned();
    let tables = [
        leads::table(&files.leads, &leads, pages.len(), all(), &words)?,
        dialogs::table(&files.dialogs, &dialogs, lines, all(), &words)?,
    ];
    Ok((tables.into_iter().flatten().collect(), files))
}

/// A lead of a letter as a report would tell it.
fn in_tables(page: &LeadPage) -> (ReportLead, ReportDialog) {
    let notice = &page.notice;
    let lead = ReportLead {
        lead: notice.lead,
        chat: notice.chat,
        profile: page.profile.clone(),
        came_from: page.came_from.clone(),
        at: notice.at,
        source: notice.source,
        facts: notice.facts.clone(),
    };
    let dialog = ReportDialog {
        came_from: page.came_from.clone(),
        lead: Some(notice.lead),
        lines: page.lines.clone(),
        ..ReportDialog::empty(notice.chat, page.profile.clone())
    };
    (lead, dialog)
}

/// The first rows that the bound has room for; the last row says how many are missing.
fn table<R>(
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
struct Words<'a> {
    voice: Voice<'a>,
    customer: String,
    assistant: String,
    yes: String,
    no: String,
    not_yet: String,
    extension: String,
    unconfirmed: String,
    labels: Labels,
}

impl<'a> Words<'a> {
    fn of(voice: Voice<'a>) -> Result<Self, String> {
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

    fn yes(&self, is_so: bool) -> Cell {
        Cell::plain(if is_so { self.yes.as_str() } else { "" })
    }

    /// In the one form that every spreadsheet reads as a time.
    fn time(&self, at: DateTime<Utc>) -> Cell {
        Cell::plain(self.voice.local(at).format("%Y-%m-%d %H:%M:%S").to_string())
    }
}
