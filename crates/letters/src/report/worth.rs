//! Who is worth a call: customers who asked something and left no contact this time. Of one who came back an earlier
//! number is known.

use domain::LeadFacts;
use pages::{DialogLine, ReportDialog, ReportPage};

use crate::clean::{at_most, line};
use crate::labels::Labels;
use crate::person::{mail, person, phone};
use crate::report::parts::{Part, WorthACall};
use crate::report::room::Extent;
use crate::sheets::Files;
use crate::voice::Voice;

/// Characters of the first and the last words of a dialog.
const WORDS: usize = 120;

/// Those people, in the order in which they came; who only pressed "Start" is counted behind them.
///
/// # Errors
/// A word that is missing.
pub(crate) fn worth(
    page: &ReportPage,
    extent: Extent,
    files: &Files,
    voice: Voice<'_>,
) -> Result<Option<Part<WorthACall>>, String> {
    let labels = Labels::of(voice)?;
    let shown = extent.first(usize::MAX, asking(page), |dialog| one(dialog, &labels, voice))?;
    let beyond = &page.beyond.dialogs;
    let all = asking(page).count() + beyond.asking;
    let more = voice.more("dialogs-more", all - shown.len(), &files.dialogs)?;
    let silent = without_lead(page).filter(|dialog| !is_asking(dialog)).count() + beyond.silent;
    let silent = if silent > 0 {
        Some(voice.count("worth-silent", silent as u64)?)
    } else {
        None
    };
    let more: Vec<String> = more.into_iter().chain(silent).collect();
    Ok(Part::of(shown, Some(more.join(". ")).filter(|more| !more.is_empty())))
}

fn without_lead(page: &ReportPage) -> impl Iterator<Item = &ReportDialog> {
    page.dialogs
        .iter()
        .filter(|dialog| dialog.is_written() && !dialog.has_left_contact)
}

/// Who asked something and left no contact this time.
pub(crate) fn asking(page: &ReportPage) -> impl Iterator<Item = &ReportDialog> {
    without_lead(page).filter(|dialog| is_asking(dialog))
}

fn is_asking(dialog: &ReportDialog) -> bool {
    dialog.first_words().is_some()
}

fn one(dialog: &ReportDialog, labels: &Labels, voice: Voice<'_>) -> Result<WorthACall, String> {
    let words = |said: &DialogLine| at_most(&line(&labels.told(&said.text)), WORDS);
    let known = dialog.facts.as_ref().and_then(LeadFacts::phone);
    let before = dialog
        .lead
        .map(|lead| voice.fill("lead-before", &[("id", &lead.to_string())]));
    Ok(WorthACall {
        who: person(&dialog.profile, voice)?,
        at: dialog
            .first_words()
            .map(|first| voice.short_moment(first.at))
            .transpose()?,
        phone: known.map(|known| phone(known, voice)).transpose()?,
        email: dialog
            .facts
            .as_ref()
            .filter(|_| known.is_none())
            .and_then(|facts| facts.emails.first())
            .map(|email| mail(email, voice))
            .transpose()?,
        before: before.transpose()?,
        first: dialog.first_words().map(words),
        last: dialog.last_words().map(words),
    })
}
