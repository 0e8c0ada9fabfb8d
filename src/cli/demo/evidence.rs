//! What a verdict may rest on: the stand-ins' own memory on one side, the service's rows on the other.

use std::collections::BTreeMap;

use sandbox::{Event, Letter, Reply, RunSeen};

use super::stage::{Left, Stage};
use crate::db::read_only::{Cell, Table};

const OUTBOX: &str = "SELECT key, chat_id, state, maybe_sent, remote_id FROM outbox";
const LEADS: &str = "SELECT id, user_id, contact_info, messages, revision FROM successful_dialogs ORDER BY id";

const TO_REPORT: &str = "SELECT message FROM dialogs WHERE role = 'user' AND timestamp <= (SELECT max(created_at) \
    FROM outbox WHERE key LIKE 'report%')";

/// Both sides, after the service has ended.
pub(super) struct Evidence {
    /// What customers wrote, as Telegram took it.
    pub(super) said: Vec<Said>,
    /// What customers got, by chat, in order.
    pub(super) got: BTreeMap<i64, Vec<Reply>>,
    /// What the model was asked.
    pub(super) runs: Vec<RunSeen>,
    /// What the model answered: conversation and text.
    pub(super) answers: Vec<(String, String)>,
    /// Where the service broke the contract of an interface.
    pub(super) violations: Vec<String>,
    pub(super) inbox: Vec<InboxRow>,
    /// Replies and notices.
    pub(super) outbox: Vec<OutboxRow>,
    /// Letters as the rows know them, and as they arrived.
    pub(super) letters_out: Vec<OutboxRow>,
    pub(super) letters: Vec<Letter>,
    /// Letters that arrived once more, by their Message-ID.
    pub(super) doubles: usize,
    pub(super) leads: Vec<LeadRow>,
    /// What customers had written when the last report was asked for.
    pub(super) to_report: Vec<String>,
    /// What customers left of contacts.
    pub(super) left: Vec<Left>,
    pub(super) dialogs: Vec<DialogRow>,
    /// The chat of each thread.
    pub(super) threads: BTreeMap<String, i64>,
    /// Messages that were open at a kill: chat and message id.
    pub(super) interrupted: Vec<(i64, i64)>,
}

/// A message of a customer.
pub(super) struct Said {
    pub(super) update: i64,
    pub(super) chat: i64,
    pub(super) text: String,
}

/// One update.
pub(super) struct InboxRow {
    pub(super) update: i64,
    pub(super) chat: i64,
    pub(super) message: i64,
    pub(super) state: String,
    pub(super) turn: i64,
}

/// One message part to a customer, or one letter.
pub(super) struct OutboxRow {
    pub(super) key: String,
    pub(super) chat: i64,
    pub(super) state: String,
    pub(super) maybe_sent: i64,
    pub(super) remote: i64,
}

/// One row of `successful_dialogs`.
pub(super) struct LeadRow {
    pub(super) id: i64,
    pub(super) chat: i64,
    pub(super) contact: String,
    pub(super) messages: String,
    pub(super) revision: i64,
}

/// One side's words.
pub(super) struct DialogRow {
    pub(super) chat: i64,
    pub(super) role: String,
    pub(super) message: String,
    pub(super) turn: i64,
}

impl Evidence {
    /// Reads it all.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub(super) fn gather(stage: &Stage) -> anyhow::Result<Self> {
        let said = said(stage);
        let chats: std::collections::BTreeSet<i64> = said.iter().map(|said| said.chat).collect();
        let telegram = stage.sandbox.telegram();
        let threads = stage.rows("SELECT thread_id, chat_id FROM threads")?;
        Ok(Self {
            said,
            got: chats.iter().map(|chat| (*chat, telegram.replies(*chat))).collect(),
            runs: stage.sandbox.openai().requests(),
            answers: answers(stage),
            violations: stage.sandbox.violations(),
            inbox: inbox(&stage.rows("SELECT update_id, chat_id, message_id, state, turn_id FROM inbox ORDER BY id")?),
            outbox: outbox(&stage.rows(&format!("{OUTBOX} WHERE address IS NULL ORDER BY id"))?),
            letters_out: outbox(&stage.rows(&format!("{OUTBOX} WHERE address IS NOT NULL ORDER BY id"))?),
            letters: stage.sandbox.smtp().letters(),
            doubles: stage.sandbox.smtp().doubles().len(),
            leads: leads(&stage.rows(LEADS)?),
            to_report: stage.rows(TO_REPORT)?.rows.iter().map(|row| text(row, 0)).collect(),
            left: stage.left.clone(),
            dialogs: dialogs(&stage.rows("SELECT user_id, role, message, turn_id FROM dialogs ORDER BY id")?),
            threads: threads.rows.iter().map(|row| (text(row, 0), number(row, 1))).collect(),
            interrupted: stage.interrupted.clone(),
        })
    }

    /// The parts that were sent for a turn.
    pub(super) fn parts_of(&self, turn: i64) -> impl Iterator<Item = &OutboxRow> {
        let prefix = format!("reply:{turn}:");
        self.outbox.iter().filter(move |row| row.key.starts_with(&prefix))
    }
}

fn said(stage: &Stage) -> Vec<Said> {
    let entries = stage.sandbox.journal().entries().into_iter();
    let said = entries.filter_map(|entry| match entry.event {
        Event::UpdateQueued {
            update_id: Some(update),
            chat: Some(chat),
            text,
        } => Some(Said { update, chat, text }),
        _ => None,
    });
    said.collect()
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

fn inbox(table: &Table) -> Vec<InboxRow> {
    let row = |row: &Vec<Cell>| InboxRow {
        update: number(row, 0),
        chat: number(row, 1),
        message: number(row, 2),
        state: text(row, 3),
        turn: number(row, 4),
    };
    table.rows.iter().map(row).collect()
}

fn outbox(table: &Table) -> Vec<OutboxRow> {
    let row = |row: &Vec<Cell>| OutboxRow {
        key: text(row, 0),
        chat: number(row, 1),
        state: text(row, 2),
        maybe_sent: number(row, 3),
        remote: number(row, 4),
    };
    table.rows.iter().map(row).collect()
}

fn leads(table: &Table) -> Vec<LeadRow> {
    let row = |row: &Vec<Cell>| LeadRow {
        id: number(row, 0),
        chat: number(row, 1),
        contact: text(row, 2),
        messages: text(row, 3),
        revision: number(row, 4),
    };
    table.rows.iter().map(row).collect()
}

fn dialogs(table: &Table) -> Vec<DialogRow> {
    let row = |row: &Vec<Cell>| DialogRow {
        chat: number(row, 0),
        role: text(row, 1),
        message: text(row, 2),
        turn: number(row, 3),
    };
    table.rows.iter().map(row).collect()
}

/// A column's number; 0 where there is none, which is no id of anything.
pub(super) fn number(row: &[Cell], column: usize) -> i64 {
    match row.get(column) {
        Some(Cell::Integer(number)) => *number,
        _ => 0,
    }
}

/// A column's text, empty where there is none.
pub(super) fn text(row: &[Cell], column: usize) -> String {
    match row.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    }
}
