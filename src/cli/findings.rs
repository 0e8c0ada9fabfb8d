//! What `check` finds on this machine: each look is a function from the configuration to one line.

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
use crate::config::{Config, Fault, Notice};

/// How a look ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// The service runs, but perhaps not as meant.
    Warn,
    /// The service will not run, or not well.
    Fail,
}

/// One line of `check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// What was looked at.
    pub(super) name: String,
    /// How it ended.
    pub(super) state: State,
    /// What there is, or what to do.
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

    /// A good one.
    pub(super) fn ok(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Ok, detail)
    }

    /// A doubtful one.
    pub(super) fn warn(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Warn, detail)
    }

    /// A bad one.
    pub(super) fn fail(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, State::Fail, detail)
    }
}

impl From<&Fault> for Finding {
    fn from(fault: &Fault) -> Self {
        Self::fail(&fault.name, format!("{}; {}", fault.problem, fault.fix))
    }
}

impl From<&Notice> for Finding {
    fn from(notice: &Notice) -> Self {
        Self::warn(&notice.name, format!("is not read; {}", notice.advice))
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

/// `{"ok": …, "findings": [{"name", "state", "detail"}]}`; `ok` is false once anything failed.
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

/// The database opens and can be written, or can be made.
pub(super) fn database(config: &Config) -> Finding {
    const NAME: &str = "database";
    let path = &config.storage.database;
    let shown = path.display();
    let folder = existing_folder(path);
    // SQLite needs the folder too: its write-ahead log stands beside the file.
    if let Err(error) = tempfile::tempfile_in(folder) {
        return Finding::fail(
            NAME,
            format!("cannot write into {} ({})", folder.display(), error.kind()),
        );
    }
    if !path.exists() {
        return Finding::ok(NAME, format!("{shown} is made at the first start"));
    }
    if let Err(error) = OpenOptions::new().write(true).open(path) {
        return Finding::fail(NAME, format!("cannot write {shown} ({})", error.kind()));
    }
    match query(path, "SELECT count(*) FROM sqlite_master") {
        Ok(_) => Finding::ok(NAME, shown.to_string()),
        Err(error) => Finding::fail(NAME, format!("{shown}: {error}")),
    }
}

/// The folder of the file, or the next one above it that exists.
fn existing_folder(path: &Path) -> &Path {
    path.ancestors()
        .skip(1)
        .find(|folder| folder.is_dir())
        .unwrap_or(Path::new("."))
}

/// The mirror of threads can be read; a broken one is no failure, because the database rules.
pub(super) fn threads_file(config: &Config) -> Finding {
    const NAME: &str = "threads";
    let path = &config.storage.threads_file;
    let shown = path.display();
    match fs::read(path).map(|bytes| of_file::<BTreeMap<i64, String>>(&bytes)) {
        Ok(Some(threads)) => Finding::ok(NAME, format!("{shown}, {} entries", threads.len())),
        Ok(None) => Finding::warn(
            NAME,
            format!("{shown} is not {{\"user id\": \"thread id\"}}; it will be kept aside and written anew"),
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Finding::ok(NAME, format!("{shown} is written with the first thread"))
        }
        Err(error) => Finding::fail(NAME, format!("cannot read {shown} ({})", error.kind())),
    }
}

/// The facts are there.
pub(super) fn business_file(config: &Config) -> Finding {
    const NAME: &str = "business";
    let shown = config.business.file.display();
    match text_of(&config.business.file) {
        Ok(Some(text)) => Finding::ok(NAME, format!("{shown}, {}", described(&text))),
        Ok(None) => Finding::warn(
            NAME,
            format!("{shown} is empty; the assistant only takes requests and contacts"),
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => Finding::warn(
            NAME,
            format!("there is no {shown}; the assistant only takes requests and contacts"),
        ),
        Err(error) => Finding::fail(NAME, format!("cannot read {shown} ({})", cause(&error))),
    }
}

/// Instructions of the owner's own can be read.
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

/// Templates of the owner's own can be read, the letters made with them, and what customers and the assistant are told.
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
            Err(fault) => Finding::fail(NAME, fault.replace('\n', "; ")),
        },
        Err(LetterError { faults }) => Finding::fail(NAME, faults.join("; ")),
    }
}

/// What customers are told and what the assistant is can be read, as a start reads them.
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

/// A turn leaves room for more than one try.
pub(super) fn deadlines(config: &Config) -> Finding {
    const NAME: &str = "deadlines";
    let timeout = config.openai.timeout.as_secs();
    let deadline = config.conversation.turn_deadline.num_seconds();
    match u64::try_from(deadline).is_ok_and(|deadline| timeout < deadline) {
        true => Finding::ok(NAME, format!("a request has {timeout} s, a turn {deadline} s")),
        false => Finding::warn(
            NAME,
            format!("one slow request ({timeout} s) uses up a turn ({deadline} s); raise TURN_DEADLINE"),
        ),
    }
}

/// The local time, for a person to compare with the clock on the wall.
pub(super) fn time_zone(config: &Config, now: DateTime<Utc>) -> Finding {
    let zone = config.locale.time_zone;
    let local = now.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    Finding::ok("time zone", format!("{}, where it is {local}", zone.name()))
}

/// When the next report is due, for a person to compare with what he wants.
pub(super) fn report(config: &Config, now: DateTime<Utc>) -> Finding {
    let zone = config.locale.time_zone;
    match config.locale.report_cron.next_after(now, zone) {
        Some(due) => Finding::ok("report", format!("the next one is due at {}", local(due, zone))),
        None => Finding::warn("report", "REPORT_CRON names no time that is still to come"),
    }
}

/// The file's text; `None` if there is nothing in it.
fn text_of(path: &Path) -> io::Result<Option<Decoded>> {
    let read = decode(&fs::read(path)?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
    Ok(Some(read).filter(|read| !read.text.trim().is_empty()))
}

fn described(read: &Decoded) -> String {
    format!("{} characters, {}", read.text.chars().count(), read.encoding)
}

/// What is wrong with a file: what the system says, or what it is instead of a text.
fn cause(error: &io::Error) -> String {
    error
        .get_ref()
        .map_or_else(|| error.kind().to_string(), ToString::to_string)
}

#[cfg(test)]
#[path = "findings_tests.rs"]
mod tests;
