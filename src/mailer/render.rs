//! A page becomes subject, text and HTML. Pure: the same page gives the same letter.

use chrono_tz::Tz;

use super::clean::{at_most, line};
use super::dialog_view::Room;
use super::lead_view::lead;
use super::report_parts::OneReport;
use super::report_sheets::sheets;
use super::report_view::report;
use super::templates::{Rendered, Templates};
use super::view::{Alert, Frame, ManyLeads, OneLead};
use super::voice::Voice;
use crate::domain::{self, Language, PageBody};
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
    let rendered = match body {
        PageBody::Lead(page) => {
            let lead = lead(page, Room::Alone, voice)?;
            templates.render("lead", &frame(OneLead { lead }, language, business, zone))
        }
        PageBody::Leads(pages) => {
            let room = Room::AmongOthers { leads: pages.len() };
            let leads = pages.iter().map(|page| lead(page, room, voice));
            let leads = leads.collect::<Result<Vec<_>, _>>()?;
            let count = leads.len();
            templates.render("leads", &frame(ManyLeads { count, leads }, language, business, zone))
        }
        PageBody::Report(page) => {
            let sheets = sheets(page, voice)?;
            let report = report(page, &sheets, voice)?;
            let rendered = templates.render("report", &frame(OneReport { report }, language, business, zone))?;
            Ok(Rendered { sheets, ..rendered })
        }
        PageBody::Alert(alert) => {
            templates.render("alert", &frame(self::alert(alert, voice)?, language, business, zone))
        }
    }?;
    Ok(Rendered {
        subject: at_most(&line(&rendered.subject), SUBJECT),
        ..rendered
    })
}

fn frame<T>(body: T, language: Language, business: &str, zone: Tz) -> Frame<T> {
    Frame {
        lang: language.code(),
        business: line(business),
        zone: zone.name().to_owned(),
        body,
    }
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
