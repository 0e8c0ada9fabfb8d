//! The figures of a report as an owner reads them. What is zero because all is well is left out.

use std::cmp::Ordering;

use chrono::TimeDelta;
use domain::{FailReason, Profile};
use pages::{FIGURES, Figures, ReportPage, Tenths, Value};

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

/// Those of the first screen, in rows; none of a day on which nobody wrote.
///
/// # Errors
/// A word that is missing.
pub(crate) fn kpis(page: &ReportPage, figures: &Figures, voice: Voice<'_>) -> Result<Vec<Vec<Kpi>>, String> {
    let mut rows: Vec<Vec<Kpi>> = Vec::new();
    if page.dialogs.is_empty() {
        return Ok(rows);
    }
    let length = page.notice.period.until - page.notice.period.since;
    for figure in FIGURES {
        let Some(past) = figure.past else { continue };
        let n = (figure.value)(page, figures).number().unwrap_or_default();
        let usual = page.past_week.map(|week| week.usual(past(&week), length));
        let kpi = Kpi {
            name: voice.say(figure.key)?,
            value: grouped(n),
            delta: usual.map(|usual| delta(n, usual, voice)).transpose()?.flatten(),
            usual: usual
                .map(|Tenths(usual)| voice.tell("usual", &[("mean", &decimal(usual, voice)?)]))
                .transpose()?,
        };
        match rows.last_mut() {
            Some(row) if row.len() < IN_A_ROW => row.push(kpi),
            _ => rows.push(vec![kpi]),
        }
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

/// All others.
///
/// # Errors
/// A word that is missing.
pub(crate) fn figures(page: &ReportPage, figures: &Figures, voice: Voice<'_>) -> Result<Vec<Figure>, String> {
    let mut told = Vec::new();
    for figure in FIGURES.iter().filter(|figure| figure.past.is_none()) {
        let value = (figure.value)(page, figures);
        let Some(n) = value.number() else { continue };
        told.push(Figure {
            name: voice.say(figure.key)?,
            value: match value {
                Value::Times(Some((median, _))) => voice.span(median)?,
                _ => grouped(n),
            },
            notes: notes(value, voice)?,
        });
    }
    Ok(told)
}

/// What a figure is made of.
fn notes(value: Value<'_>, voice: Voice<'_>) -> Result<Vec<String>, String> {
    match value {
        Value::Count(_) | Value::Times(None) => Ok(Vec::new()),
        Value::Failures(figures) => failures(figures, voice),
        Value::Times(Some((_, slow))) => {
            let span = voice.span(slow.max(TimeDelta::seconds(1)))?;
            Ok(vec![voice.tell("figure-answer-slow", &[("span", &span)])?])
        }
        Value::Tokens(tokens) => {
            let [read, written] = tokens.map(grouped);
            let values = [("input", read.as_str()), ("output", &written)];
            Ok(vec![voice.tell("figure-tokens-split", &values)?])
        }
        Value::Unstored(unstored) => {
            let name = |(who, sent): &(Profile, u64)| {
                let name = at_most(&line(&name_of(who, voice)?), FLOODER);
                Ok(format!("{name}: {}", grouped(*sent)))
            };
            unstored.most.iter().map(name).collect()
        }
    }
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
