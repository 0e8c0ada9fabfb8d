//! The evidence for the verdict: the records of the stand-ins and the rows of the service.

use std::collections::BTreeMap;

use audit::{Rows, Seen};
use sandbox::{Event, Letter, RunSeen};

use super::settings::OWNER;
use super::stage::{Left, Stage, number, text};

const TO_REPORT: &str = "SELECT message FROM dialogs WHERE role = 'user' AND timestamp <= (SELECT max(created_at) \
    FROM outbox WHERE key LIKE 'report%')";

/// Collected after the service has ended.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) seen: Seen,
    pub(super) rows: Rows,
    /// Requests to the model.
    pub(super) runs: Vec<RunSeen>,
    /// Answers of the model: conversation and text.
    pub(super) answers: Vec<(String, String)>,
    /// Protocol violations by the service.
    pub(super) violations: Vec<String>,
    /// Delivered letters.
    pub(super) letters: Vec<Letter>,
    /// Customer messages before the last report was requested; `None` without a request.
    pub(super) to_report: Option<Vec<String>>,
    /// Contacts left by customers.
    pub(super) left: Vec<Left>,
    /// The chat of each thread.
    pub(super) threads: BTreeMap<String, i64>,
    /// Updates in progress at a kill.
    pub(super) interrupted: Vec<i64>,
}

impl Evidence {
    /// # Errors
    /// An unreadable database.
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
                // Stored with the reason, and not answered one by one.
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
