//! The house rules as tests that fail. Each message names the file, the rule and what to do; the reasons stand in
//! `CONTRIBUTING.md`. A reader of text is enough for that: comments, strings and tests are taken out, paths are read
//! as they are written.

#[path = "architecture/documents.rs"]
mod documents;
#[path = "architecture/files.rs"]
mod files;
#[path = "architecture/imports.rs"]
mod imports;
#[path = "architecture/logs.rs"]
mod logs;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/vendors.rs"]
mod vendors;

/// Fails with every breach of a rule at once.
#[track_caller]
fn hold(rule: &str, what_to_do: &str, breaches: &[String]) {
    assert!(
        breaches.is_empty(),
        "\nhouse rule: {rule}\nwhat to do: {what_to_do}\n  {}\n",
        breaches.join("\n  ")
    );
}
