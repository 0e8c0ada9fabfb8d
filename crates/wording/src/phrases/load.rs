//! Reads the built-in texts and an operator's own over them, and reports all errors together.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use base::encoding::{Decoded, decode};
use domain::Language;
use fluent_bundle::FluentResource;

use super::say::{Bundle, Bundles, empty, said};
use super::{Phrase, Phrases};

/// The texts cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults.join("\n"))]
pub struct PhraseError {
    /// One line each, `FILE:LINE: what is wrong`.
    pub faults: Vec<String>,
}

/// A file of texts.
struct Source {
    /// The path in error messages.
    name: String,
    text: String,
}

impl Phrases {
    /// The built-in texts.
    ///
    /// # Errors
    /// None in a build whose tests passed.
    pub fn load() -> Result<Self, PhraseError> {
        Self::from_sources(|_| Ok(None))
    }

    /// The built-in texts, replaced by name by those in `texts/ru.ftl` and `texts/en.ftl` under `dir`; either
    /// file may be absent.
    ///
    /// # Errors
    /// All faults of both files: unreadable, not Fluent, a name that no text has, a variable that the text
    /// does not get, a result that is empty or too long for its place.
    pub fn with_overrides(dir: &Path) -> Result<Self, PhraseError> {
        Self::from_sources(|language| {
            let path = dir.join("texts").join(format!("{}.ftl", language.code()));
            let name = path.display().to_string();
            match fs::read(&path) {
                Ok(bytes) => match decode(&bytes) {
                    Ok(Decoded { text, .. }) => Ok(Some(Source { name, text })),
                    Err(error) => Err(format!("{name}: cannot be read: {error}")),
                },
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(format!("{name}: cannot be read: {error}")),
            }
        })
    }

    fn from_sources(own: impl Fn(Language) -> Result<Option<Source>, String>) -> Result<Self, PhraseError> {
        let mut faults = Vec::new();
        let mut bundle = |language| {
            let own = own(language).unwrap_or_else(|fault| {
                faults.push(fault);
                None
            });
            bundle(language, own, &mut faults)
        };
        let (ru, en) = (bundle(Language::Ru), bundle(Language::En));
        if faults.is_empty() {
            let bundles = Arc::new(Bundles { ru, en });
            Ok(Self { bundles })
        } else {
            Err(PhraseError { faults })
        }
    }
}

/// The texts that are compiled in.
fn built_in(language: Language) -> Source {
    let (name, text) = match language {
        Language::Ru => (
            "templates/texts/ru.ftl",
            include_str!("../../../../templates/texts/ru.ftl"),
        ),
        Language::En => (
            "templates/texts/en.ftl",
            include_str!("../../../../templates/texts/en.ftl"),
        ),
    };
    Source {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

fn bundle(language: Language, own: Option<Source>, faults: &mut Vec<String>) -> Bundle {
    let mut bundle = empty(language);
    let is_known = |key: &str| Phrase::samples().iter().any(|phrase| phrase.key() == key);
    let faults_before = faults.len();
    let mut sources = vec![built_in(language)];
    sources.extend(own);
    for source in &sources {
        add(&mut bundle, (&source.name, &source.text), "text", is_known, faults);
    }
    // A file that is not Fluent is reported once, not for each text missing in it.
    if faults.len() == faults_before {
        faults.extend(Phrase::samples().into_iter().filter_map(|phrase| {
            let problem = problem(&bundle, phrase)?;
            Some(format!("{}: {} {problem}", place(&sources, phrase.key()), phrase.key()))
        }));
        faults.dedup();
    }
    bundle
}

/// Adds the texts of a file over the present ones; each key must be known.
pub(super) fn add(
    bundle: &mut Bundle,
    (file, words): (&str, &str),
    what: &str,
    is_known: impl Fn(&str) -> bool,
    faults: &mut Vec<String>,
) {
    let unknown = keys(words).filter(|(_, key)| !is_known(key));
    faults.extend(unknown.map(|(line, key)| format!("{file}:{line}: there is no {what} named {key}")));
    match FluentResource::try_new(words.to_owned()) {
        Ok(resource) => bundle.add_resource_overriding(resource),
        Err((_, errors)) => faults.extend(errors.iter().map(|error| {
            let before = words.bytes().take(error.pos.start);
            let line = 1 + before.filter(|byte| *byte == b'\n').count();
            format!("{file}:{line}: {error}")
        })),
    }
}

/// The error of a phrase, if any.
fn problem(bundle: &Bundle, phrase: Phrase<'_>) -> Option<String> {
    match said(bundle, phrase) {
        (_, Some(problem)) => Some(problem),
        (text, None) if text.is_empty() => Some("is empty".into()),
        (text, None) if text.encode_utf16().count() > phrase.limit() => {
            Some(format!("is longer than {} characters", phrase.limit()))
        }
        _ => None,
    }
}

/// The place of a text: in the last file that has it.
fn place(sources: &[Source], key: &str) -> String {
    let found = sources.iter().rev().find_map(|source| {
        let (line, _) = keys(&source.text).find(|(_, name)| *name == key)?;
        Some(format!("{}:{line}", source.name))
    });
    found.unwrap_or_else(|| sources.first().map_or_else(String::new, |source| source.name.clone()))
}

/// The names of a file's messages with their lines, counted from 1. A message begins in the first column.
pub(super) fn keys(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let (name, _) = line.split_once('=')?;
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
        is_name.then(|| (index + 1, name.trim_end()))
    })
}

#[cfg(test)]
pub(super) fn built_in_text(language: Language) -> String {
    built_in(language).text
}
