//! What the service knows, read from its rows when the last life is over.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use frontdesk::db::read_only::{Cell, query};

use super::ledger::Delivered;

/// A row of the outbox for a chat.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) id: i64,
    pub(super) key: String,
    pub(super) chat: i64,
    pub(super) state: String,
    pub(super) maybe_sent: usize,
    /// What was to be said; of a row that has left, what the message with its id said.
    pub(super) text: String,
}

/// A row of the outbox for an owner.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    /// In lower case.
    pub(super) address: String,
    /// What its idempotency key begins with: the kind of letter, and the lead it is about.
    pub(super) about: String,
    pub(super) state: String,
    /// How often it may have come once more.
    pub(super) maybe_sent: usize,
}

/// A row of the inbox.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    pub(super) id: i64,
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) turn: Option<i64>,
}

/// Everything that is judged.
#[derive(Default)]
pub(super) struct Rows {
    /// By the number of its update.
    pub(super) inbox: BTreeMap<i64, Taken>,
    pub(super) outbox: Vec<Sent>,
    pub(super) letters: Vec<Posted>,
    /// Customer and phone of each lead.
    pub(super) leads: Vec<(i64, String)>,
    /// First and last line of dialog of each closed period, and how many of its letters there are.
    pub(super) reports: Vec<(i64, i64)>,
    pub(super) report_letters: usize,
    /// Customers' lines of dialog, with the number of the update that brought each.
    pub(super) lines: Vec<(i64, String)>,
}

impl Rows {
    pub(super) fn read(database: &Path, delivered: &[Delivered]) -> anyhow::Result<Self> {
        let rows = |sql: &str| -> anyhow::Result<Vec<Vec<String>>> {
            let table = query(database, sql)?;
            let text = |cells: &Vec<Cell>| cells.iter().map(text).collect();
            Ok(table.rows.iter().map(text).collect())
        };
        let mut inbox = BTreeMap::new();
        for row in rows("SELECT update_id, id, state, reason, turn_id FROM inbox")? {
            let taken = Taken {
                id: row[1].parse()?,
                state: row[2].clone(),
                reason: row[3].clone(),
                turn: row[4].parse().ok(),
            };
            inbox.insert(row[0].parse()?, taken);
        }
        let said: BTreeMap<(i64, i64), &str> = delivered
            .iter()
            .map(|one| ((one.chat, one.message), one.text.as_str()))
            .collect();
        let mut outbox = Vec::new();
        let replies = "SELECT id, key, chat_id, state, maybe_sent, payload, remote_id FROM outbox \
                       WHERE address IS NULL ORDER BY id";
        for row in rows(replies)? {
            let chat = row[2].parse()?;
            // A payload goes with the end of its row; the message that left is known by its id.
            let text = match row[6].parse() {
                Ok(message) => said.get(&(chat, message)).copied().unwrap_or_default().to_owned(),
                Err(_) if row[5].is_empty() => String::new(),
                Err(_) => reply_text(&row[5])?,
            };
            outbox.push(Sent {
                id: row[0].parse()?,
                key: row[1].clone(),
                chat,
                state: row[3].clone(),
                maybe_sent: row[4].parse()?,
                text,
            });
        }
        let letters = rows("SELECT key, address, state, maybe_sent FROM outbox WHERE address IS NOT NULL ORDER BY id")?;
        let letters = letters.into_iter().map(|row| {
            Ok(Posted {
                address: row[1].to_ascii_lowercase(),
                about: about(&row[0]),
                state: row[2].clone(),
                maybe_sent: row[3].parse()?,
            })
        });
        let single = |sql: &str| -> anyhow::Result<usize> {
            let rows = rows(sql)?;
            Ok(rows.first().context("one row")?[0].parse()?)
        };
        let leads = rows("SELECT user_id, phone FROM successful_dialogs")?.into_iter();
        let leads = leads.map(|row| Ok((row[0].parse()?, row[1].clone())));
        let periods = rows("SELECT after_dialog, upto_dialog FROM reports WHERE due_at IS NOT NULL ORDER BY id")?;
        let periods = periods.into_iter().map(|row| Ok((row[0].parse()?, row[1].parse()?)));
        let lines =
            rows("SELECT update_id, message FROM dialogs JOIN inbox ON inbox.id = inbox_id WHERE role = 'user'")?;
        let lines = lines.into_iter().map(|row| Ok((row[0].parse()?, row[1].clone())));
        Ok(Self {
            inbox,
            outbox,
            letters: letters.collect::<anyhow::Result<_>>()?,
            leads: leads.collect::<anyhow::Result<_>>()?,
            reports: periods.collect::<anyhow::Result<_>>()?,
            report_letters: single("SELECT COUNT(*) FROM outbox WHERE key LIKE 'report:%' AND state = 'completed'")?,
            lines: lines.collect::<anyhow::Result<_>>()?,
        })
    }

    /// How many turns there were.
    pub(super) fn turns(&self) -> usize {
        let first = |taken: &&Taken| taken.turn == Some(taken.id);
        self.inbox.values().filter(first).count()
    }

    /// Turns that ended politely without an answer, by reason.
    pub(super) fn failed(&self) -> BTreeMap<String, usize> {
        let mut failed = BTreeMap::new();
        for taken in self.inbox.values().filter(|taken| taken.state == "failed") {
            *failed.entry(taken.reason.clone()).or_default() += 1;
        }
        failed
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

fn reply_text(payload: &str) -> anyhow::Result<String> {
    let payload: serde_json::Value = serde_json::from_str(payload)?;
    let found = find_text(&payload).context("a message to a chat has a text")?;
    Ok(found.to_owned())
}

/// `lead:7:2:ADDRESS` is about `lead-7`; of other kinds the kind is all that key and Message-ID have in common.
fn about(key: &str) -> String {
    let mut parts = key.split(':');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("lead", Some(lead)) => format!("lead-{lead}"),
        (kind, _) => kind.to_owned(),
    }
}

/// The payload is the service's own: only that the text is called `text` is known here.
fn find_text(value: &serde_json::Value) -> Option<&str> {
    match value {
        serde_json::Value::Object(members) => match members.get("text") {
            Some(serde_json::Value::String(text)) => Some(text),
            _ => members.values().find_map(find_text),
        },
        _ => None,
    }
}
