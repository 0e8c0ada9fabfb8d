//! The figures of a run: one line of JSON for a script, a table for a person.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use audit::{Rows, Sent};
use serde_json::json;

use super::faults::Met;
use super::ledger::Verdict;
use super::runs::Done;

/// Everything reported about a run.
pub(super) struct Figures {
    pub(super) seed: u64,
    pub(super) seconds: u64,
    pub(super) done: Done,
    /// How often each fault was injected.
    pub(super) met: Vec<Met>,
    /// Faults injected too rarely for the run to show anything about them.
    pub(super) too_seldom: Vec<String>,
    /// Actors that were restarted in place.
    pub(super) panics: usize,
    pub(super) messages: usize,
    pub(super) rows: Rows,
    pub(super) verdict: Verdict,
}

impl Figures {
    /// All counts that must be zero are zero, every run ended as planned, and every fault was injected.
    pub(super) fn is_clean(&self) -> bool {
        let is_orderly = self.done.own_ends.is_empty() && self.done.bad_stops.is_empty();
        self.verdict.is_clean() && is_orderly && self.too_seldom.is_empty()
    }

    fn doubles_per_kill(&self) -> f64 {
        let kills = f64::from(self.done.kills.max(1));
        let doubles = u32::try_from(self.verdict.marked_doubles).unwrap_or(u32::MAX);
        f64::from(doubles) / kills
    }

    /// Messages without their own turn.
    fn merged_or_reset(&self) -> usize {
        let inbox = self.rows.inbox.iter();
        inbox.filter(|row| row.turn != Some(row.id)).count()
    }

    /// Messages whose turn ended politely without an answer, by reason.
    fn failed(&self) -> BTreeMap<&str, usize> {
        let mut failed = BTreeMap::new();
        for row in self.rows.inbox.iter().filter(|row| row.state == "failed") {
            *failed.entry(row.reason.as_str()).or_default() += 1;
        }
        failed
    }

    /// Replies, leads, sent letters, closed reports.
    fn work(&self) -> [usize; 4] {
        let rows = &self.rows;
        let is_letter = |row: &&Sent| !row.address.is_empty() && row.state == "completed";
        [
            rows.outbox.iter().filter(|row| row.address.is_empty()).count(),
            rows.leads.len(),
            rows.outbox.iter().filter(is_letter).count(),
            rows.periods.iter().filter(|period| period.upto.is_some()).count(),
        ]
    }

    pub(super) fn json(&self) -> String {
        let [replies, leads, letters, reports] = self.work();
        let mut line = json!({
            "seed": self.seed,
            "seconds": self.seconds,
            "lives": self.done.lives,
            "kills": self.done.kills,
            "stops": self.done.stops,
            "panics": self.panics,
            "full_disks": self.done.full_disks,
            "own_ends": self.done.own_ends,
            "bad_stops": self.done.bad_stops,
            "messages": self.messages,
            "merged_or_reset": self.merged_or_reset(),
            "failed": self.failed(),
            "replies": replies,
            "leads": leads,
            "letters": letters,
            "reports": reports,
            "marked_doubles": self.verdict.marked_doubles,
            "marked_doubles_per_kill": (self.doubles_per_kill() * 1_000.0).round() / 1_000.0,
        });
        for one in &self.met {
            line["met"][&one.name] = json!(one.times);
        }
        line["too_seldom"] = json!(self.too_seldom);
        for (name, count) in &self.verdict.zeros {
            line[*name] = json!(count);
        }
        line.to_string()
    }

    pub(super) fn table(&self) -> String {
        let mut table = String::new();
        let mut line = |name: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(table, "{name:<36} {value}");
        };
        let done = &self.done;
        line("seed", self.seed.to_string());
        line("seconds", self.seconds.to_string());
        line(
            "lives",
            format!("{} ({} killed, {} stopped)", done.lives, done.kills, done.stops),
        );
        line("actors restarted in place", self.panics.to_string());
        line("full disks", done.full_disks.to_string());
        line("faults", self.met.iter().map(|one| one.times).sum::<u32>().to_string());
        for one in &self.met {
            line(&format!("  {}", one.name), one.times.to_string());
        }
        line("met too seldom", self.too_seldom.join(", "));
        line(
            "messages",
            format!(
                "{} ({} without a turn of their own)",
                self.messages,
                self.merged_or_reset()
            ),
        );
        let failed = self.failed();
        let failed: Vec<String> = failed
            .iter()
            .map(|(reason, count)| format!("{reason} {count}"))
            .collect();
        line("answered politely without", failed.join(", "));
        let [replies, leads, letters, reports] = self.work();
        line("replies", replies.to_string());
        line("leads, letters, reports", format!("{leads}, {letters}, {reports}"));
        for (name, count) in &self.verdict.zeros {
            line(&name.replace('_', " "), count.to_string());
        }
        line("lives that ended themselves", done.own_ends.join(", "));
        line("stops that went wrong", done.bad_stops.join(", "));
        let doubles = self.verdict.marked_doubles;
        line(
            "marked doubles",
            format!("{doubles} ({:.3} per kill)", self.doubles_per_kill()),
        );
        for complaint in &self.verdict.complaints {
            line("!", complaint.clone());
        }
        table
    }
}
