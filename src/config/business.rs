//! Settings of the business: what the assistant knows of it, and its own words in place of ours.

use std::path::{Path, PathBuf};

use super::entry::{optional, optional_for, value};
use super::group::settings;
use super::source::Requirements;
use super::values::{Problem, path, problem, verbatim};

settings! {
    /// What the assistant knows of the business.
    pub struct BusinessConfig in "Business" {
        /// Name of the business in greetings; unset: the bot's name at Telegram
        name: Option<String> = optional("BUSINESS_NAME", "NAME", verbatim),
        /// The facts the assistant answers from, in your own words; if the file is absent it only takes requests and contacts
        file: PathBuf = value("BUSINESS_FILE", "FILE", "business.md", path),
        /// Instructions that replace the built-in ones; unset: the built-in ones
        prompt_file: Option<PathBuf> = optional_for("ASSISTANT_PROMPT_FILE", "FILE", |text, requirements| {
            existing(text, requirements, Path::is_file, "file")
        }),
        /// Folder whose templates replace the built-in ones of the same name; unset: the built-in ones
        templates_dir: Option<PathBuf> = optional_for("TEMPLATES_DIR", "FOLDER", |text, requirements| {
            existing(text, requirements, Path::is_dir, "folder")
        }),
    }
}

/// A path that must lead somewhere, where the service is to run.
fn existing(text: &str, to: Requirements, exists: fn(&Path) -> bool, what: &str) -> Result<PathBuf, Problem> {
    let path = PathBuf::from(text);
    match to == Requirements::Run && !exists(&path) {
        true => problem(format!("names no {what}: {text:?}"), "mend the path or unset it"),
        false => Ok(path),
    }
}
