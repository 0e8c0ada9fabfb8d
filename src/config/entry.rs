//! A setting: its definition, which help and documents print, and how its value is read. An entry of a group
//! ([`super::group`]) starts with one of the functions here.

use super::Secret;
use super::source::{Requirements, Source};
use super::values::Problem;

/// The definition of one setting.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// clap's id.
    pub id: String,
    /// The flag, without its dashes.
    pub flag: String,
    /// The placeholder for the value in help.
    pub value_name: &'static str,
    /// The description, without a full stop.
    pub meaning: String,
    pub default: Option<&'static str>,
    /// The heading above it in help.
    pub group: &'static str,
    /// It has a `NAME_FILE` variable instead of a flag, and its value is never shown.
    pub is_secret: bool,
    /// Help does not show its value from the environment.
    pub is_private: bool,
    /// `run` needs it, or another setting that replaces it; `meaning` says so.
    pub is_required: bool,
    /// The value as `frontdesk config` shows it.
    pub show: fn(&str) -> String,
}

/// Marks a required setting in `meaning`.
const REQUIRED: &str = "(required";

type Parse<T> = fn(&str) -> Result<T, Problem>;
type Read<T> = Box<dyn FnOnce(&Source<'_>) -> Result<T, Problem>>;

/// A setting and how its value is read.
pub(super) struct Entry<T> {
    pub(super) setting: Setting,
    pub(super) read: Read<T>,
}

/// A setting with a default.
pub(super) fn value<T: 'static>(
    name: &'static str,
    value_name: &'static str,
    default: &'static str,
    parse: Parse<T>,
) -> Entry<T> {
    let mut entry = Entry::new(name, value_name, move |source| {
        parse(source.given(name).unwrap_or(default))
    });
    entry.setting.default = Some(default);
    entry
}

/// A setting without a default.
pub(super) fn optional<T: 'static>(name: &'static str, value_name: &'static str, parse: Parse<T>) -> Entry<Option<T>> {
    Entry::new(name, value_name, move |source| {
        source.given(name).map(parse).transpose()
    })
}

/// A setting without a default whose parsing depends on what the command requires.
pub(super) fn optional_for<T: 'static>(
    name: &'static str,
    value_name: &'static str,
    parse: fn(&str, Requirements) -> Result<T, Problem>,
) -> Entry<Option<T>> {
    Entry::new(name, value_name, move |source| {
        let parse = |text| parse(text, source.requirements);
        source.given(name).map(parse).transpose()
    })
}

/// A secret that `run` requires; empty for other commands if it is not set.
pub(super) fn secret(name: &'static str, value_name: &'static str, check: Parse<()>) -> Entry<Secret> {
    optional_secret(name, value_name, check)
        .required(where_to_put(name))
        .or_else(|_source| Secret::default())
}

/// A secret that is not required.
pub(super) fn optional_secret(name: &'static str, value_name: &'static str, check: Parse<()>) -> Entry<Option<Secret>> {
    let mut entry = Entry::new(name, value_name, move |source| match source.secret(name)? {
        Some(text) => check(&text).map(|()| Some(Secret::new(text))),
        None => Ok(None),
    });
    entry.setting.is_secret = true;
    entry.private(|_secret| "***".to_owned())
}

/// The fix for a missing secret.
pub(super) fn where_to_put(secret: &str) -> String {
    format!("add it to .env, or set {secret}_FILE to the path of a file that contains it")
}

impl<T> Entry<T> {
    fn new(
        name: &'static str,
        value_name: &'static str,
        read: impl FnOnce(&Source<'_>) -> Result<T, Problem> + 'static,
    ) -> Self {
        let id = name.to_lowercase();
        let setting = Setting {
            name,
            flag: id.replace('_', "-"),
            id,
            value_name,
            meaning: String::new(),
            default: None,
            group: "",
            is_secret: false,
            is_private: false,
            is_required: false,
            show: str::to_owned,
        };
        let read = Box::new(read);
        Self { setting, read }
    }

    /// Appends text to the doc comment.
    pub(super) fn remark(mut self, words: &str) -> Self {
        self.setting.meaning = format!("; {words}");
        self
    }

    /// For a value that may contain a password: `show` is what `frontdesk config` prints. Help does not show the value.
    pub(super) fn private(mut self, show: fn(&str) -> String) -> Self {
        self.setting.is_private = true;
        self.setting.show = show;
        self
    }

    /// Adds the heading and the doc comment of the entry.
    pub(super) fn described(mut self, group: &'static str, meaning: &str) -> Self {
        self.setting.group = group;
        self.setting.meaning.insert_str(0, meaning.trim());
        self.setting.is_required = self.setting.meaning.contains(REQUIRED);
        self
    }
}

impl<T: 'static> Entry<Option<T>> {
    /// `run` requires it; `fix` says what to write.
    pub(super) fn required(self, fix: impl Into<String>) -> Self {
        let fix = fix.into();
        self.then(|value, source| match (value, source.requirements) {
            (None, Requirements::Run) => Err(("is not set".to_owned(), fix)),
            (value, _) => Ok(value),
        })
    }

    /// The value if it is not set.
    pub(super) fn or_else(self, otherwise: impl FnOnce(&Source<'_>) -> T + 'static) -> Entry<T> {
        self.then(|value, source| Ok(value.unwrap_or_else(|| otherwise(source))))
    }

    fn then<U>(self, next: impl FnOnce(Option<T>, &Source<'_>) -> Result<U, Problem> + 'static) -> Entry<U> {
        let Self { setting, read } = self;
        let read = Box::new(|source: &Source<'_>| next(read(source)?, source));
        Entry { setting, read }
    }
}
