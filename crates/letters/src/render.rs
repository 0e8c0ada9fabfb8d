//! Renders a page into subject, text, HTML and attachments. Pure: the same page gives the same letter.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::Language;
use pages::PageBody;
use wording::phrases::LetterWords;

use crate::attachment::Files;
use crate::clean::{at_most, line};
use crate::lead::{lead_letter, leads_letter};
use crate::report::report_letter;
use crate::templates::{Rendered, Templates};
use crate::view::Head;
use crate::voice::Voice;

/// Longest subject in characters; mailboxes show half of that.
const SUBJECT: usize = 180;

/// # Errors
/// An error in the templates or texts.
pub(crate) fn render(
    templates: &Templates,
    words: &LetterWords,
    language: Language,
    body: &PageBody,
    (business, zone): (&str, Tz),
    files: Files,
) -> Result<Rendered, String> {
    let voice = Voice { words, zone };
    let notice = match files {
        Files::Attached => None,
        Files::LeftOut => Some(voice.fill("files-left-out", &[("command", &command(body))])?),
    };
    let zone = voice.offset(time(body));
    let head = Head {
        language,
        business,
        zone: &zone,
        notice: notice.as_deref(),
    };
    let rendered = match body {
        PageBody::Lead(page) => lead_letter(templates, page, head, voice),
        PageBody::Leads(pages) => leads_letter(templates, pages, head, voice),
        PageBody::Report(page) => report_letter(templates, page, head, voice),
        PageBody::Alert(alert) => templates.render("alert", &head.frame(crate::alert::alert(alert, voice)?)),
    }?;
    let rendered = Rendered {
        subject: at_most(&line(&rendered.subject), SUBJECT),
        ..rendered
    };
    Ok(match notice {
        None => rendered,
        Some(notice) => Rendered {
            text: format!("{notice}\n\n{}", rendered.text),
            attachments: Vec::new(),
            ..rendered
        },
    })
}

/// When the event of a letter happened.
fn time(body: &PageBody) -> DateTime<Utc> {
    match body {
        PageBody::Lead(page) => page.notice.at,
        PageBody::Leads(pages) => pages.last().map(|page| page.notice.at).unwrap_or_default(),
        PageBody::Report(page) => page.notice.period.until,
        PageBody::Alert(alert) => alert.at,
    }
}

/// The command that shows the attachments of a letter.
fn command(body: &PageBody) -> String {
    match body {
        PageBody::Lead(page) => format!("frontdesk leads preview {} --eml", page.notice.lead),
        PageBody::Leads(_) => "frontdesk leads export".to_owned(),
        PageBody::Report(_) => "frontdesk report preview --eml".to_owned(),
        PageBody::Alert(_) => "frontdesk check".to_owned(),
    }
}
