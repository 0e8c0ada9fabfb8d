//! A page becomes subject, text, HTML and what is attached. Pure: the same page gives the same letter.

use chrono_tz::Tz;

use super::clean::{at_most, line};
use super::dialog_view::among_others;
use super::lead_letter::lead_letter;
use super::lead_view::lead;
use super::report_parts::OneReport;
use super::report_sheets::{Sheet, sheets};
use super::report_view::report;
use super::templates::{Rendered, Templates};
use super::vcard::cards;
use super::view::{Alert, Head, ManyLeads};
use super::voice::Voice;
use crate::domain::{self, Language, LeadPage, PageBody};
use crate::text::phrases::LetterWords;

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
    business: &str,
    zone: Tz,
) -> Result<Rendered, String> {
    let voice = Voice { words, zone };
    let head = Head {
        language,
        business,
        zone,
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
    Ok(Rendered {
        subject: at_most(&line(&rendered.subject), SUBJECT),
        ..rendered
    })
}

fn leads_letter(
    templates: &Templates,
    pages: &[LeadPage],
    head: Head<'_>,
    voice: Voice<'_>,
) -> Result<Rendered, String> {
    let leads = pages.iter().map(|page| {
        let mut lead = lead(page, voice)?;
        lead.dialog = among_others(page, &lead.who, pages.len(), voice)?;
        Ok(lead)
    });
    let leads = leads.collect::<Result<Vec<_>, String>>()?;
    let count = leads.len();
    let rendered = templates.render("leads", &head.frame(ManyLeads { count, leads }))?;
    Ok(Rendered {
        attachments: vec![cards("leads.vcf".into(), pages, voice)?],
        ..rendered
    })
}

fn alert(alert: &domain::Alert, voice: Voice<'_>) -> Result<Alert, String> {
    let kind = alert.kind.word();
    let command = [("command", crate::text::phrases::Word::Text("frontdesk check"))];
    let steps = (1..=3).map(|n| voice.words.say(&format!("alert-todo-{kind}-{n}"), &command));
    Ok(Alert {
        subject: voice.say(&format!("subject-alert-{kind}"))?,
        title: voice.say(&format!("alert-title-{kind}"))?,
        reason: line(&alert.reason),
        at: voice.moment(alert.at)?,
        meanwhile: voice.say(&format!("alert-meanwhile-{kind}"))?,
        steps: steps.collect::<Result<_, _>>()?,
    })
}
