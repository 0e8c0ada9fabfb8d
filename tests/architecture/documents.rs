//! Links and names in documents exist, and `docs/logs.md` has the events and fields of the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::{between, files, hold, product};

const OTHERS: &str = "README.md README.ru.md CONTRIBUTING.md CHANGELOG.md sandbox/README.md";
/// Each row of a table on these pages names the tests that check it.
const PROMISES: [&str; 4] = ["delivery", "failures", "limits", "specification"];
const FOLDERS: [&str; 6] = ["crates/", "src/", "tests/", "docs/", "templates/", "xtask/"];
const LOCAL: [&str; 4] = ["/tmp/", "/home/", "/root/", "localhost:"];

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn links_and_names_in_documents_exist() {
    let mut documents = files("docs", ".md");
    documents.extend(OTHERS.split(' ').map(|path| (path.to_owned(), read(path))));
    let mut bad = Vec::new();
    for (path, text) in documents {
        let folder = Path::new(&path).parent().unwrap();
        let links = between(&text, "](", ")").into_iter().filter(|link| !link.contains(':'));
        for link in links.map(|link| link.split('#').next().unwrap()) {
            bad.extend((!folder.join(link).exists()).then(|| format!("{path}: {link}")));
        }
        for (name, file) in between(&text, "[`", ")")
            .iter()
            .filter_map(|link| link.split_once("`]("))
        {
            if name.matches('_').count() > 3 && !read(folder.join(file)).contains(&format!("fn {name}(")) {
                bad.push(format!("{path}: {name} is not in {file}"));
            }
        }
        let outside_blocks: String = text.split("```").step_by(2).collect();
        for word in outside_blocks.split('`').skip(1).step_by(2) {
            let is_path = FOLDERS.iter().any(|folder| word.starts_with(folder));
            if is_path && !word.contains(['*', '{', '<', '…', ' ']) && !Path::new(word).exists() {
                bad.push(format!("{path}: {word}"));
            }
        }
        bad.extend(LOCAL.iter().any(|mark| text.contains(mark)).then_some(path));
    }
    hold("links and names are those of the tree", &bad);
}

#[test]
fn each_promise_links_to_a_test_and_both_readmes_have_the_same_parts() {
    let mut bad = Vec::new();
    let mut pages = BTreeSet::new();
    for (path, page) in files("docs", ".md") {
        for table in page.split("\n\n").filter(|block| block.contains(" | tests |\n")) {
            let rows = table.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
            bad.extend(
                rows.filter(|row| !row.contains("[`"))
                    .map(|row| format!("{path}: {row}")),
            );
            pages.insert(path.clone());
        }
    }
    let expected = PROMISES.map(|page| format!("docs/{page}.md"));
    assert_eq!(pages, BTreeSet::from(expected), "pages with a column of tests");
    hold("each row links to a test", &bad);
    let [english, russian] = ["README.md", "README.ru.md"].map(|path| {
        let outside_blocks: String = read(path).split("```").step_by(2).collect();
        let headings = outside_blocks.lines().filter(|line| line.starts_with('#'));
        headings.map(|line| line.matches('#').count()).collect::<Vec<_>>()
    });
    assert_eq!(english, russian, "headings of both READMEs");
}

/// The name and the default of each row in a table of settings.
fn settings(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` "));
    let rows = rows.filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
    rows.filter_map(|(name, rest)| Some((name, rest.split('|').nth(1)?.trim())))
}

#[test]
fn the_readmes_name_only_existing_settings_with_their_defaults() {
    let reference = read("docs/configuration.md");
    let known: BTreeMap<&str, &str> = settings(&reference).collect();
    assert!(known.len() >= 45, "docs/configuration.md lists all settings");
    let mut bad = Vec::new();
    for path in ["README.md", "README.ru.md"] {
        let page = read(path);
        // Without a fixed default a README may say in words what applies.
        let is_right = |name, default: &str| match known.get(name) {
            Some(&"") => !default.contains('`'),
            Some(fixed) => *fixed == default,
            None => false,
        };
        let rows = settings(&page).filter(|(name, default)| !is_right(*name, default));
        bad.extend(rows.map(|(name, default)| format!("{path}: {name} with the default {default}")));
        let outside_blocks: String = page.split("```").step_by(2).collect();
        for word in outside_blocks.split('`').skip(1).step_by(2) {
            let name = word.split('=').next().unwrap();
            let is_known = known.contains_key(name) || known.contains_key(name.trim_end_matches("_FILE"));
            let is_setting =
                name.contains('_') && name != "NAME_FILE" && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            bad.extend((is_setting && !is_known).then(|| format!("{path}: {word}")));
        }
    }
    hold("settings in the READMEs are those of docs/configuration.md", &bad);
}

#[test]
fn the_log_reference_lists_exactly_the_events_and_fields_of_the_code() {
    let page = read("docs/logs.md");
    let (events_of_page, fields_of_page) = page.split_once("\n## Fields\n").unwrap();
    let rows = |text| str::lines(text).filter_map(|line| line.strip_prefix("| `"));
    let (mut documented, mut used) = (BTreeMap::<&str, BTreeSet<&str>>::new(), BTreeSet::new());
    for row in rows(events_of_page) {
        if let [name, level, _, fields, ..] = row.split(" | ").collect::<Vec<_>>()[..] {
            documented.insert(name.trim_end_matches('`'), level.split(", ").collect());
            used.extend(fields.split('`').skip(1).step_by(2));
        }
    }
    let listed: Vec<&str> = rows(fields_of_page).filter_map(|row| row.split('`').next()).collect();
    assert!(listed.is_sorted(), "fields of docs/logs.md are in alphabetical order");
    // Not an `Event`: the log writes this line itself.
    let mut events = BTreeMap::from([("lines_dropped", BTreeSet::from(["warn"]))]);
    let mut fields = BTreeSet::from(["chat", "count", "text", "turn", "upd"]);
    let source = ["crates", "src"].map(product).concat();
    for (path, text) in &source {
        for level in ["debug", "info", "warn", "error"] {
            for call in text.split(&format!("Event::{level}(")).skip(1) {
                let name = call.split(')').next().and_then(|call| call.split('"').nth_back(1));
                let name = name.unwrap_or_else(|| panic!("{path}: the name of an event is a literal"));
                events.entry(name).or_default().insert(level);
            }
        }
        for call in text.split(".with").skip(1).filter(|_| text.contains("Event")) {
            let call = call.trim_start_matches("_some").trim_start_matches(['(', ' ', '\n']);
            fields.extend(call.strip_prefix('"').and_then(|call| call.split('"').next()));
        }
    }
    assert_eq!(events, documented, "events and levels of docs/logs.md");
    assert_eq!(fields, used, "fields of the events of docs/logs.md");
    assert_eq!(fields, listed.into_iter().collect(), "list of fields of docs/logs.md");
}
