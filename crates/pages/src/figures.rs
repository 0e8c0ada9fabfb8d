//! The figures of a report: counted from its rows, and from nothing else. Each one that a letter shows is an entry of
//! [`FIGURES`]; letters format its value, and the service tests count it again in SQL.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use self::Value::Count;
use super::{Absence, PastWeek, ReportDialog, ReportPage, ReportTurn, TurnOutcome, Unstored};

/// A figure that a report shows.
pub struct Figure {
    /// The word of its name in `templates/letters`.
    pub key: &'static str,
    /// Its value.
    pub value: ValueOf,
    /// The total of the week before, for the comparison on the first screen.
    pub past: Option<fn(&PastWeek) -> u64>,
}

/// A value out of the counted page.
type ValueOf = for<'a> fn(&'a ReportPage, &'a Figures) -> Value<'a>;

/// The figures in the order of a letter. Only those of the first screen are shown when they are zero.
pub const FIGURES: &[Figure] = &[
    compared("figure-leads", |_, it| Count(it.leads), |week| week.leads),
    compared("figure-dialogs", |_, it| Count(it.dialogs), |week| week.dialogs),
    compared("figure-new", |_, it| Count(it.new_customers), |week| week.new_customers),
    compared("figure-failed", |_, it| Count(it.failed), |week| week.failed),
    figure("figure-known-contact", |_, it| Count(it.known_contact)),
    figure("figure-without-contact", |_, it| Count(it.without_contact)),
    figure("figure-questions", |_, it| Count(it.questions)),
    figure("figure-replies", |_, it| Count(it.replies)),
    figure("figure-gaps", |_, it| Count(it.gaps)),
    figure("figure-unanswered", |_, it| Value::Failures(it)),
    figure("figure-answer", |_, it| {
        Value::Times(it.median_answer.zip(it.slow_answer))
    }),
    figure("figure-unstored", |page, _| Value::Unstored(&page.unstored)),
    figure("figure-tokens", |_, it| {
        Value::Tokens([it.input_tokens, it.output_tokens].map(positive))
    }),
];

const fn figure(key: &'static str, value: ValueOf) -> Figure {
    let past = None;
    Figure { key, value, past }
}

const fn compared(key: &'static str, value: ValueOf, past: fn(&PastWeek) -> u64) -> Figure {
    let past = Some(past);
    Figure { key, value, past }
}

/// The value of a figure with its notes.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Only a number.
    Count(u64),
    /// Turns the model did not answer, with the reasons.
    Failures(&'a Figures),
    /// Half of the answers came within the first time, 95 of 100 within the second.
    Times(Option<(TimeDelta, TimeDelta)>),
    /// Tokens that were read and written.
    Tokens([u64; 2]),
    /// Messages that were only counted, with the customers who sent most of them.
    Unstored(&'a Unstored),
}

impl Value<'_> {
    /// The number shown, in seconds for times; `None` is not shown.
    pub fn number(&self) -> Option<u64> {
        let n = match self {
            Self::Count(n) => *n,
            Self::Failures(figures) => figures.failed,
            Self::Times(times) => return times.map(|(median, _)| positive((median.num_milliseconds() + 500) / 1_000)),
            Self::Tokens([read, written]) => read + written,
            Self::Unstored(unstored) => unstored.messages,
        };
        (n > 0).then_some(n)
    }
}

fn positive(n: i64) -> u64 {
    n.max(0).unsigned_abs()
}

/// The totals of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Customers who wrote.
    pub dialogs: u64,
    /// Customers who wrote for the first time.
    pub new_customers: u64,
    /// Messages from customers.
    pub questions: u64,
    /// Replies.
    pub replies: u64,
    /// Leads that were recorded.
    pub leads: u64,
    /// Customers who wrote and left a contact before the period.
    pub known_contact: u64,
    /// Customers who wrote and never left a contact.
    pub without_contact: u64,
    /// Turns the model did not answer.
    pub failed: u64,
    /// The same by the word of their reason.
    pub failed_by_reason: BTreeMap<String, u64>,
    /// How often the customer was asked for a contact.
    pub forms: u64,
    /// Half of the model's answers were there in this time or less.
    pub median_answer: Option<TimeDelta>,
    /// So were 95 of 100.
    pub slow_answer: Option<TimeDelta>,
    /// Tokens the model read.
    pub input_tokens: i64,
    /// Tokens it wrote.
    pub output_tokens: i64,
    /// Questions the facts did not answer.
    pub gaps: u64,
    /// Deep-link payloads of new customers with their counts, largest first.
    pub sources: Vec<(Option<String>, u64)>,
    /// Replies that were not delivered and are not retried.
    pub undelivered: u64,
    /// Dead deliveries.
    pub dead: u64,
    /// Total time without polling.
    pub away: TimeDelta,
    /// Messages beyond the flood limit, not stored.
    pub unstored: u64,
}

impl Figures {
    /// Counts a page.
    pub fn of(page: &ReportPage) -> Self {
        let (beyond, others) = (&page.beyond, &page.beyond.dialogs);
        let written = || page.dialogs.iter().filter(|dialog| dialog.is_written());
        let questions: u64 = page.dialogs.iter().map(ReportDialog::questions).sum();
        let lines: u64 = page.dialogs.iter().map(|dialog| dialog.count() as u64).sum();
        let undelivered: u64 = page.dialogs.iter().map(ReportDialog::undelivered).sum();
        let times = answer_times(page);
        let failed_by_reason = failed_by_reason(page);
        let forms = count(
            page.turns
                .iter()
                .filter(|turn| matches!(turn.outcome, TurnOutcome::Failed { is_form: true, .. })),
        );
        let tokens = |of: fn(&ReportTurn) -> i64| page.turns.iter().map(of).sum::<i64>();
        Self {
            dialogs: count(written()) + others.written,
            new_customers: count(written().filter(|dialog| dialog.is_new)) + others.new_customers,
            questions: questions + others.questions,
            replies: lines - questions + others.replies,
            leads: (page.leads.len() + beyond.leads) as u64,
            known_contact: count(written().filter(|dialog| dialog.lead.is_some() && !dialog.is_lead_new))
                + others.known_contact,
            without_contact: count(written().filter(|dialog| dialog.lead.is_none())) + others.without_contact,
            failed: failed_by_reason.values().sum(),
            failed_by_reason,
            forms: forms + beyond.turns.forms,
            median_answer: percentile(&times, 50),
            slow_answer: percentile(&times, 95),
            input_tokens: tokens(|turn| turn.input_tokens) + beyond.turns.input_tokens,
            output_tokens: tokens(|turn| turn.output_tokens) + beyond.turns.output_tokens,
            gaps: (page.gaps.len() + beyond.gaps) as u64,
            sources: sources(page),
            undelivered: undelivered + others.undelivered,
            dead: (page.dead.len() + beyond.dead_letters + beyond.dead_replies) as u64,
            away: page.absences.iter().map(Absence::span).sum::<TimeDelta>() + beyond.away,
            unstored: page.unstored.messages,
        }
    }
}

fn count(items: impl Iterator) -> u64 {
    items.count() as u64
}

/// The number of answers per duration.
fn answer_times(page: &ReportPage) -> BTreeMap<TimeDelta, u64> {
    let mut times = BTreeMap::new();
    for turn in page.turns.iter().filter(|turn| turn.outcome == TurnOutcome::Answered) {
        *times.entry(turn.took).or_default() += 1;
    }
    for (seconds, answers) in &page.beyond.turns.answers {
        *times.entry(TimeDelta::seconds(*seconds)).or_default() += answers;
    }
    times
}

/// The percentile by the nearest-rank method.
fn percentile(times: &BTreeMap<TimeDelta, u64>, percent: u64) -> Option<TimeDelta> {
    let all: u64 = times.values().sum();
    let rank = (all * percent).div_ceil(100).max(1);
    let mut met = 0;
    let reached = times.iter().find(|(_, answers)| {
        met += **answers;
        met >= rank
    });
    reached.map(|(time, _)| *time)
}

fn failed_by_reason(page: &ReportPage) -> BTreeMap<String, u64> {
    let mut reasons = page.beyond.turns.failed_by_reason.clone();
    for turn in &page.turns {
        if let TurnOutcome::Failed { reason, .. } = &turn.outcome {
            *reasons.entry(reason.clone()).or_default() += 1;
        }
    }
    reasons
}

fn sources(page: &ReportPage) -> Vec<(Option<String>, u64)> {
    let mut counts = page.beyond.dialogs.sources.clone();
    for dialog in page
        .dialogs
        .iter()
        .filter(|dialog| dialog.is_written() && dialog.is_new)
    {
        *counts.entry(dialog.came_from.clone()).or_default() += 1;
    }
    let mut sources: Vec<_> = counts.into_iter().collect();
    sources.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(times: &[i64]) -> BTreeMap<TimeDelta, u64> {
        times.iter().map(|time| (TimeDelta::seconds(*time), 1)).collect()
    }

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let twenty: Vec<i64> = (1..=20).collect();
        let of = |times: &[i64], percent| percentile(&seconds(times), percent).map(|time| time.num_seconds());
        assert_eq!(of(&[], 50), None);
        assert_eq!(of(&[7], 50), Some(7));
        assert_eq!((of(&[3, 9], 50), of(&[3, 9], 95)), (Some(3), Some(9)));
        assert_eq!((of(&twenty, 50), of(&twenty, 95)), (Some(10), Some(19)));
    }
}
