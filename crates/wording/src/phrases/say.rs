//! Saying a phrase.

use std::sync::Arc;

use domain::Language;
use fluent_bundle::{FluentResource, concurrent::FluentBundle};

use super::Phrase;

/// The texts of one language.
pub(super) type Bundle = FluentBundle<FluentResource>;

/// One without texts.
pub(super) fn empty(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(language.code().parse().into_iter().collect());
    // The marks would be shown by some clients, and copied along with names and numbers.
    bundle.set_use_isolating(false);
    bundle
}

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
        said(bundle, phrase).0
    }
}

impl std::fmt::Debug for Phrases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Phrases").finish_non_exhaustive()
    }
}

/// Says a phrase from one language's texts: what came out, and what was wrong with it.
pub(super) fn said(bundle: &Bundle, phrase: Phrase<'_>) -> (String, Option<String>) {
    let Some(pattern) = bundle.get_message(phrase.key()).and_then(|message| message.value()) else {
        return (String::new(), Some("has no text".into()));
    };
    let mut errors = Vec::new();
    let arguments = phrase.arguments();
    let text = bundle.format_pattern(pattern, Some(&arguments), &mut errors);
    (text.trim().to_owned(), errors.first().map(ToString::to_string))
}
