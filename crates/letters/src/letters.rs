//! Reads templates and words: the built-in ones, an operator's own over them by name. With an operator's own the letters
//! are tried out on sample pages before anything is sent, so a broken one is found at start and not by a lead; for the
//! built-in ones a test of the service does so.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono_tz::Tz;
use domain::Language;
use pages::PageBody;
use wording::phrases::LetterWords;

use crate::attachment::Files;
use crate::own_files::{own_files, words_file};
use crate::render::render;
use crate::templates::{Rendered, Templates};
use crate::{samples, trial};

/// The letters cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", faults.join("\n"))]
pub struct LetterError {
    /// One line each, `FILE:LINE:COLUMN: what is wrong`, counted from 1; without a place where none is known.
    pub faults: Vec<String>,
}

/// All letters in one language. Cheap to clone. An operator's templates are compiled and tried out at once, ours with the first
/// letter: that takes longer than all the rest of a start.
#[derive(Clone)]
pub struct Letters {
    inner: Arc<Inner>,
}

struct Inner {
    language: Language,
    words: Arc<LetterWords>,
    templates: OnceLock<Templates>,
}

impl Inner {
    fn templates(&self) -> Result<&Templates, LetterError> {
        if let Some(compiled) = self.templates.get() {
            return Ok(compiled);
        }
        let compiled = Templates::compile(&self.words, |_file| None).map_err(failed)?;
        Ok(self.templates.get_or_init(|| compiled))
    }
}

impl Letters {
    /// The built-in letters, replaced by name by what stands in `templates_dir` (`lead/body.html.hbs`,
    /// `letters/ru.ftl`). Reads files; call it once, at start.
    ///
    /// # Errors
    /// All faults of one step: files that cannot be read, words, templates, or the letters on which they were tried.
    pub fn load(language: Language, templates_dir: Option<&Path>) -> Result<Self, LetterError> {
        let own = own_files(templates_dir).map_err(failed)?;
        let words = |language: Language| {
            let file = own.get(&words_file(language));
            let own = file.map(|(path, text)| (path.as_str(), text.as_str()));
            LetterWords::load(language, own).map_err(|error| failed(error.faults))
        };
        // Those of the other language are not used, but whoever wrote them wants to know what is wrong with them.
        for other in Language::ALL
            .into_iter()
            .filter(|other| own.contains_key(&words_file(*other)))
        {
            words(other)?;
        }
        let words = Arc::new(words(language)?);
        if own.is_empty() {
            let templates = OnceLock::new();
            return Ok(Self::of(language, words, templates));
        }
        let templates = Templates::compile(&words, |file| own.get(file).cloned()).map_err(failed)?;
        let letters = Self::of(language, words, templates.into());
        letters.try_out()?;
        Ok(letters)
    }

    fn of(language: Language, words: Arc<LetterWords>, templates: OnceLock<Templates>) -> Self {
        let inner = Inner {
            language,
            words,
            templates,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Renders a page for an owner of that business, all times in that zone. Takes milliseconds for a long dialog and up to a
    /// second for thousands of them: not for an actor's own thread.
    ///
    /// # Errors
    /// A template that fails on this page although it did not on the samples.
    pub fn render(&self, body: &PageBody, files: Files, business: &str, zone: Tz) -> Result<Rendered, LetterError> {
        let Inner { language, words, .. } = self.inner.as_ref();
        let templates = self.inner.templates()?;
        render(templates, words, *language, body, (business, zone), files).map_err(|fault| failed(vec![fault]))
    }

    pub(crate) fn try_out(&self) -> Result<(), LetterError> {
        let all = samples::pages().into_iter().map(|body| (body, Files::Attached));
        let bare = samples::pages().into_iter().take(1).map(|body| (body, Files::LeftOut));
        let tried = all
            .chain(bare)
            .flat_map(|(body, files)| match self.render(&body, files, "-", Tz::UTC) {
                Ok(letter) => trial::faults(&body, &letter),
                Err(error) => error.faults,
            });
        let mut faults: Vec<String> = tried.collect();
        faults.sort_unstable();
        faults.dedup();
        if faults.is_empty() { Ok(()) } else { Err(failed(faults)) }
    }
}

impl std::fmt::Debug for Letters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Letters").field(&self.inner.language).finish()
    }
}

fn failed(faults: Vec<String>) -> LetterError {
    LetterError { faults }
}
