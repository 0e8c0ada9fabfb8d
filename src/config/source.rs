//! Sources of values: the text of each setting from flags and environment, and the files with secrets.

use std::collections::BTreeMap;
use std::{fmt, io};

use super::values::{Problem, problem};

/// Reads an environment variable. Tests pass their own function.
pub(super) type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a command requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirements {
    /// Token, key, owner, mail server and every configured file: `run`.
    Run,
    /// Only valid values: commands without connections. Missing secrets are empty, and there may be no owner.
    ReadOnly,
}

/// The raw settings from flags and environment. A missing or blank one takes its default. Values are parsed together, so that
/// all errors are reported at once.
#[derive(Clone, Default)]
pub struct Settings(pub(super) BTreeMap<String, String>);

// Some contain a token, a key or a password, also inside a URL.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Settings(***)")
    }
}

pub(super) struct Source<'a> {
    pub(super) settings: &'a Settings,
    pub(super) requirements: Requirements,
    pub(super) env: Env<'a>,
}

impl Source<'_> {
    /// The value from flags and environment; blank counts as unset, as in `NAME=` of an `.env` file.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        self.settings.0.get(name).and_then(|text| given(text))
    }

    /// A secret from the environment or from the file that `NAME_FILE` names.
    pub(super) fn secret(&self, name: &str) -> Result<Option<String>, Problem> {
        match (self.given(name), self.file_of(name)) {
            (Some(_), Some(_)) => problem(format!("is set together with {name}_FILE"), "keep only one of them"),
            (Some(text), None) => Ok(Some(text.to_owned())),
            (None, None) => Ok(None),
            (None, Some(file)) => match text_of(&file) {
                Ok(text) if text.trim().is_empty() => problem(
                    format!("is read from {name}_FILE, but {file} is empty"),
                    "write the value into that file",
                ),
                Ok(text) => Ok(Some(text.trim().to_owned())),
                Err(error) => problem(
                    format!("is read from {name}_FILE, but {file} cannot be read ({})", error.kind()),
                    "fix the path or the file permissions",
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

/// The trimmed value, `None` if it is blank.
pub(super) fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The text of a file. Windows starts a file with a byte order mark, which is not part of a secret, and its shell writes UTF-16.
fn text_of(file: &str) -> io::Result<String> {
    let text = String::from_utf8(unmarked(std::fs::read(file)?));
    text.map_err(|_foreign| io::ErrorKind::InvalidData.into())
}

/// In UTF-8 and without the byte order mark, if there was one.
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
