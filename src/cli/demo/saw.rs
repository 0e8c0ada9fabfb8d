//! *What you saw*: the rows and files the service leaves, each with what it is good for.

use super::stage::{Stage, number, text};
use super::words::Both;
use crate::cli::tables::table;

/// Every word in one line each; line ends would tear the table apart.
const DIALOGS: &str = "SELECT id, user_id, turn_id AS turn, role, \
    CASE WHEN length(line) > 46 THEN substr(line, 1, 45) || '…' ELSE line END AS message, \
    CASE WHEN delivered_at IS NULL THEN '' ELSE substr(delivered_at, 12, 8) END AS delivered \
    FROM (SELECT *, replace(replace(message, char(10) || char(10), ' '), char(10), ' ') AS line FROM dialogs) ORDER BY id";

/// Names and snapshots would make the table too wide.
const LEADS: &str = "SELECT id, user_id, source, phone, email, revision, \
    json_array_length(messages) AS messages FROM successful_dialogs ORDER BY id";

/// Tells it all.
///
/// # Errors
/// A database that cannot be read.
pub(super) fn tell(stage: &Stage, peak: Option<f64>) -> anyhow::Result<()> {
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
            "The service's process needed {} MiB of memory at most; it was killed {}×.",
            "Процесс сервиса занимал не больше {} МиБ памяти. Сколько раз его убивали: {}.",
        );
        screen.narrate(&memory.with(lang, &[&format!("{peak:.0}"), &stage.kills]));
    }
    Ok(())
}

/// The table of dialogs, also for the visitor who asks for it.
pub(super) fn dialogs(stage: &Stage) -> anyhow::Result<()> {
    let about = Both(
        "Every word is a row before anything else happens (dialogs); rows of one turn were answered together:",
        "Каждое слово сначала становится строкой (dialogs); строки одного turn получили общий ответ:",
    );
    stage.screen.narrate(about.of(stage.lang));
    stage.screen.bare(&table(&stage.rows(DIALOGS)?));
    Ok(())
}

/// The mirror of threads, also for the visitor who asks for it.
pub(super) fn threads(stage: &Stage) {
    let about = Both(
        "Each customer has a thread of his own at OpenAI, and it survives restarts (threads.json):",
        "У каждого клиента своя беседа в OpenAI, и она переживает перезапуск (threads.json):",
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
        "A left contact is a row too, with the dialog as it was (successful_dialogs); its letter is written by the same \
         transaction:",
        "Оставленный контакт тоже строка, вместе с разговором (successful_dialogs); его письмо записывает та же \
         транзакция:",
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
        "Work that is owed is a row too. Messages in (inbox): {}. Replies and letters out (outbox): {}.",
        "Долги тоже строки. Входящие (inbox): {}. Ответы и письма (outbox): {}.",
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
            "{} came through the link “{}” (customers.source).",
            "{}: по ссылке «{}» (customers.source).",
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
            "Not answered by the facts, for the owner to add (gaps): “{}”, asked by {}.",
            "Нет в фактах, владельцу на заметку (gaps): «{}», спрашивает {}.",
        );
        let name = stage.name(number(row, 0));
        stage.screen.narrate(&about.with(stage.lang, &[&text(row, 1), &name]));
    }
    Ok(())
}
