//! Where values come from: the text of each setting as flags and environment gave it, and the files that keep secrets.

use std::collections::BTreeMap;
use std::{fmt, io};

use super::values::{Problem, problem};

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

/// The raw settings as flags and environment gave them; a missing or blank one takes its default. Values stay text until
/// all of them are read, so that all faults are reported at once instead of one by one.
#[derive(Clone, Default)]
pub struct Settings(pub(super) BTreeMap<String, String>);

// Some hold a token, a key or a password, also inside a URL.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings(***)")
    }
}

/// All that a setting is read from.
pub(super) struct Source<'a> {
    pub(super) settings: &'a Settings,
    pub(super) requirements: Requirements,
    pub(super) env: Env<'a>,
}

impl Source<'_> {
    /// The value as it was given; blank counts as unset, as in `NAME=` of an `.env` file.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.settings.0.get(name).and_then(|text| given(text))
    }

    /// A secret as it was given, or as the file has it that `NAME_FILE` names.
    pub(super) fn secret(&self, name: &str) -> Result<Option<String>, Problem> {
        match (self.given(name), self.file_of(name)) {
            (Some(_), Some(_)) => problem(format!("is set beside {name}_FILE"), "keep one of the two"),
            (Some(text), None) => Ok(Some(text.to_owned())),
            (None, None) => Ok(None),
            (None, Some(file)) => match text_of(&file) {
                Ok(text) if text.trim().is_empty() => problem(
                    format!("is to come from {name}_FILE, but {file} is empty"),
                    "write the value into it",
                ),
                Ok(text) => Ok(Some(text.trim().to_owned())),
                Err(error) => problem(
                    format!(
                        "is to come from {name}_FILE, but {file} cannot be read ({})",
                        error.kind()
                    ),
                    "mend the path or the file's rights",
                ),
            },
        }
    }

    pub(super) fn has_secret(&self, name: &str) -> bool {
        self.given(name).is_some() || self.file_of(name).is_some()
    }

    fn file_of(&self, name: &str) -> Option<String> {
        (self.env)(&format!("{name}_FILE")).filter(|path| !path.trim().is_empty())
    }
}

/// The value as it was given, `None` if it is blank.
pub(super) fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
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
