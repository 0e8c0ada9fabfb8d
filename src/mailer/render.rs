//! A page becomes subject, text, HTML and what is attached. Pure: the same page gives the same letter.

use chrono_tz::Tz;
use domain::{self, AlertKind, Language};
use pages::PageBody;
use wording::phrases::LetterWords;

use super::clean::{at_most, line};
use super::lead_letter::lead_letter;
use super::leads_letter::leads_letter;
use super::messages::Files;
use super::report_parts::OneReport;
use super::report_sheets::{Sheet, sheets};
use super::report_view::report;
use super::templates::{Rendered, Templates};
use super::view::{Alert, Head};
use super::voice::Voice;

/// Characters of a subject; mailboxes show half of that.
const SUBJECT: usize = 180;

/// Renders what is told.
///
/// # Errors
/// What is wrong in the templates or words.
pub(super) fn render(
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
        Files::LeftOut => Some(voice.tell("files-left-out", &[("command", &command(body))])?),
    };
    let head = Head {
        language,
        business,
        zone,
        notice: notice.as_deref(),
    };
    let rendered = match body {
        PageBody::Lead(page) => lead_letter(templates, page, head, voice),
        PageBody::Leads(pages) => leads_letter(templates, pages, head, voice),
        PageBody::Report(page) => {
            let sheets = sheets(page, voice)?;
            let report = report(page, &sheets, voice)?;
            let rendered = templates.render("report", &head.frame(OneReport { report }))?;
            let attachments = sheets.into_iter().map(Sheet::attached).collect();
            Ok(Rendered {
                attachments,
                ..rendered
            })
        }
        PageBody::Alert(alert) => templates.render("alert", &head.frame(self::alert(alert, voice)?)),
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

/// What shows the files of a letter on the server.
fn command(body: &PageBody) -> String {
    match body {
        PageBody::Lead(page) => format!("frontdesk leads preview {} --eml", page.notice.lead),
        PageBody::Leads(_) => "frontdesk leads export".to_owned(),
        PageBody::Report(_) => "frontdesk report preview --eml".to_owned(),
        PageBody::Alert(_) => "frontdesk check".to_owned(),
    }
}

fn alert(alert: &domain::Alert, voice: Voice<'_>) -> Result<Alert, String> {
    use wording::phrases::Word;
    let kind = alert.kind.word();
    let (command, address) = match &alert.kind {
        AlertKind::Letters { to } => ("frontdesk outbox list", line(to.as_str())),
        _ => ("frontdesk check", String::new()),
    };
    let values = [("command", Word::Text(command)), ("address", Word::Text(&address))];
    let say = |key: &str| voice.words.say(&format!("{key}-{kind}"), &values);
    let steps = (1..=3).map(|n| voice.words.say(&format!("alert-todo-{kind}-{n}"), &values));
    Ok(Alert {
        subject: say("subject-alert")?,
        title: say("alert-title")?,
        reason: line(&alert.reason),
        at: voice.moment(alert.at)?,
        meanwhile: say("alert-meanwhile")?,
        steps: steps.collect::<Result<_, _>>()?,
        bound: match &alert.kind {
            AlertKind::Letters { .. } => say("alert-bound")?,
            _ => voice.say("alert-bound")?,
        },
    })
}
