//! What must be nothing at the end of every story.

use std::fmt;

use super::plan::Plan;
use super::story::{ANNA, dialogs};
use crate::harness::{OWNER, ServiceProcess, without_apology};

/// Counted faults; all are to be zero.
#[derive(Debug, Default)]
pub struct Zeros {
    lost: u64,
    out_of_order: u64,
    in_the_wrong_chat: u64,
    leads_lost: u64,
    letters_lost: u64,
    unmarked_doubles: u64,
    unfinished_rows: u64,
    /// Rows of the dialogs, gaps and periods that are not there exactly once.
    miscounted_rows: u64,
    /// Where and what.
    evidence: Vec<String>,
}

impl Zeros {
    fn figures(&self) -> [(&'static str, u64); 8] {
        [
            ("lost", self.lost),
            ("out of order", self.out_of_order),
            ("in the wrong chat", self.in_the_wrong_chat),
            ("leads lost", self.leads_lost),
            ("letters lost", self.letters_lost),
            ("unmarked doubles", self.unmarked_doubles),
            ("unfinished rows", self.unfinished_rows),
            ("miscounted rows", self.miscounted_rows),
        ]
    }

    /// All are zero.
    pub fn are_kept(&self) -> bool {
        self.figures().iter().all(|(_, count)| *count == 0)
    }

    /// Those of another story as well.
    pub fn add(&mut self, other: &Self) {
        self.lost += other.lost;
        self.out_of_order += other.out_of_order;
        self.in_the_wrong_chat += other.in_the_wrong_chat;
        self.leads_lost += other.leads_lost;
        self.letters_lost += other.letters_lost;
        self.unmarked_doubles += other.unmarked_doubles;
        self.unfinished_rows += other.unfinished_rows;
        self.miscounted_rows += other.miscounted_rows;
        self.evidence.extend(other.evidence.iter().cloned());
    }
}

impl fmt::Display for Zeros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = self.figures().map(|(name, count)| format!("{name} {count}"));
        f.write_str(&figures.join(", "))
    }
}

/// A length as a figure.
pub fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap()
}

/// The zeros of a story that is over.
pub fn of(service: &ServiceProcess, plan: &Plan) -> Zeros {
    let mut zeros = Zeros::default();
    for (chat, _) in dialogs() {
        look_into_chat(service, chat, &mut zeros);
        look_into_dialogs(service, chat, &mut zeros);
    }
    look_for_doubles(service, &mut zeros);
    look_for_letters(service, &mut zeros);
    look_into_rows(service, &mut zeros);
    if !zeros.are_kept() {
        zeros.evidence.insert(0, format!("{plan:?}"));
        eprintln!("{plan:?}: {zeros:#?}");
    }
    zeros
}

/// What a customer got: everything once and in order, but that the same may come twice in a row.
fn look_into_chat(service: &ServiceProcess, chat: i64, zeros: &mut Zeros) {
    let all = dialogs();
    let (_, own) = all.iter().find(|(customer, _)| *customer == chat).unwrap();
    let expected: Vec<&String> = own.iter().flat_map(|(_, parts)| parts).collect();
    let replies = service.sandbox().telegram().replies(chat);
    let got: Vec<&str> = replies.iter().map(|reply| without_apology(&reply.text)).collect();
    let lost = expected.iter().filter(|text| !got.contains(&text.as_str()));
    zeros.lost += count(lost.count());
    let foreign = got.iter().filter(|text| !expected.iter().any(|own| own == *text));
    zeros.in_the_wrong_chat += count(foreign.count());
    let mut once = got.clone();
    once.dedup();
    if once != expected {
        zeros.out_of_order += 1;
        zeros.evidence.push(format!("chat {chat} got {}", shortened(&got)));
    }
}

fn shortened(texts: &[&str]) -> String {
    let heads = texts.iter().map(|text| text.chars().take(40).collect::<String>());
    format!("{:?}", heads.collect::<Vec<_>>())
}

/// Every word of the dialog is a row, once and in order.
fn look_into_dialogs(service: &ServiceProcess, chat: i64, zeros: &mut Zeros) {
    let all = dialogs();
    let (_, own) = all.iter().find(|(customer, _)| *customer == chat).unwrap();
    let expected: Vec<String> = own
        .iter()
        .flat_map(|(said, parts)| [format!("user|{said}"), format!("assistant|{}", parts.join("\n\n"))])
        .collect();
    let sql = format!("SELECT role, message FROM dialogs WHERE user_id = {chat} ORDER BY id");
    same(
        &sql,
        &service.sql(&sql),
        &expected,
        &mut zeros.miscounted_rows,
        &mut zeros.evidence,
    );
}

fn same(sql: &str, found: &[String], expected: &[String], zero: &mut u64, evidence: &mut Vec<String>) {
    if found != expected {
        *zero += 1;
        evidence.push(format!("{sql}: {found:?}"));
    }
}

/// What came again must be marked at least as often as it came again.
fn look_for_doubles(service: &ServiceProcess, zeros: &mut Zeros) {
    let (all, unmarked) = service.doubles();
    let letters = service.unmarked_letters();
    zeros.unmarked_doubles += count(unmarked.len() + letters.len());
    let marks = service.sql("SELECT COALESCE(SUM(maybe_sent), 0) FROM outbox WHERE address IS NULL");
    if count(all) > marks[0].parse().unwrap() {
        zeros.unmarked_doubles += 1;
        zeros.evidence.push(format!("{all} doubles, {marks:?} marks"));
    }
    zeros.evidence.extend(
        unmarked
            .iter()
            .map(|(chat, _)| format!("an unmarked double in chat {chat}")),
    );
    zeros
        .evidence
        .extend(letters.iter().map(|(id, _)| format!("an unmarked letter {id}")));
}

/// One letter of the lead, one report; each as often as it likes under its one name.
fn look_for_letters(service: &ServiceProcess, zeros: &mut Zeros) {
    let letters = service.sandbox().smtp().letters_to(OWNER);
    let mut ids: Vec<&str> = letters
        .iter()
        .filter_map(|letter| letter.message_id.as_deref())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let kinds: Vec<&str> = ids.iter().filter_map(|id| id.split('-').next()).collect();
    let tells = |letter: &&sandbox::Letter| letter.text.as_deref().is_some_and(is_whole);
    let whole = letters.iter().filter(tells).count();
    if kinds != ["lead", "report"] || whole != letters.len() {
        zeros.letters_lost += 1;
        zeros.evidence.push(format!("letters {ids:?}, {whole} of them whole"));
    }
}

/// Both tell all the customer's words. A letter that waited its minute leaves without the answer that a kill delayed.
fn is_whole(text: &str) -> bool {
    text.contains("сколько стоит уборка") && text.contains("мой номер 8 912")
}

fn look_into_rows(service: &ServiceProcess, zeros: &mut Zeros) {
    let unfinished = service.unfinished();
    zeros.unfinished_rows += unfinished;
    let lead = format!("{ANNA}|+79123456789|1|tool");
    let sql = "SELECT user_id, phone, revision, source FROM successful_dialogs";
    same(
        sql,
        &service.sql(sql),
        &[lead],
        &mut zeros.leads_lost,
        &mut zeros.evidence,
    );
    let rows = [
        ("SELECT COUNT(*) FROM gaps", "1"),
        (
            "SELECT COUNT(*), COUNT(DISTINCT key) FROM inbox WHERE state = 'done'",
            "3|3",
        ),
        // Four parts of replies, a letter, a report.
        (
            "SELECT COUNT(*), COUNT(DISTINCT key), SUM(state = 'completed') FROM outbox",
            "6|6|6",
        ),
        ("SELECT COUNT(*) FROM reports WHERE due_at IS NOT NULL", "1"),
        ("SELECT COUNT(*) FROM reports WHERE due_at IS NULL", "1"),
        (
            "SELECT COUNT(*) FROM dialogs d WHERE 1 = (SELECT COUNT(*) FROM reports r WHERE r.due_at IS NOT NULL AND \
             d.id > r.after_dialog AND d.id <= r.upto_dialog)",
            "6",
        ),
    ];
    for (sql, expected) in rows {
        same(
            sql,
            &service.sql(sql),
            &[expected.to_owned()],
            &mut zeros.miscounted_rows,
            &mut zeros.evidence,
        );
    }
    let mirror = std::fs::read_to_string(service.folder().join("threads.json"));
    let is_torn = mirror.is_ok_and(|text| serde_json::from_str::<serde_json::Value>(&text).is_err());
    zeros.miscounted_rows += u64::from(is_torn);
}
