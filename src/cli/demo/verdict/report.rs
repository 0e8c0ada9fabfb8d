//! The promise to the owner who reads one letter a day: all that was written by then is in it, and it came once.

use super::mail::{bare, is_called};
use super::{Check, plain};
use crate::cli::demo::evidence::Evidence;
use crate::cli::demo::words::{Both, Lang};

/// `None` if nobody asked for a report.
pub(super) fn check(evidence: &Evidence, lang: Lang) -> Option<Check> {
    let rows = || evidence.letters_out.iter().filter(|row| row.key.starts_with("report"));
    let asked = rows().count();
    if asked == 0 {
        return None;
    }
    let marked: i64 = rows().map(|row| row.maybe_sent).sum();
    let letters = || evidence.letters.iter().filter(|letter| is_called(letter, "report-"));
    let came = letters().count();
    let is_once = came >= asked && i64::try_from(came - asked).is_ok_and(|doubles| doubles <= marked);
    let told = letters()
        .next_back()
        .and_then(|letter| letter.text.as_deref())
        .map(bare);
    let told = told.unwrap_or_default();
    let is_told = |words: &&String| told.contains(&bare(&plain(words)));
    let met = evidence.to_report.iter().filter(is_told).count();
    let figures = Both("{} of {} messages, letters: {}", "{} из {} сообщений, писем {}");
    Some(Check {
        what: Both(
            "the report tells what customers wrote",
            "в отчёте всё, что писали клиенты",
        ),
        is_met: is_once && met == evidence.to_report.len(),
        figures: figures.with(lang, &[&met, &evidence.to_report.len(), &came]),
    })
}
