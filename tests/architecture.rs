//! House rules that neither the compiler nor a lint checks; `CONTRIBUTING.md` has the reasons. Files are read as text without
//! comments and tests; paths are taken as written.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the check")]

#[path = "architecture/documents.rs"]
mod documents;
#[path = "architecture/language.rs"]
mod language;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Items used across folders that are not in `messages` (docs/decisions/0009-list-exceptions-to-messages-by-name.md).
const DOORS: &str = "conversation:tools::Called conversation:tools::Effect conversation:tools::Scope \
    conversation:tools::Toolbox cli:app::Service cli:assistant::check cli:mailer::Draft cli:mailer::check \
    cli:mailer::draft cli:telegram::Clients cli:telegram::TelegramError cli:telegram::identify";
/// Files of pure functions.
const PURE: &str = "assistant/answer.rs assistant/breaker.rs assistant/errors.rs assistant/wire.rs \
    conversation/agenda.rs conversation/notes.rs conversation/reply.rs conversation/turn.rs conversation/turn/spare.rs \
    mailer/compose.rs mailer/draft.rs mailer/sort.rs outbox/in_flight.rs outbox/policy.rs reports/schedule.rs \
    telegram/convert/ telegram/pacing.rs";
const IMPURE: &str = "actix,tokio,async fn,.await,std::fs,Utc::now,crate::runtime";
const ALL: [&str; 6] = ["benches", "crates", "sandbox", "src", "tests", "xtask"];
const EMPTY: [&str; 8] = ["Manager", "Helper", "Util", "Utils", "Data", "Info", "helpers", "utils"];
const KINDS: [&str; 8] = ["mod", "struct", "enum", "trait", "fn", "const", "type", "static"];

/// Path and text of every file below a folder with this ending.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap());
        if Path::new(&path).is_dir() {
            all.extend(files(&path, ending));
        } else if path.ends_with(ending) {
            all.push((path.clone(), fs::read_to_string(path).unwrap()));
        }
    }
    all
}

/// Product code below a folder, without comments and tests.
fn product(folder: &str) -> Vec<(String, String)> {
    let mut all = files(folder, ".rs");
    all.retain(|(path, _)| !path.contains("tests") && !path.contains("/contract/"));
    for (_, text) in &mut all {
        let lines = text.lines().take_while(|line| *line != "mod tests {");
        *text = lines
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
    }
    all
}

fn module(path: &str) -> &str {
    let path = path.trim_end_matches(".rs");
    path.trim_end_matches("/mod").trim_end_matches("/lib")
}

/// Paths of more than one name.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let paths = text.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c));
    paths.filter(|path| path.contains("::") && !path.starts_with("::"))
}

fn words(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty()).collect()
}

fn between<'a>(text: &'a str, opening: &str, closing: &str) -> Vec<&'a str> {
    let behind = text.split(opening).skip(1);
    behind
        .filter_map(|behind| Some(behind.split_once(closing)?.0))
        .collect()
}

fn hold(rule: &str, breaches: &[impl std::fmt::Debug]) {
    assert!(breaches.is_empty(), "house rule: {rule}: {breaches:#?}");
}

#[test]
fn files_are_short_documented_and_have_meaningful_names() {
    let mut bad = Vec::new();
    for (path, text) in ALL.map(|folder| files(folder, ".rs")).concat() {
        if text.lines().count() > 400 || !text.starts_with("//! ") || text.replace(' ', "").contains("\n#[ignore") {
            bad.push(path.clone());
        }
        for pair in words(&text).windows(2).filter(|pair| KINDS[..4].contains(&pair[0])) {
            let is_empty = EMPTY.iter().any(|word| pair[1].ends_with(word));
            bad.extend(is_empty.then(|| format!("{path}: {}", pair[1])));
        }
    }
    hold("400 lines, //! first, no #[ignore], no Manager", &bad);
}

#[test]
fn folders_use_only_the_folders_they_may() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let rows: Vec<Vec<&str>> = lib.split("\n\n").map(words).collect();
    let layer = |folder: &str| rows.iter().position(|row| row.contains(&folder));
    let mut bad = Vec::new();
    for (path, text) in product("src") {
        let own = path.split('/').nth(1).unwrap();
        let is_pure = PURE.split(' ').any(|pure| path[4..].starts_with(pure));
        let is_asking = text.contains("feature = \"") && !["cli", "runtime"].contains(&own);
        if is_asking || is_pure && IMPURE.split(',').any(|word| text.contains(word)) {
            bad.push(path.clone());
        }
        for behind in text.split("crate::").skip(1) {
            let folder = words(behind)[0];
            let rest = &behind[folder.len()..];
            let group = rest.strip_prefix("::{").and_then(|rest| rest.split('}').next());
            for item in group.unwrap_or(words(rest)[0]).split(',').map(words) {
                let item = item.first().copied().unwrap_or("messages");
                let door = format!("{own}:{folder}::{item}");
                let is_vocabulary = layer(folder) < layer("telegram") && !item.ends_with("Address");
                let is_door = DOORS.split(' ').any(|open| open == door);
                let is_offered = own == "app" || item == "messages" || is_vocabulary || is_door;
                if folder != own && (layer(folder) >= layer(own) || !is_offered) {
                    bad.push(format!("{path}: {door}"));
                }
            }
        }
    }
    hold("the order of src/lib.rs, DOORS, PURE", &bad);
}

#[test]
fn files_do_not_use_each_other_in_a_cycle() {
    let files = ["crates", "sandbox/src", "src", "xtask/src"].map(product).concat();
    let mut homes = Vec::new();
    for (path, text) in &files {
        let items = text.lines().filter(|line| !line.starts_with(' ')).map(words);
        let named = |line: Vec<_>| {
            line.windows(2)
                .find(|pair| KINDS[1..].contains(&pair[0]))
                .map(|pair| pair[1])
        };
        let mut defined: BTreeSet<&str> = items.filter_map(named).collect();
        defined.extend(module(path).rsplit('/').next());
        homes.push((path, defined));
    }
    let mut edges = BTreeMap::<&String, BTreeSet<&String>>::new();
    for (path, text) in &files {
        // Re-exports and visibilities are not paths.
        let text = text.replace(" use ", " use ::").replace("(in ", "(in ::");
        for named in between(&text, "\nuse ", ";").into_iter().chain(paths(&text)) {
            let (way, items) = named.rsplit_once("::").unwrap_or(("", named));
            let mut place = module(path).to_owned();
            for step in way.split("::") {
                match step {
                    "crate" => place.truncate(path.find("src").unwrap() + 3),
                    "super" => place.truncate(place.rfind('/').unwrap()),
                    "self" => {}
                    step => place = format!("{place}/{step}"),
                }
            }
            for (home, defined) in homes.iter().filter(|(home, _)| home.starts_with(&place)) {
                if *home != path && words(items).iter().any(|item| defined.contains(item)) {
                    edges.entry(path).or_default().insert(home);
                }
            }
        }
    }
    for _ in &files {
        let left: BTreeSet<_> = edges.keys().copied().collect();
        edges.retain(|_, to| to.iter().any(|to| left.contains(to)));
    }
    hold("no files in a circle", &edges.iter().collect::<Vec<_>>());
}

#[test]
fn a_library_is_used_only_in_its_own_folder() {
    let cargo = fs::read_to_string("Cargo.toml").unwrap();
    let mut bad = Vec::new();
    for (definition, homes) in cargo.lines().filter_map(|line| line.split_once(" # in ")) {
        let library = format!("{}::", words(&definition.replace('-', "_"))[0]);
        for (path, text) in product("src") {
            let is_home = homes.split(' ').any(|home| path["src/".len()..].starts_with(home));
            let is_named = paths(&text).any(|path| path.starts_with(&library));
            if is_named && !is_home && !text.contains(&format!(" as {};", &library[..library.len() - 2])) {
                bad.push(format!("{path}: {library}, whose home is {homes}"));
            }
        }
    }
    hold("a library is named where Cargo.toml says", &bad);
}
