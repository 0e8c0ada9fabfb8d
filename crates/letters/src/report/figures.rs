//! The figures of a report. Problems that did not occur are left out.

use std::cmp::Ordering;

use chrono::TimeDelta;
use domain::{FailReason, Profile};
use pages::{FIGURES, Figures, ReportPage, Value};

use crate::clean::{at_most, line};
use crate::person::name_of;
use crate::report::parts::{Figure, Kpi};
use crate::voice::{Voice, grouped};

/// Longest unknown reason, in characters.
const REASON: usize = 60;

/// Longest name of a flooding customer, in characters.
const FLOODER: usize = 40;

/// Figures per row.
const IN_A_ROW: usize = 2;

/// The figures of the first screen, in rows; empty for a day without dialogs.
///
/// # Errors
/// A missing text.
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
            delta: usual.and_then(|usual| delta(n, usual)),
            usual: usual.map(|usual| compared(n, usual, voice)).transpose()?,
        };
        match rows.last_mut() {
            Some(row) if row.len() < IN_A_ROW => row.push(kpi),
            _ => rows.push(vec![kpi]),
        }
    }
    Ok(rows)
}

/// `+2`; `None` if it repeats the value or is zero.
fn delta(n: u64, usual: u64) -> Option<String> {
    let sign = match n.cmp(&usual) {
        Ordering::Less => '−',
        Ordering::Greater if usual > 0 => '+',
        Ordering::Equal | Ordering::Greater => return None,
    };
    Some(format!("{sign}{}", grouped(n.abs_diff(usual))))
}

/// `обычно 5`.
fn compared(n: u64, usual: u64, voice: Voice<'_>) -> Result<String, String> {
    match usual {
        usual if usual == n => voice.say("as-usual"),
        0 => voice.say("more-than-usual"),
        usual => voice.fill("usual", &[("mean", &grouped(usual))]),
    }
}

/// All other figures.
///
/// # Errors
/// A missing text.
pub(crate) fn figures(page: &ReportPage, figures: &Figures, voice: Voice<'_>) -> Result<Vec<Figure>, String> {
    let mut others = Vec::new();
    for figure in FIGURES.iter().filter(|figure| figure.past.is_none()) {
        let value = (figure.value)(page, figures);
        let Some(n) = value.number() else { continue };
        others.push(Figure {
            name: voice.say(figure.key)?,
            value: match value {
                Value::Times(Some((median, _))) => voice.span(median)?,
                _ => grouped(n),
            },
            notes: notes(value, voice)?,
        });
    }
    Ok(others)
}

/// The parts of a figure.
fn notes(value: Value<'_>, voice: Voice<'_>) -> Result<Vec<String>, String> {
    match value {
        Value::Count(_) | Value::Times(None) => Ok(Vec::new()),
        Value::Failures(figures) => failures(figures, voice),
        Value::Times(Some((_, slow))) => {
            let span = voice.span(slow.max(TimeDelta::seconds(1)))?;
            Ok(vec![voice.fill("figure-answer-slow", &[("span", &span)])?])
        }
        Value::Tokens(tokens) => {
            let [input, output] = tokens.map(grouped);
            let values = [("input", input.as_str()), ("output", &output)];
            Ok(vec![voice.fill("figure-tokens-split", &values)?])
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

/// The count of each reason, and how often a customer was asked for a contact.
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

/// The text of a failure reason; an unknown reason is shown unchanged.
///
/// # Errors
/// A missing text.
pub(crate) fn reason_in_words(reason: &str, voice: Voice<'_>) -> Result<String, String> {
    match FailReason::from_word(reason) {
        Some(known) => voice.say(&format!("fail-{}", known.word().replace('_', "-"))),
        None => Ok(at_most(&line(reason), REASON)),
    }
}
