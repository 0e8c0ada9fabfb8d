//! Counts that must be zero at the end of every story: findings of the audit, and differences from the story's texts and rows.

use std::collections::BTreeMap;
use std::fmt;

use super::plan::Plan;
use super::story::{ANNA, dialogs};
use crate::harness::{OWNER, ServiceProcess, without_apology};

/// Counted errors; all must be zero.
#[derive(Debug, Default)]
pub(super) struct Zeros {
    counts: BTreeMap<&'static str, u64>,
    /// Where and what.
    evidence: Vec<String>,
}

impl Zeros {
    pub(super) fn are_zero(&self) -> bool {
        self.counts.values().all(|count| *count == 0)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (name, count) in &other.counts {
            *self.counts.entry(name).or_default() += count;
        }
        self.evidence.extend(other.evidence.iter().cloned());
    }

    /// Counts a difference from the story.
    fn compare<T: PartialEq + fmt::Debug>(&mut self, what: &str, found: &T, expected: &T) {
        let is_other = found != expected;
        *self.counts.entry("unexpected").or_default() += u64::from(is_other);
        if is_other {
            self.evidence.push(format!("{what}: {found:.600?}"));
        }
    }
}

impl fmt::Display for Zeros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures: Vec<String> = self
            .counts
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        f.write_str(&figures.join(", "))
    }
}

pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap()
}

pub(super) fn of(service: &ServiceProcess, plan: &Plan) -> Zeros {
    let verdict = service.audited(&[(ANNA, "+79123456789")]);
    let mut zeros = Zeros {
        counts: verdict.zeros().map(|(name, wrong)| (name, count(wrong))).into(),
        evidence: verdict.complaints().map(|(_, words)| words.to_owned()).collect(),
    };
    compare_dialogs(service, &mut zeros);
    compare_letters(service, &mut zeros);
    compare_rows(service, &mut zeros);
    if !zeros.are_zero() {
        zeros.evidence.insert(0, format!("{plan:?}"));
        eprintln!("{plan:?}: {zeros:#?}");
    }
    zeros
}

/// Every customer got every reply in order; only an immediate repeat is allowed. Every text is stored.
fn compare_dialogs(service: &ServiceProcess, zeros: &mut Zeros) {
    for (chat, own) in dialogs() {
        let replies = service.sandbox().telegram().replies(chat);
        let mut got: Vec<&str> = replies.iter().map(|reply| without_apology(&reply.text)).collect();
        got.dedup();
        let parts: Vec<&str> = own.iter().flat_map(|(_, parts)| parts).map(String::as_str).collect();
        zeros.compare("what a customer got", &got, &parts);
        let lines = own.iter();
        let lines =
            lines.flat_map(|(said, parts)| [format!("user|{said}"), format!("assistant|{}", parts.join("\n\n"))]);
        let sql = format!("SELECT role, message FROM dialogs WHERE user_id = {chat} ORDER BY id");
        zeros.compare(&sql, &service.sql(&sql), &lines.collect());
    }
}

/// Both letters contain all texts of the customer. After its minute a letter is sent without an answer that a kill delayed.
fn compare_letters(service: &ServiceProcess, zeros: &mut Zeros) {
    for letter in service.sandbox().smtp().letters_to(OWNER) {
        let text = letter.text.as_deref().unwrap_or_default();
        let is_whole = text.contains("сколько стоит уборка") && text.contains("мой номер 8 912");
        zeros.compare(
            "whole letters",
            &(&letter.message_id, is_whole),
            &(&letter.message_id, true),
        );
    }
}

fn compare_rows(service: &ServiceProcess, zeros: &mut Zeros) {
    let rows = [
        (
            "SELECT user_id, phone, revision, source FROM successful_dialogs",
            "1|+79123456789|1|tool",
        ),
        ("SELECT COUNT(*) FROM gaps", "1"),
        (
            "SELECT COUNT(*), COUNT(DISTINCT key) FROM inbox WHERE state = 'done'",
            "3|3",
        ),
        // Four parts of replies, a letter, a report.
        (
            "SELECT COUNT(*), COUNT(DISTINCT key), SUM(state = 'completed') FROM outbox WHERE lane LIKE 'tg:%' OR lane LIKE 'mail:%'",
            "6|6|6",
        ),
        (
            "SELECT SUM(key LIKE 'lead:%'), SUM(key LIKE 'report:%') FROM outbox WHERE address IS NOT NULL",
            "1|1",
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
        zeros.compare(sql, &service.sql(sql), &vec![expected.to_owned()]);
    }
    let mirror = std::fs::read_to_string(service.folder().join("threads.json"));
    let is_torn = mirror.is_ok_and(|text| serde_json::from_str::<serde_json::Value>(&text).is_err());
    zeros.compare("threads.json is torn", &is_torn, &false);
}
