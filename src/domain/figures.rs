//! The figures of a report: counted from its rows, and from nothing else.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::{Absence, Fate, ReportDialog, ReportPage, Speaker, TurnOutcome};

/// What a period comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Customers who wrote.
    pub dialogs: u64,
    /// Those of them who never wrote before.
    pub new_customers: u64,
    /// Rows of `dialogs` that are the customers'.
    pub questions: u64,
    /// Rows of `dialogs` that are ours.
    pub replies: u64,
    /// Leads that were recorded.
    pub leads: u64,
    /// Customers who wrote and whose contact was known from before.
    pub known_contact: u64,
    /// Customers who wrote and have left no contact to this day.
    pub without_contact: u64,
    /// Turns the model did not answer.
    pub failed: u64,
    /// The same by the word of their reason.
    pub failed_by_reason: BTreeMap<String, u64>,
    /// Those of them in which the customer was asked for his contact.
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
    /// Where new customers came from: the deep-link payload, and how many came with it; the most first.
    pub sources: Vec<(Option<String>, u64)>,
    /// Replies the customer did not get and never will.
    pub undelivered: u64,
    /// Deliveries that were given up.
    pub dead: u64,
    /// How long nobody fetched updates, in all.
    pub away: TimeDelta,
}

impl Figures {
    /// Counts a page.
    pub fn of(page: &ReportPage) -> Self {
        let written = || page.dialogs.iter().filter(|dialog| dialog.is_written());
        let lines = || page.dialogs.iter().flat_map(|dialog| &dialog.lines);
        let questions = page.dialogs.iter().map(ReportDialog::questions).sum();
        let lost = Speaker::Us(Fate::NotDelivered);
        let times = answer_times(page);
        let failed_by_reason = failed_by_reason(page);
        Self {
            dialogs: count(written()),
            new_customers: count(written().filter(|dialog| dialog.is_new)),
            questions,
            replies: count(lines()) - questions,
            leads: count(page.leads.iter()),
            known_contact: count(written().filter(|dialog| dialog.lead.is_some() && !dialog.is_lead_new)),
            without_contact: count(written().filter(|dialog| dialog.lead.is_none())),
            failed: failed_by_reason.values().sum(),
            failed_by_reason,
            forms: count(
                page.turns
                    .iter()
                    .filter(|turn| matches!(turn.outcome, TurnOutcome::Failed { is_form: true, .. })),
            ),
            median_answer: percentile(&times, 50),
            slow_answer: percentile(&times, 95),
            input_tokens: page.turns.iter().map(|turn| turn.input_tokens).sum(),
            output_tokens: page.turns.iter().map(|turn| turn.output_tokens).sum(),
            gaps: count(page.gaps.iter()),
            sources: sources(written().filter(|dialog| dialog.is_new)),
            undelivered: count(lines().filter(|line| line.speaker == lost)),
            dead: count(page.dead.iter()),
            away: page.absences.iter().map(Absence::span).sum(),
        }
    }
}

fn count(items: impl Iterator) -> u64 {
    items.count() as u64
}

fn answer_times(page: &ReportPage) -> Vec<TimeDelta> {
    let answered = page.turns.iter().filter(|turn| turn.outcome == TurnOutcome::Answered);
    let mut times: Vec<TimeDelta> = answered.map(|turn| turn.took).collect();
    times.sort_unstable();
    times
}

/// The smallest of them that so many of a hundred do not exceed (nearest rank).
fn percentile(sorted: &[TimeDelta], percent: usize) -> Option<TimeDelta> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

fn failed_by_reason(page: &ReportPage) -> BTreeMap<String, u64> {
    let mut reasons = BTreeMap::new();
    for turn in &page.turns {
        if let TurnOutcome::Failed { reason, .. } = &turn.outcome {
            *reasons.entry(reason.clone()).or_default() += 1;
        }
    }
    reasons
}

fn sources<'a>(new: impl Iterator<Item = &'a ReportDialog>) -> Vec<(Option<String>, u64)> {
    let mut counts: BTreeMap<Option<String>, u64> = BTreeMap::new();
    for dialog in new {
        *counts.entry(dialog.came_from.clone()).or_default() += 1;
    }
    let mut sources: Vec<_> = counts.into_iter().collect();
    sources.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(times: &[i64]) -> Vec<TimeDelta> {
        times.iter().copied().map(TimeDelta::seconds).collect()
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
