//! Reading settings one by one: a value, a fault noted, or nothing where nothing was given. What the values mean
//! stands in [`super::resolve`] and [`super::mail`].

use std::collections::BTreeMap;
use std::io;

use clap::ValueEnum;

use super::values::Problem;
use super::{Fault, Secret, all_settings};

/// Looks a name up in the environment; a value of its own, so that tests need no real one.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a command cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirements {
    /// Token, key, owner, mail server and every file that is named: `run`.
    Run,
    /// Valid values alone: commands that talk to nobody. Absent secrets are empty ones, nobody is told of leads.
    ReadOnly,
}

/// Reads values one by one and keeps what is wrong. Its methods answer `None` only after noting a fault.
pub(super) struct Reader<'a> {
    pub(super) env: Env<'a>,
    pub(super) requirements: Requirements,
    defaults: BTreeMap<String, String>,
    pub(super) faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(env: Env<'a>, requirements: Requirements) -> Self {
        let defaults = all_settings().into_iter().filter_map(|s| Some((s.name, s.default?)));
        Self {
            env,
            requirements,
            defaults: defaults.collect(),
            faults: Vec::new(),
        }
    }

    /// A setting with a default; blank counts as unset, as in `NAME=` of an `.env` file.
    pub(super) fn value<T>(
        &mut self,
        name: &str,
        raw: &Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        let default = self.defaults.get(name).cloned().unwrap_or_default();
        let text = given(raw).map_or(default, str::to_owned);
        self.noting(name, parse(&text))
    }

    /// A setting that may stay unset.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        raw: &Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<Option<T>> {
        match given(raw) {
            Some(text) => self.noting(name, parse(text)).map(Some),
            None => Some(None),
        }
    }

    /// A setting that `run` cannot do without; `fix` says what to write where it is missing.
    pub(super) fn required<T>(
        &mut self,
        name: &str,
        raw: &Option<String>,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
        fix: &str,
    ) -> Option<Option<T>> {
        match (given(raw), self.requirements) {
            (None, Requirements::Run) => self.noting(name, Err(("is not set".to_owned(), fix.to_owned()))),
            _ => self.optional(name, raw, parse),
        }
    }

    /// A secret that `run` cannot do without; an empty one where that is not what is asked for.
    pub(super) fn secret(
        &mut self,
        name: &str,
        raw: &Option<String>,
        check: impl FnOnce(&str) -> Result<(), Problem>,
    ) -> Option<Secret> {
        match (self.optional_secret(name, raw, check)?, self.requirements) {
            (Some(secret), _) => Some(secret),
            (None, Requirements::ReadOnly) => Some(Secret::default()),
            (None, Requirements::Run) => self.noting(name, Err(("is not set".to_owned(), where_to_put(name)))),
        }
    }

    /// A secret that may stay unset.
    pub(super) fn optional_secret(
        &mut self,
        name: &str,
        raw: &Option<String>,
        check: impl FnOnce(&str) -> Result<(), Problem>,
    ) -> Option<Option<Secret>> {
        let read = self.secret_text(name, raw).and_then(|text| match text {
            Some(text) => check(&text).map(|()| Some(Secret::new(text))),
            None => Ok(None),
        });
        self.noting(name, read)
    }

    fn secret_text(&self, name: &str, raw: &Option<String>) -> Result<Option<String>, Problem> {
        let file = (self.env)(&format!("{name}_FILE")).filter(|path| !path.trim().is_empty());
        match (given(raw), file) {
            (Some(_), Some(_)) => Err((format!("is set beside {name}_FILE"), "keep one of the two".to_owned())),
            (Some(text), None) => Ok(Some(text.to_owned())),
            (None, None) => Ok(None),
            (None, Some(file)) => match text_of(&file) {
                Ok(text) if text.trim().is_empty() => Err((
                    format!("is to come from {name}_FILE, but {file} is empty"),
                    "write the value into it".to_owned(),
                )),
                Ok(text) => Ok(Some(text.trim().to_owned())),
                Err(error) => Err((
                    format!(
                        "is to come from {name}_FILE, but {file} cannot be read ({})",
                        error.kind()
                    ),
                    "mend the path or the file's rights".to_owned(),
                )),
            },
        }
    }

    /// Takes the value, or notes the fault.
    pub(super) fn noting<T>(&mut self, name: &str, read: Result<T, Problem>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err((problem, fix)) => {
                self.faults.push(Fault::new(name, problem, fix));
                None
            }
        }
    }
}

/// The value as it was given, `None` if it is missing or blank.
pub(super) fn given(raw: &Option<String>) -> Option<&str> {
    raw.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The text of a file. Windows begins a file with a byte order mark, which is no part of a secret, and its shell writes UTF-16.
fn text_of(file: &str) -> io::Result<String> {
    let text = String::from_utf8(unmarked(std::fs::read(file)?));
    text.map_err(|_foreign| io::ErrorKind::InvalidData.into())
}

/// In UTF-8 and without a byte order mark, if it began with one.
pub(super) fn unmarked(bytes: Vec<u8>) -> Vec<u8> {
    let utf_16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, _half) = rest.as_chunks();
        String::from_utf16_lossy(&pairs.iter().copied().map(unit).collect::<Vec<_>>()).into_bytes()
    };
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, rest @ ..] => rest.to_vec(),
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ => bytes,
    }
}

/// What to do about a secret that is missing.
pub(super) fn where_to_put(secret: &str) -> String {
    format!("put it into .env, or its file's path into {secret}_FILE")
}

/// A value of words we know, in any case.
pub(super) fn word<T: ValueEnum>(text: &str) -> Result<T, Problem> {
    T::from_str(text, true).map_err(|_unknown| {
        let words: Vec<String> = T::value_variants()
            .iter()
            .filter_map(|variant| Some(variant.to_possible_value()?.get_name().to_owned()))
            .collect();
        (
            format!("is none of the known words: {text:?}"),
            format!("write {}", words.join(", ")),
        )
    })
}
