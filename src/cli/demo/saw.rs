//! *What you saw*: the rows and files of the service with an explanation of each.

use super::stage::{Stage, number, text};
use super::words::Both;
use crate::cli::tables::table;

/// Line breaks are replaced: one row per message.
const DIALOGS: &str = "SELECT id, user_id, turn_id AS turn, role, \
    CASE WHEN length(line) > 46 THEN substr(line, 1, 45) || '…' ELSE line END AS message, \
    CASE WHEN delivered_at IS NULL THEN '' ELSE substr(delivered_at, 12, 8) END AS delivered \
    FROM (SELECT *, replace(replace(message, char(10) || char(10), ' '), char(10), ' ') AS line FROM dialogs) ORDER BY id";

/// Without names and snapshots, which would be too wide.
const LEADS: &str = "SELECT id, user_id, source, phone, email, revision, \
    json_array_length(messages) AS messages FROM successful_dialogs ORDER BY id";

/// # Errors
/// An unreadable database.
pub(super) fn show(stage: &Stage, peak: Option<f64>) -> anyhow::Result<()> {
    let (screen, lang) = (&stage.screen, stage.lang);
    screen.title(Both("What you saw", "Что вы видели").of(lang));
    dialogs(stage)?;
    threads(stage);
    leads(stage)?;
    counts(stage)?;
    customers(stage)?;
    gaps(stage)?;
    if let Some(peak) = peak {
        let memory = Both(
            "The service used at most {} MiB of memory and was killed {}×.",
            "Сервис занимал не больше {} МиБ памяти. Сколько раз его убивали: {}.",
        );
        screen.narrate(&memory.with(lang, &[&format!("{peak:.0}"), &stage.kills]));
    }
    Ok(())
}

/// The table of dialogs.
pub(super) fn dialogs(stage: &Stage) -> anyhow::Result<()> {
    let about = Both(
        "Every message is stored before it is processed (table dialogs); rows of the same turn were answered together:",
        "Каждое сообщение сначала сохраняется (таблица dialogs); строки одного turn получили общий ответ:",
    );
    stage.screen.narrate(about.of(stage.lang));
    stage.screen.bare(&table(&stage.rows(DIALOGS)?));
    Ok(())
}

/// The contents of `threads.json`.
pub(super) fn threads(stage: &Stage) {
    let about = Both(
        "Each customer has a separate thread at OpenAI, which survives restarts (threads.json):",
        "У каждого клиента свой диалог в OpenAI, и он переживает перезапуск (threads.json):",
    );
    stage.screen.narrate(about.of(stage.lang));
    stage.screen.bare(stage.threads_file().trim_end());
}

fn leads(stage: &Stage) -> anyhow::Result<()> {
    let rows = stage.rows(LEADS)?;
    if rows.rows.is_empty() {
        return Ok(());
    }
    let about = Both(
        "Every contact is stored as a lead with a copy of the dialog (table successful_dialogs), in one transaction with \
         its email:",
        "Каждый контакт сохраняется как заявка с копией диалога (таблица successful_dialogs), в одной транзакции с \
         письмом:",
    );
    stage.screen.narrate(about.of(stage.lang));
    stage.screen.bare(&table(&rows));
    Ok(())
}

fn counts(stage: &Stage) -> anyhow::Result<()> {
    let states = |table: &str| -> anyhow::Result<String> {
        let sql = format!("SELECT state, count(*) FROM {table} GROUP BY state ORDER BY state");
        let rows = stage.rows(&sql)?.rows;
        let counts = rows.iter().map(|row| format!("{} {}", number(row, 1), text(row, 0)));
        Ok(counts.collect::<Vec<_>>().join(", "))
    };
    let about = Both(
        "Pending work is stored too. Incoming messages (inbox): {}. Replies and emails (outbox): {}.",
        "Незаконченная работа тоже хранится в базе. Входящие (inbox): {}. Ответы и письма (outbox): {}.",
    );
    let text = about.with(stage.lang, &[&states("inbox")?, &states("outbox")?]);
    stage.screen.narrate(&text);
    Ok(())
}

fn customers(stage: &Stage) -> anyhow::Result<()> {
    let rows = stage
        .rows("SELECT chat_id, source FROM customers WHERE source IS NOT NULL")?
        .rows;
    for row in &rows {
        let about = Both(
            "{} came from the link “{}” (customers.source).",
            "{}: источник «{}» (customers.source).",
        );
        let name = stage.name(number(row, 0));
        stage.screen.narrate(&about.with(stage.lang, &[&name, &text(row, 1)]));
    }
    Ok(())
}

fn gaps(stage: &Stage) -> anyhow::Result<()> {
    let rows = stage.rows("SELECT chat_id, question FROM gaps ORDER BY id")?.rows;
    for row in &rows {
        let about = Both(
            "A question the facts do not answer, for the owner (gaps): “{}”, asked by {}.",
            "Вопрос, на который нет ответа в сведениях, для владельца (gaps): «{}», спрашивает {}.",
        );
        let name = stage.name(number(row, 0));
        stage.screen.narrate(&about.with(stage.lang, &[&text(row, 1), &name]));
    }
    Ok(())
}
