//! Turns answered in a period, and counts of those beyond the list.

use std::collections::BTreeMap;

use chrono::TimeDelta;

/// A turn that got a reply in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportTurn {
    /// The outcome.
    pub outcome: TurnOutcome,
    /// From the arrival of the first message it answers to its reply being stored.
    pub took: TimeDelta,
    /// Tokens read by the model.
    pub input_tokens: i64,
    /// Tokens written by it.
    pub output_tokens: i64,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnOutcome {
    /// The model answered.
    Answered,
    /// Answered by the service without the model: a command, media, thanks for a contact.
    Service,
    /// The model did not answer.
    Failed {
        /// `inbox.reason`: one word.
        reason: String,
        /// The customer was asked for a contact instead of an answer.
        is_form: bool,
    },
}

/// Turns that are only counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TurnsBeyond {
    /// Those the model did not answer, by the word of their reason.
    pub failed_by_reason: BTreeMap<String, u64>,
    /// How often the customer was asked for a contact.
    pub forms: u64,
    /// Answers by the whole seconds they took.
    pub answers: BTreeMap<i64, u64>,
    /// Tokens the model read.
    pub input_tokens: i64,
    /// Tokens it wrote.
    pub output_tokens: i64,
}

impl TurnsBeyond {
    /// Longer ones count as this: a week.
    const LONGEST: i64 = 7 * 24 * 3_600;

    /// Counts a turn.
    pub fn add(&mut self, turn: ReportTurn) {
        match turn.outcome {
            TurnOutcome::Answered => {
                let seconds = turn.took.num_seconds().clamp(0, Self::LONGEST);
                *self.answers.entry(seconds).or_default() += 1;
            }
            TurnOutcome::Failed { reason, is_form } => {
                *self.failed_by_reason.entry(reason).or_default() += 1;
                self.forms += u64::from(is_form);
            }
            TurnOutcome::Service => {}
        }
        self.input_tokens += turn.input_tokens;
        self.output_tokens += turn.output_tokens;
    }
}
