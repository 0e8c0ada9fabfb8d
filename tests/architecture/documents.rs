//! The documents say what is so: generated parts are fresh, links lead somewhere, tests that are named exist, the two
//! READMEs have the same parts.

use std::collections::BTreeSet;

use crate::hold;
use crate::source::{SourceFile, root};

fn documents() -> Vec<SourceFile> {
    let named = [
        "README.md",
        "README.ru.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "sandbox/README.md",
    ];
    let own = named.into_iter().map(SourceFile::read);
    own.chain(SourceFile::all("docs", ".md")).collect()
}

#[test]
fn the_example_of_the_configuration_is_fresh() {
    let file = SourceFile::read(".env.example").text;
    assert_eq!(
        file,
        frontdesk::env_example(),
        "run `cargo run -- config --example > .env.example`"
    );
}

#[test]
fn the_readmes_hold_the_table_of_settings_as_it_is_defined() {
    let table = frontdesk::markdown_table();
    let breaches: Vec<String> = ["README.md", "README.ru.md"]
        .into_iter()
        .filter(|path| !SourceFile::read(path).text.contains(table.trim_end()))
        .map(str::to_owned)
        .collect();
    hold(
        "the table of settings is printed from the one definition",
        "put the output of `cargo run -- config --table` between the marks <!-- settings --> and <!-- /settings -->",
        &breaches,
    );
}

/// The texts between `](` and `)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|behind| behind.split(')').next())
}

#[test]
fn every_link_leads_to_a_file() {
    let mut breaches = Vec::new();
    for document in documents() {
        let folder = root().join(&document.path).parent().map(std::path::Path::to_owned);
        for link in links(&document.text) {
            let is_outside = link.contains("://") || link.starts_with('#') || link.starts_with("mailto:");
            let path = link.split('#').next().unwrap_or_default();
            let is_there = folder.as_ref().is_some_and(|folder| folder.join(path).exists());
            if !is_outside && !is_there {
                breaches.push(format!("{}: {link}", document.path));
            }
        }
    }
    hold(
        "every claim links to the file or test that shows it",
        "mend the link, or the claim",
        &breaches,
    );
}

/// The name of a test in the text of a link: [`a_rule_of_the_business`](file).
fn named_tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("[`").skip(1).filter_map(|behind| {
        let (name, rest) = behind.split_once("`](")?;
        Some((name, rest.split(')').next()?))
    })
}

#[test]
fn a_link_that_names_a_test_leads_to_its_file() {
    let mut breaches = Vec::new();
    for document in documents() {
        let folder = root().join(&document.path);
        for (name, path) in named_tests(&document.text) {
            let is_test = name.matches('_').count() >= 4;
            let file = folder.parent().map(|folder| folder.join(path));
            let text = file.and_then(|file| std::fs::read_to_string(file).ok());
            if is_test && !text.is_some_and(|text| text.contains(&format!("fn {name}("))) {
                breaches.push(format!("{}: {name} is not in {path}", document.path));
            }
        }
    }
    hold(
        "a claim links to the test that shows it",
        "follow the test to its new file",
        &breaches,
    );
}

#[test]
fn every_promise_of_delivery_names_the_test_that_shows_it() {
    let document = SourceFile::read("docs/delivery.md");
    let mut is_shown = false;
    let mut breaches = Vec::new();
    for (n, line) in document.text.lines().enumerate() {
        match line.starts_with('|') {
            false => is_shown = false,
            true if line.ends_with("shown by |") => is_shown = true,
            true if is_shown && !line.starts_with("| ---") && named_tests(line).next().is_none() => {
                breaches.push(format!("docs/delivery.md:{}: {line}", n + 1));
            }
            true => {}
        }
    }
    hold(
        "each row of docs/delivery.md links to a test",
        "name the test that shows it, or write one",
        &breaches,
    );
}

/// Everything between single backticks.
fn quoted(text: &str) -> BTreeSet<&str> {
    let outside_blocks = text.split("```").step_by(2);
    outside_blocks
        .flat_map(|part| part.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn paths_and_tests_that_are_named_exist() {
    let code: String = ["crates", "src", "tests", "sandbox", "xtask"]
        .into_iter()
        .flat_map(|folder| SourceFile::all(folder, ".rs"))
        .map(|file| file.text)
        .collect();
    let mut breaches = Vec::new();
    for document in documents() {
        for word in quoted(&document.text) {
            let is_name = word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            let is_sentence = is_name && word.matches('_').count() >= 4;
            let is_path = [
                "crates/",
                "src/",
                "tests/",
                "docs/",
                "templates/",
                "migrations/",
                "sandbox/",
                "xtask/",
            ]
            .iter()
            .any(|folder| word.starts_with(folder));
            let is_pattern = word.contains(['*', '{', '<', '…', ' ']);
            if is_sentence && !code.contains(&format!("fn {word}(")) && !code.contains(&format!("\"{word}\"")) {
                breaches.push(format!("{}: no test is called {word}", document.path));
            }
            if is_path && !is_pattern && !root().join(word).exists() {
                breaches.push(format!("{}: there is no {word}", document.path));
            }
        }
    }
    hold(
        "what a document names exists",
        "follow the test or file to its new name",
        &breaches,
    );
}

#[test]
fn both_readmes_have_the_same_parts_in_the_same_order() {
    let parts = |path: &str| -> Vec<String> {
        let text = SourceFile::read(path).text;
        let outside_blocks: String = text.split("```").step_by(2).collect();
        let headings = outside_blocks.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|line| line.chars().take_while(|c| *c == '#').collect())
            .collect()
    };
    assert_eq!(
        parts("README.md"),
        parts("README.ru.md"),
        "README.md and README.ru.md must have the same headings, level by level"
    );
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let names: Vec<String> = SourceFile::all("docs/decisions", ".md")
        .iter()
        .filter_map(|file| file.path.rsplit('/').next().map(str::to_owned))
        .collect();
    for (n, name) in names.iter().enumerate() {
        let number = format!("{:04}-", n + 1);
        assert!(
            name.starts_with(&number),
            "docs/decisions/{name} should begin with {number}"
        );
    }
}

#[test]
fn the_project_speaks_of_itself_alone() {
    let mut breaches = Vec::new();
    for document in documents() {
        for mark in ["/tmp/", "/home/", "/root/", "localhost:"] {
            if document.text.contains(mark) {
                breaches.push(format!("{}: {mark}", document.path));
            }
        }
    }
    hold(
        "no path of one machine stands in a document",
        "write it relative to the repository, or as the reader's own",
        &breaches,
    );
}
