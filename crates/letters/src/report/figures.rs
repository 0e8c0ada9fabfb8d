//! The figures of a report as an owner reads them. What is zero because all is well is left out.

use std::cmp::Ordering;

use chrono::TimeDelta;
use domain::FailReason;
use pages::{Figures, ReportPage, Tenths};

use crate::clean::{at_most, line};
use crate::person::name_of;
use crate::report::parts::{Figure, Kpi};
use crate::voice::{Voice, grouped};

/// Characters of a reason that nobody has worded.
const REASON: usize = 60;

/// Characters of the name of a customer who floods.
const FLOODER: usize = 40;

/// Figures a row.
const IN_A_ROW: usize = 2;

/// The four of the first screen, in rows; none of a day on which nobody wrote.
///
/// # Errors
/// A word that is missing.
pub(crate) fn kpis(page: &ReportPage, figures: &Figures, voice: Voice<'_>) -> Result<Vec<Vec<Kpi>>, String> {
    if page.dialogs.is_empty() {
        return Ok(Vec::new());
    }
    let period = page.notice.period;
    let usual = page.past_week.map(|week| week.usual(period.until - period.since));
    let counts = [
        ("figure-leads", figures.leads, usual.map(|usual| usual.leads)),
        ("figure-dialogs", figures.dialogs, usual.map(|usual| usual.dialogs)),
        (
            "figure-new",
            figures.new_customers,
            usual.map(|usual| usual.new_customers),
        ),
        ("figure-failed", figures.failed, usual.map(|usual| usual.failed)),
    ];
    let mut kpis = Vec::new();
    for (key, n, usual) in counts {
        kpis.push(Kpi {
            name: voice.say(key)?,
            value: grouped(n),
            delta: usual.map(|usual| delta(n, usual, voice)).transpose()?.flatten(),
            usual: usual
                .map(|Tenths(usual)| voice.tell("usual", &[("mean", &decimal(usual, voice)?)]))
                .transpose()?,
        });
    }
    let mut rows = Vec::new();
    while !kpis.is_empty() {
        rows.push(kpis.drain(..IN_A_ROW.min(kpis.len())).collect());
    }
    Ok(rows)
}

/// `+1,7`: more than usual, or less, by so much; nothing if it is as usual.
fn delta(n: u64, Tenths(usual): Tenths, voice: Voice<'_>) -> Result<Option<String>, String> {
    let n = n.saturating_mul(10);
    let sign = match n.cmp(&usual) {
        Ordering::Less => '−',
        Ordering::Equal => return Ok(None),
        Ordering::Greater => '+',
    };
    Ok(Some(format!("{sign}{}", decimal(n.abs_diff(usual), voice)?)))
}

/// `1,7` of 17 tenths.
fn decimal(tenths: u64, voice: Voice<'_>) -> Result<String, String> {
    let (whole, tenth) = (grouped(tenths / 10), tenths % 10);
    match tenth {
        0 => Ok(whole),
        _ => voice.tell("decimal", &[("whole", &whole), ("tenth", &tenth.to_string())]),
    }
}

/// All others, the most important first.
///
/// # Errors
/// A word that is missing.
pub(crate) fn figures(page: &ReportPage, figures: &Figures, voice: Voice<'_>) -> Result<Vec<Figure>, String> {
    let counts = [
        ("figure-known-contact", figures.known_contact),
        ("figure-without-contact", figures.without_contact),
        ("figure-questions", figures.questions),
        ("figure-replies", figures.replies),
        ("figure-gaps", figures.gaps),
    ];
    let mut told = Vec::new();
    for (key, n) in counts.into_iter().filter(|(_, n)| *n > 0) {
        told.push(figure(key, grouped(n), Vec::new(), voice)?);
    }
    if figures.failed > 0 {
        let notes = failures(figures, voice)?;
        told.push(figure("figure-unanswered", grouped(figures.failed), notes, voice)?);
    }
    if let (Some(median), Some(slow)) = (figures.median_answer, figures.slow_answer) {
        let note = voice.tell(
            "figure-answer-slow",
            &[("span", &voice.span(slow.max(TimeDelta::seconds(1)))?)],
        )?;
        told.push(figure("figure-answer", voice.span(median)?, vec![note], voice)?);
    }
    let [input, output] = [figures.input_tokens, figures.output_tokens].map(|n| n.max(0).unsigned_abs());
    if input + output > 0 {
        let (read, written) = (grouped(input), grouped(output));
        let note = voice.tell("figure-tokens-split", &[("input", &read), ("output", &written)])?;
        told.push(figure("figure-tokens", grouped(input + output), vec![note], voice)?);
    }
    if figures.unstored > 0 {
        let names = page.unstored.most.iter().map(|(who, sent)| {
            let name = at_most(&line(&name_of(who, voice)?), FLOODER);
            Ok(format!("{name}: {}", grouped(*sent)))
        });
        let notes = names.collect::<Result<Vec<_>, String>>()?;
        told.push(figure("figure-unstored", grouped(figures.unstored), notes, voice)?);
    }
    Ok(told)
}

fn figure(key: &str, value: String, notes: Vec<String>, voice: Voice<'_>) -> Result<Figure, String> {
    let name = voice.say(key)?;
    Ok(Figure { name, value, notes })
}

/// Each reason with its number, and how many customers were asked for their contact.
fn failures(figures: &Figures, voice: Voice<'_>) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    for (reason, n) in &figures.failed_by_reason {
        notes.push(format!("{}: {}", reason_in_words(reason, voice)?, grouped(*n)));
    }
    if figures.forms > 0 {
        notes.push(voice.count("figure-forms", figures.forms)?);
    }
    Ok(notes)
}

/// What an owner understands; a word that is not ours is shown as it is.
///
/// # Errors
/// A word that is missing.
pub(crate) fn reason_in_words(reason: &str, voice: Voice<'_>) -> Result<String, String> {
    match FailReason::from_word(reason) {
        Some(known) => voice.say(&format!("fail-{}", known.word().replace('_', "-"))),
        None => Ok(at_most(&line(reason), REASON)),
    }
}
