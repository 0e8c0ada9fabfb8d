//! `docs/logs.md` and the source name the same events, at the same levels, with the same fields.

use std::collections::{BTreeMap, BTreeSet};

use crate::hold;
use crate::source::SourceFile;

/// Where a name is no literal in its place: the file, what the literals stand behind, the level they are emitted at.
const HANDED_ON: &[(&str, &str, &str)] = &[
    ("src/assistant/actor.rs", "about(", "debug"),
    ("src/runtime/guard.rs", "let name = ", "error"),
    ("src/logging/logger.rs", "format_args!(", "warn"),
];

/// Event → levels, as the source emits them.
fn emitted() -> BTreeMap<String, BTreeSet<String>> {
    let mut events: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in SourceFile::product() {
        let code = file.code_with_strings();
        for level in ["debug", "info", "warn", "error"] {
            for call in calls(&code, &format!("Event::{level}(")) {
                match literals(call).last() {
                    Some(name) => {
                        events.entry(name.clone()).or_default().insert(level.to_owned());
                    }
                    None => assert!(
                        HANDED_ON.iter().any(|(path, ..)| *path == file.path),
                        "{}: the name of an event is no literal; write it out, or enter the function in HANDED_ON",
                        file.path
                    ),
                }
            }
            for call in calls(&code, &format!("log::{level}!(")) {
                if let Some(name) = literals(call).last() {
                    events.entry(name.clone()).or_default().insert(level.to_owned());
                }
            }
        }
        for (path, function, level) in HANDED_ON {
            if *path == file.path {
                let statements = calls(&code, function)
                    .into_iter()
                    .filter_map(|call| call.split(';').next());
                for name in statements.flat_map(literals) {
                    events.entry(name).or_default().insert((*level).to_owned());
                }
            }
        }
    }
    events
}

/// What stands behind each such opening, up to its closing bracket.
fn calls<'a>(code: &'a str, opening: &str) -> Vec<&'a str> {
    let behind = code.match_indices(opening).map(|(at, _)| at + opening.len());
    behind
        .map(|begin| &code[begin..begin + until_closed(&code[begin..])])
        .collect()
}

fn until_closed(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn literals(call: &str) -> Vec<String> {
    call.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys of all fields the source gives events.
fn fields() -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for file in SourceFile::product() {
        let code = file.code_with_strings();
        if !code.contains("Event") {
            continue;
        }
        for opening in [".with(", ".with_some("] {
            let keys = calls(&code, opening).into_iter();
            fields.extend(
                keys.filter(|call| call.starts_with('"'))
                    .filter_map(|call| literals(call).first().cloned()),
            );
        }
    }
    fields
}

/// Event → levels, as the table rows of the document say: `| `name` | level | …`.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = SourceFile::read("docs/logs.md").text;
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|');
        let name = cells.next()?.trim().trim_end_matches('`').to_owned();
        let levels = cells.next()?.split(',').map(|level| level.trim().to_owned()).collect();
        Some((name, levels))
    });
    rows.collect()
}

#[test]
fn every_event_is_documented_and_every_documented_event_exists() {
    let (emitted, documented) = (emitted(), documented());
    assert!(emitted.len() > 30, "the events were not found: {emitted:?}");
    let mut breaches = Vec::new();
    for (name, levels) in &emitted {
        match documented.get(name) {
            None => breaches.push(format!("{name} ({levels:?}) is missing in docs/logs.md")),
            Some(said) if said != levels => breaches.push(format!("{name} is {levels:?}, docs/logs.md says {said:?}")),
            Some(_) => {}
        }
    }
    let gone = documented.keys().filter(|name| !emitted.contains_key(*name));
    breaches.extend(gone.map(|name| format!("{name} stands in docs/logs.md, and nobody emits it")));
    hold(
        "events are stable names listed in docs/logs.md",
        "add, mend or remove the table row; a renamed event breaks an operator's search, say so in CHANGELOG.md",
        &breaches,
    );
}

#[test]
fn every_field_of_an_event_is_explained() {
    let text = SourceFile::read("docs/logs.md").text;
    let breaches: Vec<String> = fields()
        .into_iter()
        .filter(|key| !text.contains(&format!("`{key}`")) && !text.contains(&format!("`{key}=")))
        .collect();
    hold(
        "every field of an event is listed in docs/logs.md",
        "name it in the row of its event, in backticks",
        &breaches,
    );
}

/// What stands in backticks behind the words of that type, in the paragraph about types.
fn documented_as(text: &str, kind: &str) -> BTreeSet<String> {
    let line = text.lines().find(|line| line.starts_with(&format!("- {kind}: ")));
    let line = line.unwrap_or_else(|| panic!("docs/logs.md lists the fields that are {kind}"));
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_fields_that_are_not_strings_are_those_the_document_names() {
    let text = SourceFile::read("docs/logs.md").text;
    let code = SourceFile::read("crates/base/src/events.rs").text;
    let fields = fields();
    let mut breaches = Vec::new();
    for (kind, opening) in [
        ("numbers", "const NUMBERS: &[&str] = &["),
        ("booleans", "const FLAGS: &[&str] = &["),
    ] {
        let (_, behind) = code.split_once(opening).expect("the list of the source");
        let (list, _) = behind.split_once(']').expect("its end");
        let listed: BTreeSet<String> = literals(list).into_iter().collect();
        let named = documented_as(&text, kind);
        let differ = listed.symmetric_difference(&named);
        breaches.extend(differ.map(|key| format!("{key} is among the {kind} in one place and not in the other")));
        let gone = listed.iter().filter(|key| !fields.contains(*key));
        breaches.extend(gone.map(|key| format!("{key} is no field of any event")));
    }
    hold(
        "a field of the log has one type",
        "NUMBERS and FLAGS of crates/base/src/events.rs and the list of docs/logs.md name the same fields",
        &breaches,
    );
}
