//! The local checks of `check`: each is a function from the configuration to one line of output.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use base::encoding::{Decoded, decode};
use base::json::of_file;
use chrono::{DateTime, Utc};
use domain::Language;
use letters::{LetterError, Letters};
use serde_json::json;
use store::read_only::query;
use wording::phrases::Phrases;
use wording::templates::Instructions;

use super::output::visible;
use super::place::local;
use crate::config::{Config, Notice, SettingError};

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Ok,
    /// The service runs, but perhaps not as intended.
    Warn,
    /// The service will not run, or not well.
    Fail,
}

/// One line of `check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) name: String,
    pub(super) state: State,
    /// The facts, or the problem and its fix.
    pub(super) detail: String,
}

impl Finding {
    fn new(name: &str, state: State, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            detail: detail.into(),
        }
    }

    pub(super) fn ok(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Ok, detail)
    }

    pub(super) fn warn(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Warn, detail)
    }

    pub(super) fn fail(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Fail, detail)
    }
}

impl From<&SettingError> for Finding {
    fn from(error: &SettingError) -> Self {
        Self::fail(&error.name, format!("{}; {}", error.problem, error.fix))
    }
}

impl From<&Notice> for Finding {
    fn from(notice: &Notice) -> Self {
        Self::warn(&notice.name, format!("is ignored; {}", notice.advice))
    }
}

/// One line each: state, name, detail.
pub(super) fn as_lines(found: &[Finding]) -> String {
    let width = found.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
    let lines = found.iter().map(|finding| {
        let state = match finding.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        format!("{state}  {:<width$}  {}\n", finding.name, visible(&finding.detail))
    });
    lines.collect()
}

/// `{"ok": …, "findings": [{"name", "state", "detail"}]}`; `ok` is false if any check failed.
pub(super) fn as_json(found: &[Finding]) -> String {
    let findings: Vec<_> = found
        .iter()
        .map(|finding| {
            let state = match finding.state {
                State::Ok => "ok",
                State::Warn => "warn",
                State::Fail => "fail",
            };
            json!({ "name": finding.name, "state": state, "detail": finding.detail })
        })
        .collect();
    let is_ok = found.iter().all(|finding| finding.state != State::Fail);
    format!("{:#}", json!({ "ok": is_ok, "findings": findings }))
}

/// The database can be opened and written, or can be created.
pub(super) fn database(config: &Config) -> Finding {
    const NAME: &str = "database";
    let path = &config.storage.database;
    let shown = path.display();
    let folder = existing_folder(path);
    // SQLite writes its write-ahead log next to the file.
    if let Err(error) = tempfile::tempfile_in(folder) {
        return Finding::fail(
            NAME,
            format!(
                "cannot write to {} ({}); fix the folder permissions",
                folder.display(),
                error.kind()
            ),
        );
    }
    if !path.exists() {
        return Finding::ok(NAME, format!("{shown} (will be created on the first start)"));
    }
    if let Err(error) = OpenOptions::new().write(true).open(path) {
        return Finding::fail(
            NAME,
            format!("cannot write {shown} ({}); fix the file permissions", error.kind()),
        );
    }
    match query(path, "SELECT count(*) FROM sqlite_master") {
        Ok(_) => Finding::ok(NAME, shown.to_string()),
        Err(error) => Finding::fail(NAME, format!("{shown}: {error}")),
    }
}

/// The closest existing folder above the file.
fn existing_folder(path: &Path) -> &Path {
    path.ancestors()
        .skip(1)
        .find(|folder| folder.is_dir())
        .unwrap_or(Path::new("."))
}

/// The threads file can be read. An invalid one is only a warning, because the database has all threads.
pub(super) fn threads_file(config: &Config) -> Finding {
    const NAME: &str = "threads";
    let path = &config.storage.threads_file;
    let shown = path.display();
    match fs::read(path).map(|bytes| of_file::<BTreeMap<i64, String>>(&bytes)) {
        Ok(Some(threads)) => Finding::ok(NAME, format!("{shown}, {} entries", threads.len())),
        Ok(None) => Finding::warn(
            NAME,
            format!(
                "{shown} is not a JSON object of user and thread IDs; the service will rename it and write a new one"
            ),
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Finding::ok(NAME, format!("{shown} (will be created with the first thread)"))
        }
        Err(error) => Finding::fail(
            NAME,
            format!("cannot read {shown} ({}); fix the file permissions", error.kind()),
        ),
    }
}

/// The file with the facts exists and is not empty.
pub(super) fn business_file(config: &Config) -> Finding {
    const NAME: &str = "business";
    let shown = config.business.file.display();
    match text_of(&config.business.file) {
        Ok(Some(text)) => Finding::ok(NAME, format!("{shown}, {}", described(&text))),
        Ok(None) => Finding::warn(
            NAME,
            format!("{shown} is empty, so the assistant only takes requests and contacts; write your facts into it"),
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => Finding::warn(
            NAME,
            format!(
                "{shown} does not exist, so the assistant only takes requests and contacts; write your facts into it"
            ),
        ),
        Err(error) => Finding::fail(NAME, format!("cannot read {shown} ({})", cause(&error))),
    }
}

/// Custom instructions can be read.
pub(super) fn prompt_file(config: &Config) -> Finding {
    const NAME: &str = "instructions";
    let Some(path) = &config.business.prompt_file else {
        return Finding::ok(NAME, "built in");
    };
    match text_of(path) {
        Ok(Some(text)) => Finding::ok(NAME, format!("{}, {}", path.display(), described(&text))),
        Ok(None) => Finding::fail(NAME, format!("{} is empty", path.display())),
        Err(error) => Finding::fail(NAME, format!("cannot read {} ({})", path.display(), cause(&error))),
    }
}

/// Custom templates, texts and instructions are valid.
pub(super) fn templates(config: &Config) -> Finding {
    const NAME: &str = "templates";
    let folder = config.business.templates_dir.as_deref();
    if let Some(Err(error)) = folder.map(fs::read_dir) {
        let shown = folder.unwrap_or(Path::new("")).display();
        return Finding::fail(NAME, format!("cannot read {shown} ({})", error.kind()));
    }
    match Letters::load(config.mail.language, folder) {
        Ok(_) => match folder.map_or(Ok(()), texts) {
            Ok(()) => Finding::ok(
                NAME,
                folder.map_or("built in".to_owned(), |folder| folder.display().to_string()),
            ),
            Err(error) => Finding::fail(NAME, error.replace('\n', "; ")),
        },
        Err(LetterError { faults }) => Finding::fail(NAME, faults.join("; ")),
    }
}

/// Texts to customers and instructions are valid, checked as at the start of the service.
fn texts(folder: &Path) -> Result<(), String> {
    Phrases::with_overrides(folder).map_err(|error| error.to_string())?;
    for language in Language::ALL {
        let file = folder.join(format!("instructions/{}.md.hbs", language.code()));
        match text_of(&file) {
            Ok(Some(read)) => Instructions::from_file(&read.text)
                .map(drop)
                .map_err(|error| format!("{}: {error}", file.display()))?,
            Ok(None) => return Err(format!("{} is empty", file.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(format!("cannot read {} ({})", file.display(), cause(&error))),
        }
    }
    Ok(())
}

/// A turn has time for more than one request.
pub(super) fn deadlines(config: &Config) -> Finding {
    const NAME: &str = "deadlines";
    let timeout = config.openai.timeout.as_secs();
    let deadline = config.conversation.turn_deadline.num_seconds();
    match u64::try_from(deadline).is_ok_and(|deadline| timeout < deadline) {
        true => Finding::ok(
            NAME,
            format!("{timeout} s for an OpenAI request, {deadline} s for a reply"),
        ),
        false => Finding::warn(
            NAME,
            format!(
                "one slow OpenAI request ({timeout} s) may use up the time for a reply ({deadline} s); increase TURN_DEADLINE"
            ),
        ),
    }
}

/// Shows the local time, so that a person can compare it.
pub(super) fn time_zone(config: &Config, now: DateTime<Utc>) -> Finding {
    let zone = config.locale.time_zone;
    let local = now.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    Finding::ok("time zone", format!("{}, local time {local}", zone.name()))
}

/// Shows when the next report is due, so that a person can compare it.
pub(super) fn report(config: &Config, now: DateTime<Utc>) -> Finding {
    let zone = config.locale.time_zone;
    match config.locale.report_cron.next_after(now, zone) {
        Some(due) => Finding::ok("report", format!("next report at {}", local(due, zone))),
        None => Finding::warn("report", "REPORT_CRON has no future date; change the schedule"),
    }
}

/// The text of the file; `None` if it is empty.
fn text_of(path: &Path) -> io::Result<Option<Decoded>> {
    let read = decode(&fs::read(path)?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
    Ok(Some(read).filter(|read| !read.text.trim().is_empty()))
}

fn described(read: &Decoded) -> String {
    format!("{} characters, {}", read.text.chars().count(), read.encoding)
}

/// Why a file cannot be read: the system error, or the kind of file it is instead of text.
fn cause(error: &io::Error) -> String {
    error
        .get_ref()
        .map_or_else(|| error.kind().to_string(), ToString::to_string)
}

#[cfg(test)]
#[path = "findings_tests.rs"]
mod tests;
