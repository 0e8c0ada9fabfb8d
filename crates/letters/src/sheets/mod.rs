//! The tables that go with a letter: every row of its period, in a form that Excel opens by a double click. Base64 makes 17.9 MB
//! of the two that go with a report, and the large providers refuse letters from 20 MB on.

mod dialogs;
mod leads;
mod table;

use domain::Period;
use pages::{LeadPage, ReportDialog, ReportLead, ReportPage};

use self::table::Words;
use crate::voice::Voice;

pub(crate) use self::table::Sheet;

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

/// A lead of a letter in the form of a report.
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
