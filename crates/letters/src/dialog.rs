//! The lines of a dialog, made ready for the templates: as the customer saw them, under the days of the letter's zone.

use chrono::{DateTime, Utc};
use pages::{DialogLine, Fate, Speaker};
use wording::markdown::render;

use crate::clean::{at_most, block};
use crate::labels::Labels;
use crate::view::{Day, Line};
use crate::voice::Voice;

/// Characters of a line in a report, whose table has it whole.
const LINE_IN_REPORT: usize = 1_000;

/// How much room a dialog has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// The letter for itself.
    Alone,
    /// What a report gives it.
    InReport,
}

impl Room {
    /// Characters of a line.
    fn line(self) -> Option<usize> {
        match self {
            Self::Alone => None,
            Self::InReport => Some(LINE_IN_REPORT),
        }
    }
}

/// Who speaks.
#[derive(Debug)]
pub(crate) struct Names {
    customer: String,
    assistant: String,
    labels: Labels,
}

impl Names {
    /// # Errors
    /// A word that is missing.
    pub(crate) fn of(customer: &str, voice: Voice<'_>) -> Result<Self, String> {
        let assistant = voice.say("assistant")?;
        // A customer named like the assistant must not pass for it.
        let is_ours = customer.trim().to_lowercase() == assistant.to_lowercase();
        Ok(Self {
            customer: if is_ours {
                voice.say("customer")?
            } else {
                customer.to_owned()
            },
            assistant,
            labels: Labels::of(voice)?,
        })
    }
}

/// One line.
pub(crate) fn shown(line: &DialogLine, names: &Names, room: Room, voice: Voice<'_>) -> Line {
    let fate = match line.speaker {
        Speaker::Customer => None,
        Speaker::Us(fate) => Some(fate),
    };
    let whole = block(&as_seen(line, &names.labels));
    let cut = room
        .line()
        .map(|most| at_most(&whole, most))
        .filter(|cut| *cut != whole);
    Line {
        time: voice.time(line.at),
        who: fate.map_or(&names.customer, |_| &names.assistant).clone(),
        is_ours: fate.is_some(),
        is_cut: cut.is_some(),
        text: cut.unwrap_or(whole),
        is_edit: line.is_edit,
        is_lost: fate == Some(Fate::NotDelivered),
        is_waiting: fate == Some(Fate::Waiting),
    }
}

/// Lines under the days on which they were said.
///
/// # Errors
/// A word that is missing.
pub(crate) fn by_day(lines: impl Iterator<Item = (DateTime<Utc>, Line)>, voice: Voice<'_>) -> Result<Vec<Day>, String> {
    let mut days: Vec<Day> = Vec::new();
    let mut last = None;
    for (at, line) in lines {
        let day = Some(voice.local(at).date_naive());
        if day != last {
            let (date, lines) = (voice.day(at)?, Vec::new());
            days.push(Day { date, lines });
            last = day;
        }
        if let Some(day) = days.last_mut() {
            day.lines.push(line);
        }
    }
    Ok(days)
}

/// A line as the customer saw it: the model's markup became styles, which a letter has no need of.
pub(crate) fn as_seen(line: &DialogLine, labels: &Labels) -> String {
    let seen = match line.speaker {
        Speaker::Customer => return labels.told(&line.text),
        Speaker::Us(_) if line.is_markdown => render(&line.text).text,
        Speaker::Us(_) => line.text.clone(),
    };
    if seen.is_empty() { line.text.clone() } else { seen }
}
