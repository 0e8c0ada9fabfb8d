//! What the service knows, read from its rows when the last life is over.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use frontdesk::db::read_only::{Cell, query};

/// A row of the outbox for a chat.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) id: i64,
    pub(super) key: String,
    pub(super) chat: i64,
    pub(super) state: String,
    pub(super) maybe_sent: usize,
    pub(super) text: String,
}

/// A row of the outbox for an owner.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    /// In lower case.
    pub(super) address: String,
    /// What its Message-ID begins with.
    pub(super) name: String,
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
    pub(super) fn read(database: &Path) -> anyhow::Result<Self> {
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
        let mut outbox = Vec::new();
        for row in
            rows("SELECT id, key, chat_id, state, maybe_sent, payload FROM outbox WHERE address IS NULL ORDER BY id")?
        {
            outbox.push(Sent {
                id: row[0].parse()?,
                key: row[1].clone(),
                chat: row[2].parse()?,
                state: row[3].clone(),
                maybe_sent: row[4].parse()?,
                text: reply_text(&row[5])?,
            });
        }
        let letters = rows("SELECT id, address, state, maybe_sent, payload FROM outbox WHERE address IS NOT NULL")?;
        let letters = letters.into_iter().map(|row| {
            Ok(Posted {
                address: row[1].to_ascii_lowercase(),
                name: letter_name(&row[4], &row[0])?,
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

/// What the service's Message-ID of a letter begins with: a letter that comes again is known by it.
fn letter_name(payload: &str, id: &str) -> anyhow::Result<String> {
    let payload: serde_json::Value = serde_json::from_str(payload)?;
    let letter = &payload["letter"]["letter"];
    let kind = letter.as_object().and_then(|letter| letter.keys().next());
    Ok(match kind.context("a letter is of a kind")?.as_str() {
        "lead" => format!("lead-{}.{}", letter["lead"]["lead"], letter["lead"]["revision"]),
        "report" if letter["report"]["occasion"] == "due" => {
            format!("report-{}", letter["report"]["period"]["report"])
        }
        "report" => format!("report-extra-{id}"),
        kind => format!("{kind}-{id}"),
    })
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
