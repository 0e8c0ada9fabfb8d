//! Plain words: documents, help texts, event names, English templates and doc comments contain none of these phrases.

use std::fs;
use std::path::Path;

use crate::{files, hold};

/// A phrase to avoid, and a better one. Lower case; only whole words match; a dot is any punctuation.
const PHRASES: &[(&str, &str)] = &[
    ("he", "they, or the person"),
    ("his", "their, or the person"),
    ("him", "them, or the person"),
    ("himself", "themselves"),
    ("nobody", "the actor, in an active sentence"),
    ("somebody", "the person: a customer, an operator"),
    ("whoever", "the person or the caller"),
    ("whom", "the noun: recipient, customer"),
    ("is no", "is not a, cannot"),
    ("are no", "are not"),
    ("is none", "is not a, must be one of"),
    ("is told", "is notified, gets, receives"),
    ("are told", "are notified, get, receive"),
    ("was told", "was notified, got, received"),
    ("be told", "be notified, get, receive"),
    ("tells of", "reports, logs"),
    ("told apart", "distinguished"),
    ("tell apart", "distinguish"),
    ("stands in", "is in"),
    ("stand in", "are in"),
    ("stands beside", "is next to"),
    ("of ours", "our, the service's"),
    ("of its own .", "its own, separate"),
    ("of their own .", "their own, separate"),
    ("of one's own", "your own"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("to be had", "available"),
    ("so many", "a number of, this many, at most N"),
    ("at most so", "a maximum of"),
    ("as ever", "as before"),
    ("out of reach", "unreachable"),
    ("in hand", "claimed, in progress"),
    ("is gone", "is missing, was removed"),
    ("are gone", "are missing, were removed"),
    ("looks at", "reads, checks"),
    ("looked at", "read, checked"),
    ("looks for", "searches, scans for"),
    ("looked for", "searched, scanned for"),
    ("looks into", "checks, searches"),
    ("what came of", "the outcome of, the result of"),
    ("given up", "a dead letter, abandoned"),
    ("goes on", "continues"),
    ("any more .", "no longer"),
    ("all the same", "anyway"),
    ("anew", "again"),
    ("at rest", "idle"),
    ("in vain", "without success"),
    ("far side", "the server, the other system"),
    ("of no use", "useless"),
    ("but for", "except"),
    ("is said", "is stated, is reported"),
    ("was said", "the message, the text"),
    ("nothing but", "only"),
    ("for good", "permanently"),
    ("born", "created, started"),
    ("lives", "runs, processes"),
    ("would like to be", "imitates"),
];
/// Good English that contains a phrase of the list.
const ALLOWED: [&str; 7] = [
    "there is no",
    "there are no",
    "there is none",
    "is no longer",
    "are no longer",
    "stands in for",
    "so many messages at once",
];
/// Files and folders whose texts are checked.
const PLACES: [&str; 8] = [
    "CONTRIBUTING.md",
    "README.md",
    "benches",
    "docs",
    "sandbox",
    "templates",
    "tests",
    "xtask",
];
const ENDINGS: [&str; 4] = [".rs", ".md", "en.ftl", "en.md.hbs"];

/// Paragraphs outside of code blocks; of a source file, only its doc comments.
fn paragraphs(path: &str, text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut is_code = false;
    for line in text.lines().map(str::trim) {
        let comment = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
        let line = match path.ends_with(".rs") {
            true => comment.unwrap_or_default().trim(),
            false => line,
        };
        let is_fence = line.starts_with("```");
        is_code ^= is_fence;
        match all.last_mut() {
            Some(last) if !is_fence && !is_code && !line.is_empty() => *last += &format!("{line} "),
            _ => all.push(String::new()),
        }
    }
    all
}

/// The parts of a text that are not between two of these marks.
fn outside(text: &str, mark: char) -> String {
    match text.matches(mark).count() % 2 {
        0 => text.split(mark).step_by(2).collect::<Vec<_>>().join(" . "),
        _ => text.to_owned(),
    }
}

/// Lower-case words between single spaces, without code, quotations and link targets; punctuation becomes a dot.
fn normalized(paragraph: &str, has_event_names: bool) -> String {
    let text = match has_event_names {
        true => paragraph.replace(['`', '_'], " "),
        false => outside(paragraph, '`'),
    };
    let text = outside(&text.replace(['“', '”', '«', '»'], "\""), '"');
    let mut parts = text.split("](");
    let mut prose = parts.next().unwrap_or_default().to_lowercase();
    for part in parts {
        prose += &part.split_once(')').map_or(part, |(_, rest)| rest).to_lowercase();
    }
    let words = prose.replace(['*', '|'], " ");
    let words = words.replace(|c: char| !c.is_alphanumeric() && !" -'".contains(c), " . ");
    format!(" {} ", words.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn documents_help_templates_and_doc_comments_use_plain_words() {
    let mut texts = Vec::new();
    for place in PLACES {
        match Path::new(place).is_dir() {
            true => texts.extend(ENDINGS.iter().flat_map(|ending| files(place, ending))),
            false => texts.push((place.to_owned(), fs::read_to_string(place).unwrap())),
        }
    }
    let mut bad = Vec::new();
    for (path, text) in &texts {
        for paragraph in paragraphs(path, text) {
            let mut words = normalized(&paragraph, path == "docs/logs.md");
            for allowed in ALLOWED {
                words = words.replace(&format!(" {allowed} "), " . ");
            }
            for (phrase, better) in PHRASES {
                if let Some((_, rest)) = words.split_once(&format!(" {phrase} ")) {
                    let rest: String = rest.chars().take(40).collect();
                    bad.push(format!("{path}: \"{phrase} {rest}\": write {better}"));
                }
            }
        }
    }
    hold("plain words", &bad);
}
