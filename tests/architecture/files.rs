//! Rules 4 and 6: how long a file may be, how it begins, what it may not hold, how things are not called.

use std::collections::BTreeSet;

use crate::hold;
use crate::source::SourceFile;

const LONGEST: usize = 400;

fn every_rust_file() -> Vec<SourceFile> {
    ["crates", "src", "tests", "sandbox/src", "sandbox/tests", "xtask/src"]
        .into_iter()
        .flat_map(|folder| SourceFile::all(folder, ".rs"))
        .collect()
}

#[test]
fn no_file_is_longer_than_a_sitting() {
    let breaches: Vec<String> = every_rust_file()
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{}: {lines} lines", file.path))
        .collect();
    hold(
        "4, no file above 400 lines",
        "give a part of it a file of its own, named after what it does",
        &breaches,
    );
}

#[test]
fn every_file_says_first_what_it_is() {
    let breaches: Vec<String> = every_rust_file()
        .iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.path.clone())
        .collect();
    hold(
        "4, each file begins with //!",
        "write one to three sentences: what it does and why it is apart",
        &breaches,
    );
}

#[test]
fn nothing_gives_up_or_stays_unfinished_in_the_product() {
    let mut breaches = Vec::new();
    for file in SourceFile::product() {
        let code = file.code();
        let lines: Vec<&str> = code.lines().collect();
        for (n, line) in lines.iter().enumerate() {
            let has = |mark: &str| line.contains(mark);
            let is_explained = lines[n.saturating_sub(6)..n]
                .iter()
                .any(|above| above.contains("clippy::expect_used"));
            let gives_up = has(".unwrap()") || has(".expect(") && !is_explained;
            if gives_up || ["todo!(", "unimplemented!(", "dbg!("].into_iter().any(has) {
                breaches.push(format!("{}:{}: {}", file.path, n + 1, line.trim()));
            }
        }
    }
    hold(
        "4, no unwrap, expect, todo or dbg outside tests",
        "return an error, or say in an #[expect(…, reason)] why there is none",
        &breaches,
    );
}

#[test]
fn lints_are_expected_with_a_reason_and_never_allowed() {
    let mut breaches = Vec::new();
    for file in every_rust_file() {
        let code = file.code();
        for (n, line) in code.lines().enumerate() {
            if ["#[allow(", "#![allow("].iter().any(|mark| line.contains(mark)) {
                breaches.push(format!("{}:{}", file.path, n + 1));
            }
        }
        for (at, _) in code.match_indices("#[expect(") {
            let attribute = code[at..].split(")]").next().unwrap_or_default();
            if !attribute.contains("reason") {
                breaches.push(format!("{}: {attribute} has no reason", file.path));
            }
        }
    }
    hold(
        "4, opt-outs are #[expect(…, reason = \"…\")]",
        "an expectation that is no longer met warns; an allowance stays for ever",
        &breaches,
    );
}

#[test]
fn no_test_is_switched_off_or_sleeps() {
    let mut breaches = Vec::new();
    for file in every_rust_file() {
        let text = &file.text;
        let is_here = file.path == "tests/architecture/files.rs";
        if !is_here && text.contains("#[ignore") {
            breaches.push(format!("{}: #[ignore]", file.path));
        }
        let is_test = file.path.contains("tests/");
        if is_test && !is_here && !file.path.starts_with("tests/architecture") && file.code().contains("sleep(") {
            breaches.push(format!("{}: sleeps", file.path));
        }
    }
    hold(
        "4, tests run always and wait for what happens",
        "await the event, the reply or the row; move the clock by hand",
        &breaches,
    );
}

#[test]
fn nothing_is_called_manager_helper_util_data_or_info() {
    let mut breaches = Vec::new();
    for file in every_rust_file() {
        let code = file.code();
        let words: Vec<&str> = code.split_whitespace().collect();
        for pair in words.windows(2) {
            let is_type = ["struct", "enum", "trait", "mod"].contains(&pair[0]);
            let name = pair[1].trim_end_matches(|c: char| !c.is_alphanumeric());
            let name = name.split(['<', '(', '{', ';']).next().unwrap_or_default();
            let is_empty_word = ["Manager", "Helper", "Util", "Utils", "Data", "Info", "helpers", "utils"]
                .iter()
                .any(|word| name.ends_with(word));
            if is_type && is_empty_word {
                breaches.push(format!("{}: {name}", file.path));
            }
        }
    }
    hold(
        "6, no Manager, Helper, Util, Data, Info",
        "name what it is to a customer's message",
        &breaches,
    );
}

#[test]
fn every_text_template_is_there_in_both_languages() {
    let all: BTreeSet<String> = SourceFile::all("templates", "")
        .into_iter()
        .map(|file| file.path)
        .collect();
    let mut breaches = Vec::new();
    for path in &all {
        for (own, other) in [("/ru.", "/en."), ("/en.", "/ru.")] {
            let twin = path.replace(own, other);
            if !all.contains(&twin) {
                breaches.push(format!("{path} has no {twin}"));
            }
        }
    }
    assert!(all.len() >= 4, "the templates were not found");
    hold(
        "every template is there in ru and en",
        "write the other one; a customer who is greeted in his language expects the rest in it",
        &breaches,
    );
}
