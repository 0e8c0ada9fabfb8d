//! Rules 1, 2 and 5: who may name whom.

use crate::hold;
use crate::source::SourceFile;

/// From the bottom up; what stands in one row does not name each other. `docs/architecture.md` draws it.
const LAYERS: &[&[&str]] = &[
    &["config"],
    &["logging", "runtime"],
    &["assistant", "db", "mailer", "telegram"],
    &["outbox", "tools"],
    &["conversation", "reports"],
    &["inbox"],
    &["app"],
    &["cli"],
];

/// Values and what actors are built with: named by everybody above.
const VOCABULARY: [&str; 3] = ["config", "logging", "runtime"];

/// The doors that are not called `messages` (docs/decisions/0009-doors-without-messages.md).
const DOORS: &[(&str, &[&str])] = &[
    (
        "conversation",
        &["tools::Called", "tools::Effect", "tools::Scope", "tools::Toolbox"],
    ),
    (
        "cli",
        &[
            "app::Service",
            "assistant::check",
            "db::extra_report",
            "db::read_only",
            "db::records",
            "db::requeue",
            "mailer::Draft",
            "mailer::check",
            "mailer::draft",
            "telegram::Clients",
            "telegram::TelegramError",
            "telegram::identify",
        ],
    ),
];

/// Plain values in, plain values out.
const PURE: &[&str] = &[
    "src/assistant/answer.rs",
    "src/assistant/breaker.rs",
    "src/assistant/errors.rs",
    "src/assistant/wire.rs",
    "src/conversation/agenda.rs",
    "src/conversation/notes.rs",
    "src/conversation/reply.rs",
    "src/conversation/turn.rs",
    "src/conversation/turn/spare.rs",
    "src/mailer/compose.rs",
    "src/mailer/draft.rs",
    "src/mailer/sort.rs",
    "src/outbox/in_hand.rs",
    "src/outbox/policy.rs",
    "src/reports/schedule.rs",
    "src/telegram/convert/",
    "src/telegram/pacing.rs",
];

fn layer(folder: &str) -> Option<usize> {
    LAYERS.iter().position(|row| row.contains(&folder))
}

/// Every use of another folder: the file, its folder, the path it names.
fn crossings() -> Vec<(SourceFile, String, Vec<String>)> {
    let mut crossings = Vec::new();
    for file in SourceFile::product() {
        let Some(own) = file.folder().map(str::to_owned) else {
            continue;
        };
        for path in file.crate_paths() {
            let is_foreign = path
                .first()
                .is_some_and(|folder| *folder != own && layer(folder).is_some());
            if is_foreign {
                let file = SourceFile {
                    path: file.path.clone(),
                    text: String::new(),
                };
                crossings.push((file, own.clone(), path));
            }
        }
    }
    crossings
}

#[test]
fn every_folder_has_its_place_among_the_layers() {
    let homeless: Vec<String> = SourceFile::product()
        .iter()
        .filter(|file| file.folder().is_some_and(|folder| layer(folder).is_none()))
        .map(|file| file.path.clone())
        .collect();
    hold(
        "1, every folder stands in a layer",
        "give the folder a row in LAYERS (tests/architecture/imports.rs) and in docs/architecture.md",
        &homeless,
    );
}

#[test]
fn imports_point_down_only() {
    let breaches: Vec<String> = crossings()
        .iter()
        .filter(|(_, own, path)| layer(&path[0]) >= layer(own))
        .map(|(file, _, path)| format!("{}: names crate::{}", file.path, path.join("::")))
        .collect();
    hold(
        "1, imports point down only",
        "let the lower folder declare a message of its own and give it a Port; app.rs joins them",
        &breaches,
    );
}

#[test]
fn across_folders_only_messages_are_named() {
    let is_door = |own: &str, path: &[String]| {
        let path = path.join("::");
        let doors = DOORS.iter().filter(|(folder, _)| *folder == own);
        doors
            .flat_map(|(_, doors)| *doors)
            .any(|door| path == *door || path.starts_with(&format!("{door}::")))
    };
    let breaches: Vec<String> = crossings()
        .iter()
        .filter(|(_, own, path)| {
            let is_free = own == "app" || VOCABULARY.contains(&path[0].as_str());
            let is_message = path.get(1).is_some_and(|part| part == "messages");
            !is_free && !is_message && !is_door(own, path)
        })
        .map(|(file, _, path)| format!("{}: names crate::{}", file.path, path.join("::")))
        .collect();
    hold(
        "2, across folders only `messages` is named",
        "move what is shared into that folder's messages, or into domain; a new door needs a decision (docs/decisions)",
        &breaches,
    );
}

#[test]
fn actor_types_are_named_by_the_composition_root_alone() {
    let files = SourceFile::product();
    let mut actors = Vec::new();
    for file in &files {
        let code = file.code();
        let found = ["Behaviour for ", "Loop for "]
            .iter()
            .flat_map(|kind| code.match_indices(kind));
        for behind in found.map(|(at, kind)| at + kind.len()) {
            let name: String = code[behind..].chars().take_while(|c| c.is_alphanumeric()).collect();
            actors.push((name, file.folder().unwrap_or_default().to_owned()));
        }
    }
    assert!(actors.len() >= 8, "the actors were not found: {actors:?}");
    let mut breaches = Vec::new();
    for file in &files {
        let (code, own) = (file.code(), file.folder().unwrap_or_default());
        let words: Vec<&str> = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        for (actor, home) in &actors {
            if own != home && own != "app" && words.contains(&actor.as_str()) {
                breaches.push(format!("{}: names the actor {actor} of {home}", file.path));
            }
        }
        if !["app", "runtime"].contains(&own) && words.iter().any(|word| ["Addr", "Address"].contains(word)) {
            breaches.push(format!("{}: names an address", file.path));
        }
    }
    hold(
        "2, actor types and addresses are named outside their folder by app alone",
        "take a Port of the message you send; app.rs hands it over",
        &breaches,
    );
}

#[test]
fn pure_files_know_neither_actors_nor_waiting() {
    let mut breaches = Vec::new();
    for file in SourceFile::product() {
        if !PURE.iter().any(|pure| file.path.starts_with(pure)) {
            continue;
        }
        let code = file.code();
        for word in ["actix", "tokio", "async fn", ".await", "std::fs", "Utc::now"] {
            if code.contains(word) {
                breaches.push(format!("{}: `{word}`", file.path));
            }
        }
        for path in file.crate_paths() {
            if path.first().is_some_and(|folder| folder == "runtime") {
                breaches.push(format!("{}: names crate::{}", file.path, path.join("::")));
            }
        }
    }
    for pure in PURE {
        assert!(crate::source::root().join(pure).exists(), "{pure} has moved: mend PURE");
    }
    hold(
        "5, pure files name no actor, no runtime, no clock",
        "take what is needed as a value and return what shall be done as a value",
        &breaches,
    );
}

#[test]
fn modules_are_declared_in_the_order_of_their_layers() {
    let lib = SourceFile::read("src/lib.rs").code();
    let declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let places: Vec<Option<usize>> = declared.iter().map(|folder| layer(folder)).collect();
    assert!(
        places.is_sorted(),
        "\nhouse rule: 1, lib.rs declares the folders from the bottom up\n  {declared:?}\n"
    );
}
