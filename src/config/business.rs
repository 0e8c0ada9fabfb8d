//! Settings of the business: its name, its facts, and its replacements for built-in texts.

use std::path::{Path, PathBuf};

use super::entry::{optional, optional_for, value};
use super::group::settings;
use super::source::Requirements;
use super::values::{Problem, path, problem, verbatim};

settings! {
    /// What the assistant knows about the business.
    pub struct BusinessConfig in "Business" {
        /// Business name in greetings and emails (default: the bot's name on Telegram)
        name: Option<String> = optional("BUSINESS_NAME", "NAME", verbatim),
        /// Text file with the facts the assistant bases its answers on;
        /// without it, the assistant only takes down requests and contact details
        file: PathBuf = value("BUSINESS_FILE", "FILE", "business.md", path),
        /// File with your own instructions for the assistant (default: the built-in instructions)
        prompt_file: Option<PathBuf> = optional_for("ASSISTANT_PROMPT_FILE", "FILE", |text, requirements| {
            existing(text, requirements, Path::is_file, "file")
        }),
        /// Folder with your own templates; each replaces the built-in one of the same name
        templates_dir: Option<PathBuf> = optional_for("TEMPLATES_DIR", "FOLDER", |text, requirements| {
            existing(text, requirements, Path::is_dir, "folder")
        }),
    }
}

/// A path that must exist if the service is to run.
fn existing(text: &str, to: Requirements, exists: fn(&Path) -> bool, kind: &str) -> Result<PathBuf, Problem> {
    let path = PathBuf::from(text);
    match to == Requirements::Run && !exists(&path) {
        true => problem(
            format!("names a {kind} that does not exist: {text:?}"),
            "correct the path or remove the setting",
        ),
        false => Ok(path),
    }
}
