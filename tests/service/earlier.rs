//! Compatibility with the database of an earlier version: `tests/fixtures/rows.sql`, with rows of every state, kind and
//! reason, and its `threads.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::TimeDelta;
use chrono_tz::Europe;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use sandbox::{Answer, Run};
use serde_json::json;

use crate::harness::saving::saving;
use crate::harness::{Builder, OWNER, TestService, deliveries, rows};

const ROWS: &str = include_str!("../fixtures/rows.sql");
const THREADS: &str = include_str!("../fixtures/threads.json");
/// Time of the last row, in seconds since 1970.
const WRITTEN: i64 = 1_790_058_090;

/// Pending rows.
const WAITING: &str = "SELECT id FROM inbox WHERE state = 'pending' ORDER BY id";
const UNDELIVERED: &str = "SELECT id FROM outbox WHERE state IN ('scheduled', 'executing', 'retryable') ORDER BY id";
/// Finished rows, which must not change; an edit is passed to the model with the next message.
const ENDED: [(&str, &str); 2] = [
    (
        "inbox",
        "SELECT id FROM inbox WHERE state != 'pending' AND NOT (reason IS 'edited' AND turn_id IS NULL)",
    ),
    (
        "outbox",
        "SELECT id FROM outbox WHERE state IN ('completed', 'cancelled', 'dead')",
    ),
];

/// Every stored state, kind and reason, every key of a value and of stored JSON, and the forms of keys and lanes.
fn stored_words(sql: impl Fn(&str) -> Vec<String>) -> BTreeSet<String> {
    const WORDS: &str = "SELECT 'inbox ' || state || ' ' || COALESCE(reason, '-') FROM inbox \
         UNION SELECT 'outbox ' || state FROM outbox \
         UNION SELECT 'dialogs ' || role || ' ' || kind FROM dialogs \
         UNION SELECT 'threads ' || COALESCE(end_reason, '-') FROM threads \
         UNION SELECT 'leads ' || source FROM successful_dialogs \
         UNION SELECT 'untold ' || untold_lead FROM customers WHERE untold_lead IS NOT NULL \
         UNION SELECT 'effects ' || tool FROM tool_effects \
         UNION SELECT 'absences ' || kind FROM absences \
         UNION SELECT 'meta ' || key FROM meta \
         UNION SELECT 'meta ' || meta.key || ' ' || tree.key FROM meta, json_tree(CASE meta.key WHEN 'recovery' THEN meta.value ELSE '{}' END) AS tree \
             WHERE typeof(tree.key) = 'text' \
         UNION SELECT 'facts ' || tree.key FROM successful_dialogs, json_tree(contact_info) AS tree WHERE typeof(tree.key) = 'text' \
         UNION SELECT 'dialog ' || tree.key FROM successful_dialogs, json_tree(messages) AS tree WHERE typeof(tree.key) = 'text' \
         UNION SELECT 'payload ' || tree.key FROM successful_dialogs, json_tree(COALESCE(letter, '{}')) AS tree \
             WHERE typeof(tree.key) = 'text' \
         UNION SELECT 'payload ' || tree.key FROM outbox, json_tree(CASE WHEN json_valid(payload) THEN payload ELSE '{}' END) AS tree \
             WHERE typeof(tree.key) = 'text'";
    let mut all: BTreeSet<String> = sql(WORDS).into_iter().collect();
    for column in ["outbox.key", "outbox.lane", "inbox.key"] {
        let (table, name) = column.split_once('.').unwrap();
        let keys = sql(&format!("SELECT {name} FROM {table}"));
        all.extend(keys.iter().map(|key| format!("{column} {}", form(key))));
    }
    all
}

/// A key without its numbers and addresses: `reply:#:#`.
fn form(key: &str) -> String {
    let parts = key.split(':').map(|part| {
        let is_number = part.parse::<i64>().is_ok() || part.len() == 32;
        if is_number || part.contains('@') { "#" } else { part }
    });
    parts.collect::<Vec<_>>().join(":")
}

/// Makes the tool calls of the interrupted turns.
fn model(run: &Run) -> Answer {
    if run.tool_outputs.is_empty() && run.last_user_text.contains("парковка") && run.may_call("report_gap") {
        let arguments = json!({"question": "Есть ли парковка?"});
        return Answer::Call {
            name: "report_gap".into(),
            arguments,
        };
    }
    saving(run)
}

/// The parts of the database that matter at the next start.
struct Left {
    /// Ids of pending rows and of unfinished deliveries, joined by commas.
    waiting: String,
    undelivered: String,
    newest_delivery: String,
    /// Finished rows, unchanged.
    ended: [(String, Vec<String>); 2],
    /// How often each delivery may have been sent at the restart: claimed ones count once more.
    marks: Vec<String>,
    effects: Vec<String>,
    stored_words: BTreeSet<String>,
}

const EFFECTS: &str = "SELECT (SELECT COUNT(*) FROM gaps), (SELECT COUNT(*) FROM tool_effects)";

impl Left {
    fn of(sql: impl Fn(&str) -> Vec<String>) -> Self {
        let undelivered = sql(UNDELIVERED).join(",");
        let marks = "SELECT id, maybe_sent + (state = 'executing') FROM outbox";
        let ended = ENDED.map(|(table, ids)| {
            let columns = sql(&format!(
                "SELECT '\"' || name || '\"' FROM pragma_table_info('{table}')"
            ))
            .join(",");
            let rows = format!("SELECT {columns} FROM {table} WHERE id IN ({})", sql(ids).join(","));
            (rows.clone(), sql(&rows))
        });
        Self {
            waiting: sql(WAITING).join(","),
            newest_delivery: sql("SELECT MAX(id) FROM outbox").join(""),
            marks: sql(&format!("{marks} WHERE id IN ({undelivered})")),
            undelivered,
            ended,
            effects: sql(EFFECTS),
            stored_words: stored_words(&sql),
        }
    }

    fn is_answered_once(&self, service: &TestService) {
        let rows = format!("FROM inbox WHERE id IN ({})", self.waiting);
        let ends = service.sql(&format!(
            "SELECT state, reason, turn_id IS NULL, COUNT(*) {rows} GROUP BY 1, 2, 3"
        ));
        assert_eq!(ends, [format!("done||0|{}", self.waiting.split(',').count())]);
        let replies = format!(
            "SELECT turn_id, COUNT(*) FROM dialogs WHERE role = 'assistant' AND turn_id IN (SELECT turn_id {rows}) GROUP BY 1"
        );
        let once = service.sql(&format!("SELECT DISTINCT turn_id, 1 {rows} ORDER BY 1"));
        assert_eq!(service.sql(&replies), once);
        assert_eq!(service.sql(EFFECTS), self.effects, "tool calls are not repeated");
    }

    fn is_delivered_once(&self, service: &TestService) {
        let rows = format!("FROM outbox WHERE id IN ({})", self.undelivered);
        let ends = service.sql(&format!("SELECT state, reason, COUNT(*) {rows} GROUP BY 1, 2"));
        assert_eq!(ends, [format!("completed||{}", self.undelivered.split(',').count())]);
        assert_eq!(service.sql(&format!("SELECT id, maybe_sent {rows}")), self.marks);
        let sent = format!(
            "FROM outbox WHERE state = 'completed' AND (id IN ({}) OR id > {})",
            self.undelivered, self.newest_delivery
        );
        let messages = format!("{sent} AND lane LIKE 'tg:%' AND key NOT LIKE 'notice:leave%' GROUP BY 1");
        let mut came: BTreeMap<String, usize> = BTreeMap::new();
        for (chat, _) in deliveries(service.sandbox()) {
            *came.entry(chat.to_string()).or_default() += 1;
        }
        assert_eq!(came, counts(service, &format!("SELECT chat_id, COUNT(*) {messages}")));
        let letters = counts(
            service,
            &format!("SELECT address, COUNT(*) {sent} AND address IS NOT NULL GROUP BY 1"),
        );
        for (address, count) in letters {
            let letters = service.sandbox().smtp().letters_to(&address);
            assert_eq!(letters.len(), count, "{address}");
            for letter in letters {
                let parts = [Some(letter.subject), letter.text, letter.html];
                let has_words = |part: &Option<String>| part.as_ref().is_some_and(|part| !part.trim().is_empty());
                assert!(parts.iter().all(has_words), "{address}: {parts:?}");
            }
        }
    }
}

fn counts(service: &TestService, sql: &str) -> BTreeMap<String, usize> {
    let rows = service.sql(sql).into_iter();
    let pairs = rows.filter_map(|row| Some((row.split_once('|')?.0.to_owned(), row.split_once('|')?.1.parse().ok()?)));
    pairs.collect()
}

/// A service with those files, not started yet.
fn on_what_was_left() -> Builder {
    let builder = TestService::builder()
        .running_clock()
        .reports_at_nine(Europe::Moscow)
        .script(model);
    let builder = builder.starting_at(WRITTEN);
    let mut conn = SqliteConnection::establish(&database(&builder).to_string_lossy()).unwrap();
    conn.batch_execute(ROWS).unwrap();
    std::fs::write(builder.folder().join("threads.json"), THREADS).unwrap();
    let chats = "SELECT chat_id FROM customers UNION SELECT chat_id FROM outbox WHERE chat_id != 0";
    for chat in rows(&database(&builder), chats) {
        builder.sandbox().telegram().opened(chat.parse().unwrap());
    }
    builder
}

fn database(builder: &Builder) -> PathBuf {
    builder.folder().join("frontdesk.db")
}

#[actix_rt::test]
async fn pending_rows_of_an_earlier_version_are_processed_once() {
    let builder = on_what_was_left();
    let left = Left::of(|sql| rows(&database(&builder), sql));
    let service = builder.start().await;
    service.advancing(TimeDelta::minutes(1), service.settles()).await;
    left.is_answered_once(&service);
    left.is_delivered_once(&service);
    assert!(service.telegram().left(-2_001));
    for (sql, before) in &left.ended {
        assert_eq!(service.sql(sql), *before, "finished rows do not change");
    }

    let mut events = service.listen();
    let letters = service.sandbox().smtp().letters_to(OWNER).len();
    service.advance(TimeDelta::hours(24));
    service.logs_event(&mut events, "report_queued").await;
    service.letters_to(OWNER, letters + 1).await;
    service.settles().await;
    let now = stored_words(|sql| service.sql(sql));
    let unheard: Vec<&String> = now.difference(&left.stored_words).collect();
    assert_eq!(unheard, [""; 0], "written in another way than an earlier version did");
}

#[actix_rt::test]
async fn the_threads_file_of_an_earlier_version_keeps_its_format() {
    let mut service = on_what_was_left().start().await;
    service.advancing(TimeDelta::minutes(1), service.settles()).await;
    service.stop();
    let mirror = std::fs::read_to_string(service.folder().join("threads.json")).unwrap();
    let kept = THREADS
        .lines()
        .filter(|line| mirror.contains(line.trim_end_matches(',')));
    assert_eq!(kept.count(), 5, "three threads within braces: {mirror}");
}
