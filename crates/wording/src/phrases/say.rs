//! Saying a phrase.

use std::sync::Arc;

use domain::Language;
use fluent_bundle::{FluentResource, concurrent::FluentBundle};

use super::Phrase;

/// The texts of one language.
pub(super) type Bundle = FluentBundle<FluentResource>;

/// All texts. Cheap to clone, may be used from any thread.
#[derive(Clone)]
pub struct Phrases {
    pub(super) bundles: Arc<Bundles>,
}

/// One bundle a language.
pub(super) struct Bundles {
    pub(super) ru: Bundle,
    pub(super) en: Bundle,
}

impl Phrases {
    /// Says a phrase. It cannot fail: loading has said every phrase once.
    pub fn say(&self, language: Language, phrase: Phrase<'_>) -> String {
        let bundle = match language {
            Language::Ru => &self.bundles.ru,
            Language::En => &self.bundles.en,
        };
        said(bundle, phrase).unwrap_or_else(|partly| partly.text)
    }
}

impl std::fmt::Debug for Phrases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phrases").finish_non_exhaustive()
    }
}

/// A phrase that could not be said as it should.
pub(super) struct Partly {
    /// What came out nevertheless.
    pub(super) text: String,
    /// What was wrong.
    pub(super) problem: String,
}

/// Says a phrase from one language's texts.
pub(super) fn said(bundle: &Bundle, phrase: Phrase<'_>) -> Result<String, Partly> {
    let Some(pattern) = bundle.get_message(phrase.key()).and_then(|message| message.value()) else {
        return Err(Partly {
            text: String::new(),
            problem: "has no text".into(),
        });
    };
    let mut errors = Vec::new();
    let arguments = phrase.arguments();
    let text = bundle
        .format_pattern(pattern, Some(&arguments), &mut errors)
        .trim()
        .to_owned();
    match errors.first() {
        None => Ok(text),
        Some(error) => Err(Partly {
            text,
            problem: error.to_string(),
        }),
    }
}
