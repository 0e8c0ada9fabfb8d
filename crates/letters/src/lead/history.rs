//! `dialog-42.txt`: the whole dialog, for a letter that had no room for it.

use pages::{DialogLine, LeadPage};
use wording::pieces::Pieces;

use crate::attachment::{Attachment, Kind};
use crate::lead::parts::History;
use crate::person::{mails, phones, telegram};
use crate::templates::Templates;
use crate::view::{Day, Head};
use crate::voice::Voice;

/// The byte order mark: text editors on Windows need it to detect UTF-8.
const MARK: char = '\u{FEFF}';

/// Writes the file: days are those of the whole dialog.
///
/// # Errors
/// What is wrong in the template or words.
pub(crate) fn history(
    templates: &Templates,
    page: &LeadPage,
    head: Head<'_>,
    who: &str,
    days: Vec<Day>,
    voice: Voice<'_>,
) -> Result<Attachment, String> {
    let facts = &page.notice.facts;
    let moment = |said: Option<&DialogLine>| voice.moment(said.map_or(page.notice.at, |line| line.at));
    let view = head.frame(History {
        id: page.notice.lead.to_string(),
        who: who.to_owned(),
        phones: phones(facts, voice)?,
        emails: mails(facts, voice)?,
        telegram: telegram(&page.profile, &page.notice.facts.phones),
        since: moment(page.lines.first())?,
        until: moment(page.lines.last())?,
        left_out: page.left_out,
        command: older_rows(page),
        days,
    });
    let text = templates.text("lead/history", &view)?;
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    Ok(Attachment {
        file: history_file(page),
        kind: Kind::Text,
        text: Pieces::from(format!("{MARK}{text}").as_str()),
    })
}

/// What shows also those messages that a letter is not given.
pub(crate) fn older_rows(page: &LeadPage) -> String {
    let chat = page.notice.chat;
    format!("frontdesk sql \"SELECT timestamp, role, message FROM dialogs WHERE user_id = {chat} ORDER BY id\"")
}

/// How the file with a lead's dialog is called: `dialog-42.txt`.
pub(crate) fn history_file(page: &LeadPage) -> String {
    format!("dialog-{}.txt", page.notice.lead)
}
