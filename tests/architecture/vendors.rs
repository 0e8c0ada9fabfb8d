//! Rule 3: each library of others has one home. Whoever wants to replace it finds every line of it there.

use crate::hold;
use crate::source::SourceFile;

/// Crate and the places in `src` that may name it; `*` is everywhere, nothing is nowhere.
const HOMES: &[(&str, &[&str])] = &[
    // Outside of the runtime only `actix::Message` is named: its derive stands on every message.
    ("actix", &["runtime/"]),
    ("actix_rt", &["cli/run.rs"]),
    ("anyhow", &["cli/"]),
    ("async_openai", &["assistant/openai.rs"]),
    ("chrono", &["*"]),
    ("chrono_tz", &["*"]),
    ("clap", &["cli/", "config/"]),
    ("comfy_table", &["cli/tables.rs"]),
    ("croner", &["config/schedule.rs"]),
    ("diesel", &["db/"]),
    ("diesel_migrations", &["db/"]),
    ("dotenvy", &["cli/dotenv.rs"]),
    ("email_address", &["config/"]),
    ("env_logger", &["logging/"]),
    ("futures_util", &["*"]),
    ("http", &["assistant/openai.rs"]),
    ("iana_time_zone", &["config/"]),
    ("lettre", &["mailer/"]),
    // Compiled in for diesel; nobody speaks to it.
    ("libsqlite3_sys", &[]),
    ("log", &["config/values.rs", "logging/"]),
    ("phonenumber", &["config/"]),
    ("reqwest", &["assistant/openai.rs"]),
    ("reqwest_telegram", &["telegram/"]),
    ("rustix", &["cli/demo/"]),
    (
        "rustls",
        &[
            "app/",
            "cli/far_sides.rs",
            "config/authorities.rs",
            "mailer/tls.rs",
            "runtime/issuer.rs",
        ],
    ),
    ("sandbox", &["cli/demo/"]),
    ("serde", &["*"]),
    ("serde_json", &["*"]),
    ("sha2", &["*"]),
    ("teloxide", &["telegram/"]),
    ("tempfile", &["cli/", "conversation/threads_file.rs"]),
    ("thiserror", &["*"]),
    ("tokio", &["*"]),
    ("tokio_rustls", &["mailer/tls.rs"]),
    ("tower", &["assistant/openai.rs"]),
    ("url", &["config/"]),
    ("webpki_root_certs", &["assistant/openai.rs", "mailer/tls.rs"]),
];

/// Whether the code names the crate: at the root of a path, or alone in a `use`.
fn names(code: &str, vendor: &str) -> bool {
    let is_renamed = code.contains(&format!(" as {vendor};"));
    !is_renamed && positions(code, vendor).next().is_some()
}

fn positions<'a>(code: &'a str, vendor: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(vendor).map(|(at, _)| at).filter(move |at| {
        let (before, behind) = (&code[..*at], &code[at + vendor.len()..]);
        let is_root = !before.ends_with(|c: char| c.is_alphanumeric() || "_:.".contains(c));
        let is_use = before.ends_with("use ") && (behind.starts_with(';') || behind.starts_with(" as "));
        is_root && (behind.starts_with("::") || is_use)
    })
}

#[test]
fn each_vendor_library_has_one_home() {
    let mut breaches = Vec::new();
    for file in SourceFile::program() {
        let (code, place) = (file.code(), file.path.trim_start_matches("src/"));
        for (vendor, homes) in HOMES {
            let is_home = homes.iter().any(|home| *home == "*" || place.starts_with(home));
            let is_message = *vendor == "actix" && names_message_alone(&code);
            if !is_home && names(&code, vendor) && !is_message {
                breaches.push(format!("{}: names {vendor}, whose home is {homes:?}", file.path));
            }
        }
    }
    hold(
        "3, each vendor library has one home",
        "go through the folder that is its home; another home needs a decision (docs/decisions) and a line in HOMES",
        &breaches,
    );
}

fn names_message_alone(code: &str) -> bool {
    positions(code, "actix").all(|at| {
        let behind = &code[at + "actix".len()..];
        behind.starts_with("::Message;") || behind.starts_with("::Message ")
    })
}

#[test]
fn every_dependency_has_been_given_a_home() {
    let manifest = SourceFile::read("Cargo.toml").text;
    let (_, behind) = manifest.split_once("\n[dependencies]\n").expect("[dependencies]");
    let (own, _) = behind.split_once("\n[").expect("a table behind it");
    let dependencies: Vec<String> = own
        .lines()
        .filter(|line| !line.starts_with('#') && !line.contains("path = \"crates/"))
        .filter_map(|line| line.split_once([' ', '=', '.']))
        .map(|(name, _)| name.replace('-', "_"))
        .filter(|name| !name.is_empty())
        .collect();
    let mut breaches: Vec<String> = dependencies
        .iter()
        .filter(|name| !HOMES.iter().any(|(vendor, _)| vendor == name))
        .map(|name| format!("{name} has no home"))
        .collect();
    let gone = HOMES
        .iter()
        .filter(|(vendor, _)| !dependencies.iter().any(|name| name == vendor));
    breaches.extend(gone.map(|(vendor, _)| format!("{vendor} is no dependency any more")));
    hold(
        "3, every dependency has a home",
        "mend HOMES in tests/architecture/vendors.rs",
        &breaches,
    );
}

#[test]
fn no_home_stands_empty() {
    let files = SourceFile::program();
    let codes: Vec<(&str, String)> = files
        .iter()
        .map(|file| (file.path.trim_start_matches("src/"), file.code()))
        .collect();
    let mut breaches = Vec::new();
    for (vendor, homes) in HOMES {
        for home in homes.iter().filter(|home| **home != "*") {
            let mut inside = codes.iter().filter(|(place, _)| place.starts_with(home));
            if !inside.any(|(_, code)| names(code, vendor)) {
                breaches.push(format!("{vendor} is named nowhere in {home}"));
            }
        }
    }
    hold(
        "3, a home that is not lived in is given up",
        "take it out of HOMES in tests/architecture/vendors.rs",
        &breaches,
    );
}

#[test]
fn the_feature_of_the_demo_is_named_in_cli_alone() {
    let files = SourceFile::product();
    let breaches: Vec<String> = files
        .iter()
        .filter(|file| file.folder() != Some("cli") && file.code_with_strings().contains("feature = \"demo\""))
        .map(|file| file.path.clone())
        .collect();
    hold(
        "3, feature `demo` is named in cli alone",
        "the service must not know that it is being shown; hand the difference in through config",
        &breaches,
    );
}

fn is_demo(path: &str) -> bool {
    path.starts_with("src/cli/demo/")
}

#[test]
fn times_are_asked_of_the_clock() {
    let mut breaches = Vec::new();
    for file in SourceFile::product() {
        let (code, folder) = (file.code(), file.folder().unwrap_or_default());
        let is_clock = file.path == "crates/base/src/clock.rs";
        if code.contains("Utc::now(") && !is_clock && !["logging", "cli"].contains(&folder) {
            breaches.push(format!("{}: Utc::now", file.path));
        }
        let is_edge = ["assistant", "db", "mailer", "telegram", "runtime"].contains(&folder);
        // The demo is the person in front of the service: it waits for a child process and for its reader. The clock is where
        // waiting is at home.
        if is_demo(&file.path) || is_clock {
            continue;
        }
        if code.contains("tokio::time::sleep") || code.contains("tokio::time") && !is_edge {
            breaches.push(format!("{}: tokio::time", file.path));
        }
    }
    hold(
        "8, whatever a person would call a time goes through base::Clock",
        "wait with Clock::until or Clock::after; tokio::time bounds I/O in edges and nothing else",
        &breaches,
    );
}
