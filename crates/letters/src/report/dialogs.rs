//! The dialogs of a report, in the order in which they began: whole while the letter has room for them, the last lines of
//! one that is too long, and the number of all others. Lines that are not shown are not looked at.

use chrono::{DateTime, Utc};
use pages::{ReportDialog, ReportPage};

use crate::clean::{at_most, some_line};
use crate::dialog::{Names, Room, by_day, shown};
use crate::person::{NAME, person};
use crate::report::parts::{Dialog, Part};
use crate::sheets::Files;
use crate::view::Line;
use crate::voice::Voice;

/// The part of all lines that one dialog may take wherever there is room, and more only if it leaves as much to each behind
/// it: a talkative customer does not take the place of all others.
const PART_OF_A_DIALOG: usize = 6;
/// A dialog's heading counts as so many lines, and a line once more for each so many characters.
const HEADING: usize = 3;
const CHARS: usize = 100;
/// Characters of a name within a line.
const NAME_IN_LINE: usize = 40;

/// Lines of all dialogs.
pub(crate) fn lines(page: &ReportPage) -> usize {
    let said = page.dialogs.iter().flat_map(|dialog| &dialog.lines);
    let lines: usize = said.map(|line| counted(&line.text)).sum();
    lines + HEADING * page.dialogs.len()
}

/// As many dialogs as these lines hold, and whether that is all of all.
///
/// # Errors
/// A word that is missing.
pub(crate) fn dialogs(
    page: &ReportPage,
    lines: usize,
    files: &Files,
    voice: Voice<'_>,
) -> Result<(Option<Part<Dialog>>, bool), String> {
    let all = page.dialogs.len() + page.beyond.dialogs.all;
    let (mut told, mut is_whole, mut left) = (Vec::new(), true, lines);
    for (n, one) in page.dialogs.iter().enumerate() {
        let share = (left / (all - n)).max(lines / PART_OF_A_DIALOG);
        let shown = last_lines(one, share, voice)?;
        let taken = HEADING + shown.iter().map(|(_, line)| counted(&line.text)).sum::<usize>();
        let Some(rest) = left.checked_sub(taken) else {
            is_whole = false;
            break;
        };
        left = rest;
        is_whole &= shown.len() == one.lines.len();
        told.push(dialog(one, shown, files, voice)?);
    }
    let more = voice.more("dialogs-more", all - told.len(), &files.dialogs)?;
    Ok((Part::of(told, more), is_whole))
}

/// What a line counts.
fn counted(text: &str) -> usize {
    1 + text.chars().take(CHARS * 10).count() / CHARS
}

type Said = (DateTime<Utc>, Line);

/// The last lines of a dialog, the newest first: as many as it may take, but always one.
fn last_lines(dialog: &ReportDialog, most: usize, voice: Voice<'_>) -> Result<Vec<Said>, String> {
    let who = person(&dialog.profile, voice)?;
    let name = Some(who.name.as_str()).filter(|name| !name.is_empty());
    let name = name.or(who.username.as_deref());
    let names = Names::of(&at_most(name.unwrap_or_default(), NAME_IN_LINE), voice)?;
    let mut taken = HEADING;
    let mut lines = Vec::new();
    for line in dialog.from_the_end() {
        let shown = shown(line, &names, Room::InReport, voice);
        taken += counted(&shown.text);
        if taken > most && !lines.is_empty() {
            break;
        }
        lines.push((line.at, shown));
    }
    Ok(lines)
}

/// A dialog with these of its lines, the newest first.
fn dialog(dialog: &ReportDialog, lines: Vec<Said>, files: &Files, voice: Voice<'_>) -> Result<Dialog, String> {
    let is_cut = lines.iter().any(|(_, line)| line.is_cut);
    let cut = is_cut.then(|| voice.fill("lines-cut", &[("file", &files.dialogs)]));
    let lead = dialog.lead.filter(|_| dialog.is_lead_new);
    let lead = lead.map(|lead| voice.fill("lead-mark", &[("id", &lead.to_string())]));
    Ok(Dialog {
        who: person(&dialog.profile, voice)?,
        lead: lead.transpose()?,
        marks: marks(dialog, voice)?,
        before: voice.more("lines-before", dialog.count() - lines.len(), &files.dialogs)?,
        days: by_day(lines.into_iter().rev(), voice)?,
        cut: cut.transpose()?,
    })
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
        marks.push(voice.fill("lead-before", &[("id", &lead.to_string())])?);
    }
    marks.extend(some_line(dialog.came_from.as_deref()).map(|mark| at_most(&mark, NAME)));
    Ok(marks.join(" · "))
}
