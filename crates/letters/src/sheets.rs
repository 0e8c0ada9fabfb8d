//! The tables that go with a report: every row of its period, in a form that Excel opens by a double click.

use chrono::{DateTime, Utc};
use contacts::phone::in_cell;
use domain::{Email, LeadFacts, Period};
use pages::{DialogLine, Fate, LeadPage, ReportDialog, ReportLead, ReportPage, Rest, Speaker};
use wording::pieces::Pieces;
use wording::spreadsheet::{Cell, Spreadsheet, weight};

use crate::attachment::{Attachment, Kind};
use crate::clean::line;
use crate::dialog::as_seen;
use crate::labels::Labels;
use crate::person::{phone, source, told};
use crate::voice::Voice;

/// Bytes of each table. Base64 makes 17.9 MB of both, and the large providers refuse letters from 20 MB on. Twenty thousand
/// messages of usual length must fit: what has no room in the letter is attached.
const DIALOGS: usize = 10_000_000;
const LEADS: usize = 3_000_000;

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
    let period = page.notice.period;
    let files = Files::of(period, voice);
    let words = Words::of(voice)?;
    let lines = page
        .dialogs
        .iter()
        .flat_map(|dialog| dialog.lines.iter().map(move |line| (dialog, line)));
    let dialogs = lines.map(|(dialog, line)| Ok(spoken(dialog, line, &words, voice)));
    let leads = page.leads.iter().map(|one| lead(one, &words, voice));
    let all_lines = format!(
        "frontdesk sql --csv \"SELECT * FROM dialogs WHERE id BETWEEN {} AND {}\"",
        period.after.dialog + 1,
        period.upto.dialog
    );
    let all_leads = format!(
        "frontdesk leads export --since {}",
        voice.local(period.since).date_naive()
    );
    let others = &page.beyond.dialogs;
    let beyond = usize::try_from(others.questions + others.replies).unwrap_or(usize::MAX);
    let count = page.dialogs.iter().map(ReportDialog::count).sum::<usize>() + beyond;
    let tables = [
        table(
            files.dialogs,
            &DIALOG_COLUMNS,
            dialogs,
            (count, DIALOGS),
            all_lines,
            voice,
        )?,
        table(
            files.leads,
            &LEAD_COLUMNS,
            leads,
            (page.leads.len() + page.beyond.leads, LEADS),
            all_leads,
            voice,
        )?,
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
    let told: Vec<(ReportLead, ReportDialog)> = pages.iter().map(in_tables).collect();
    let lines = told
        .iter()
        .flat_map(|(_, dialog)| dialog.lines.iter().map(move |line| (dialog, line)));
    let count = lines.clone().count();
    let dialogs = lines.map(|(dialog, line)| Ok(spoken(dialog, line, &words, voice)));
    let leads = told.iter().map(|(one, _)| lead(one, &words, voice));
    let all = "frontdesk leads export".to_owned();
    let tables = [
        table(
            files.leads.clone(),
            &LEAD_COLUMNS,
            leads,
            (pages.len(), LEADS),
            all.clone(),
            voice,
        )?,
        table(
            files.dialogs.clone(),
            &DIALOG_COLUMNS,
            dialogs,
            (count, DIALOGS),
            all,
            voice,
        )?,
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
        chat: notice.chat,
        profile: page.profile.clone(),
        came_from: page.came_from.clone(),
        is_new: false,
        lead: Some(notice.lead),
        is_lead_new: true,
        facts: None,
        has_left_contact: true,
        rest: Rest::default(),
        lines: page.lines.clone(),
    };
    (lead, dialog)
}

/// The first rows that the bound has room for; the last row says how many are missing.
fn table(
    file: String,
    columns: &[&str],
    rows: impl Iterator<Item = Result<Vec<Cell>, String>>,
    (all, most): (usize, usize),
    command: String,
    voice: Voice<'_>,
) -> Result<Option<Sheet>, String> {
    if all == 0 {
        return Ok(None);
    }
    let failed = |error: std::io::Error| error.to_string();
    let names = columns.iter().map(|key| voice.say(key).map(Cell::Plain));
    let mut written = Spreadsheet::empty();
    written.push(names.collect::<Result<Vec<_>, _>>()?).map_err(failed)?;
    let (mut bytes, mut told) = (0, 0);
    for row in rows {
        let row = row?;
        bytes += weight(&row);
        if bytes > most {
            break;
        }
        written.push(row).map_err(failed)?;
        told += 1;
    }
    let missing = all - told;
    if let Some(note) = voice.more("sheet-missing", missing, &command)? {
        written.push(vec![Cell::Plain(note)]).map_err(failed)?;
    }
    Ok(Some(Sheet {
        file,
        text: written.finish().map_err(failed)?,
        rows: told,
        missing,
        command,
    }))
}

const DIALOG_COLUMNS: [&str; 10] = [
    "col-time",
    "col-customer",
    "col-username",
    "col-user",
    "col-who",
    "col-message",
    "col-delivered",
    "col-edited",
    "col-lead",
    "came-from",
];

/// What cells say, looked up once.
struct Words {
    customer: String,
    assistant: String,
    yes: String,
    no: String,
    not_yet: String,
    extension: String,
    unconfirmed: String,
    labels: Labels,
}

impl Words {
    fn of(voice: Voice<'_>) -> Result<Self, String> {
        Ok(Self {
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
}

/// In the one form that every spreadsheet reads as a time.
fn time(at: DateTime<Utc>, voice: Voice<'_>) -> String {
    voice.local(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn spoken(dialog: &ReportDialog, line: &DialogLine, words: &Words, voice: Voice<'_>) -> Vec<Cell> {
    let (who, delivered) = match line.speaker {
        Speaker::Customer => (&words.customer, ""),
        Speaker::Us(Fate::Sent) => (&words.assistant, words.yes.as_str()),
        Speaker::Us(Fate::Waiting) => (&words.assistant, words.not_yet.as_str()),
        Speaker::Us(Fate::NotDelivered) => (&words.assistant, words.no.as_str()),
    };
    vec![
        Cell::plain(time(line.at, voice)),
        Cell::text(self::line(&dialog.profile.full_name())),
        Cell::text(dialog.profile.username.as_deref().unwrap_or_default()),
        Cell::plain(dialog.chat.to_string()),
        Cell::plain(who),
        Cell::text(as_seen(line, &words.labels)),
        Cell::plain(delivered),
        words.yes(line.is_edit),
        dialog
            .lead
            .map_or_else(Cell::empty, |lead| Cell::plain(lead.to_string())),
        Cell::text(dialog.came_from.as_deref().unwrap_or_default()),
    ]
}

const LEAD_COLUMNS: [&str; 17] = [
    "col-lead",
    "col-time",
    "name",
    "phone",
    "col-phone-origin",
    "other-phones",
    "email",
    "col-other-emails",
    "col-username",
    "col-telegram-name",
    "col-wants-telegram",
    "request",
    "preferred-time",
    "note",
    "recorded",
    "came-from",
    "col-user",
];

/// The request, else the customer's own last words.
fn wish(facts: &LeadFacts, labels: &Labels) -> String {
    let own = || told(facts.own_words.as_deref()?, labels);
    facts.request.clone().or_else(own).unwrap_or_default()
}

fn lead(lead: &ReportLead, words: &Words, voice: Voice<'_>) -> Result<Vec<Cell>, String> {
    let facts = &lead.facts;
    let number = facts.phone();
    let others: Vec<String> = facts
        .phones
        .iter()
        .skip(1)
        .map(|known| in_cell(&known.number, &words.extension))
        .collect();
    let address = |email: &Email| match email.is_confirmed() {
        true => email.to_string(),
        false => format!("{email} ({})", words.unconfirmed),
    };
    let addresses: Vec<String> = facts.emails.iter().skip(1).map(address).collect();
    let fact = |fact: &Option<String>| Cell::text(fact.as_deref().unwrap_or_default());
    let origin = number
        .map(|known| phone(known, voice))
        .transpose()?
        .and_then(|shown| shown.mark);
    Ok(vec![
        Cell::plain(lead.lead.to_string()),
        Cell::plain(time(lead.at, voice)),
        fact(&facts.name),
        Cell::text(
            number
                .map(|known| in_cell(&known.number, &words.extension))
                .unwrap_or_default(),
        ),
        Cell::Plain(origin.unwrap_or_default()),
        Cell::text(others.join(", ")),
        Cell::text(facts.emails.first().map(address).unwrap_or_default()),
        Cell::text(addresses.join(", ")),
        fact(&lead.profile.username),
        Cell::text(line(&lead.profile.full_name())),
        words.yes(facts.wants_telegram),
        Cell::text(wish(facts, &words.labels)),
        fact(&facts.preferred_time),
        fact(&facts.note),
        Cell::plain(voice.say(source(lead.source))?),
        fact(&lead.came_from),
        Cell::plain(lead.chat.to_string()),
    ])
}
