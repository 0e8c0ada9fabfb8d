//! The dialogs of a report, in the order in which they began: whole while the letter has room for them, the last lines of
//! one that is too long, and the number of all others. Lines that are not shown are not looked at.

use pages::{ReportDialog, ReportPage};

use crate::clean::escaped;
use crate::clean::{at_most, some_line};
use crate::dialog::{Names, Room, by_day, shown};
use crate::person::NAME;
use crate::person::person;
use crate::report::parts::{Dialog, Part};
use crate::report::room::{Space, weight};
use crate::sheets::Files;
use crate::view::Line;
use crate::voice::Voice;

/// Bytes that one dialog may take wherever there is room, and more only if it leaves as much to each behind it: a
/// talkative customer does not take the place of all others.
const DIALOG: usize = 12_000;
/// Bytes of its heading, of a day's, of a line, of a mark on one, beside their words.
const HEADING: usize = 560;
const DAY: usize = 180;
const LINE: usize = 205;
const MARK: usize = 130;
/// Characters of a name within a line.
const NAME_IN_LINE: usize = 40;

/// The dialogs, whole.
///
/// # Errors
/// A word that is missing.
pub(crate) fn dialogs(
    page: &ReportPage,
    space: &mut Space,
    files: &Files,
    voice: Voice<'_>,
) -> Result<Option<Part<Dialog>>, String> {
    let all = page.dialogs.len() + page.beyond.dialogs.all;
    let mut told = Vec::new();
    for (n, one) in page.dialogs.iter().enumerate() {
        let share = space.left() / (all - n);
        let (dialog, bytes) = dialog(one, share.max(DIALOG), files, voice)?;
        if !space.take(bytes) {
            break;
        }
        told.push(dialog);
    }
    let more = voice.more("dialogs-more", all - told.len(), &files.dialogs)?;
    Ok(Part::of(told, more))
}

/// A dialog, with as many of its last lines as these bytes hold, and the bytes it takes.
fn dialog(dialog: &ReportDialog, most: usize, files: &Files, voice: Voice<'_>) -> Result<(Dialog, usize), String> {
    let who = person(&dialog.profile, voice)?;
    let name = Some(who.name.as_str()).filter(|name| !name.is_empty());
    let name = name.or(who.username.as_deref());
    let names = Names::of(&at_most(name.unwrap_or_default(), NAME_IN_LINE), voice)?;
    let marks = marks(dialog, voice)?;
    let mut bytes = HEADING + weight(&who)? + escaped(&marks);
    let mut lines = Vec::new();
    let mut day = None;
    for line in dialog.from_the_end() {
        let shown = shown(line, &names, Room::InReport, voice);
        let own_day = Some(voice.local(line.at).date_naive());
        let more = line_weight(&shown) + if own_day == day { 0 } else { DAY };
        if bytes + more > most && !lines.is_empty() {
            break;
        }
        bytes += more;
        day = own_day;
        lines.push((line.at, shown));
    }
    let is_cut = lines.iter().any(|(_, line)| line.is_cut);
    let cut = is_cut.then(|| voice.tell("lines-cut", &[("file", &files.dialogs)]));
    let lead = dialog.lead.filter(|_| dialog.is_lead_new);
    let lead = lead.map(|lead| voice.tell("lead-mark", &[("id", &lead.to_string())]));
    let told = Dialog {
        who,
        lead: lead.transpose()?,
        marks,
        before: voice.more("lines-before", dialog.count() - lines.len(), &files.dialogs)?,
        days: by_day(lines.into_iter().rev(), voice)?,
        cut: cut.transpose()?,
    };
    Ok((told, bytes))
}

fn line_weight(line: &Line) -> usize {
    let marks = [line.is_edit, line.is_lost, line.is_waiting];
    let marks = marks.into_iter().filter(|is_there| *is_there).count();
    LINE + MARK * marks + escaped(&line.who) + escaped(&line.text)
}

/// `новый клиент · avito3`.
fn marks(dialog: &ReportDialog, voice: Voice<'_>) -> Result<String, String> {
    let known = match (dialog.is_written(), dialog.is_new) {
        (false, _) => "late-answer",
        (true, true) => "new-customer",
        (true, false) => "known-customer",
    };
    let mut marks = vec![voice.say(known)?];
    if let Some(lead) = dialog.lead.filter(|_| !dialog.is_lead_new) {
        marks.push(voice.tell("lead-before", &[("id", &lead.to_string())])?);
    }
    marks.extend(some_line(dialog.came_from.as_deref()).map(|mark| at_most(&mark, NAME)));
    Ok(marks.join(" · "))
}
