//! What a verdict may rest on: the stand-ins' own memory on one side, the service's rows on the other.

use std::collections::BTreeMap;

use audit::{Rows, Seen};
use sandbox::{Event, Letter, RunSeen};

use super::settings::OWNER;
use super::stage::{Left, Stage, number, text};

const TO_REPORT: &str = "SELECT message FROM dialogs WHERE role = 'user' AND timestamp <= (SELECT max(created_at) \
    FROM outbox WHERE key LIKE 'report%')";

/// Both sides, after the service has ended.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) seen: Seen,
    pub(super) rows: Rows,
    /// What the model was asked.
    pub(super) runs: Vec<RunSeen>,
    /// What the model answered: conversation and text.
    pub(super) answers: Vec<(String, String)>,
    /// Where the service broke the contract of an interface.
    pub(super) violations: Vec<String>,
    /// Letters as they arrived.
    pub(super) letters: Vec<Letter>,
    /// What customers had written when the last report was asked for; `None` if nobody asked for one.
    pub(super) to_report: Option<Vec<String>>,
    /// What customers left of contacts.
    pub(super) left: Vec<Left>,
    /// The chat of each thread.
    pub(super) threads: BTreeMap<String, i64>,
    /// The updates that were open at a kill.
    pub(super) interrupted: Vec<i64>,
}

impl Evidence {
    /// Reads it all.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub(super) fn gather(stage: &Stage) -> anyhow::Result<Self> {
        let rows = Rows::read(|sql| stage.rows(sql).map(|table| table.texts()))?;
        let contacts = stage.left.iter().map(|left| (left.chat, left.contact.clone()));
        let is_reported = rows.outbox.iter().any(|row| row.key.starts_with("report"));
        let to_report = stage.rows(TO_REPORT)?.rows;
        let threads = stage.rows("SELECT thread_id, chat_id FROM threads")?.rows;
        Ok(Self {
            seen: Seen {
                contacts: contacts.collect(),
                owners: vec![OWNER.to_owned()],
                // What a reset or a flood makes pointless is stored, with its reason, and gets no answer of its own.
                excused: vec!["reset", "flood"],
                ..stage.sandbox.seen()
            },
            rows,
            runs: stage.sandbox.openai().requests(),
            answers: answers(stage),
            violations: stage.sandbox.violations(),
            letters: stage.sandbox.smtp().letters(),
            to_report: is_reported.then(|| to_report.iter().map(|row| text(row, 0)).collect()),
            left: stage.left.clone(),
            threads: threads.iter().map(|row| (text(row, 0), number(row, 1))).collect(),
            interrupted: stage.interrupted.clone(),
        })
    }
}

fn answers(stage: &Stage) -> Vec<(String, String)> {
    let entries = stage.sandbox.journal().entries().into_iter();
    let answers = entries.filter_map(|entry| match entry.event {
        Event::RunCompleted {
            conversation: Some(conversation),
            text,
        } => Some((conversation, text)),
        _ => None,
    });
    answers.collect()
}
