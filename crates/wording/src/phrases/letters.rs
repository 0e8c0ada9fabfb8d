//! The words of letters in one language, kept in Fluent files beside the short texts of the chat. Which of them a
//! letter needs its templates say; whoever loads those tries them all out, so a word that is missing is found at start.

use domain::Language;
use fluent_bundle::{FluentArgs, FluentValue};

use super::PhraseError;
use super::load::{add, keys};
use super::say::{Bundle, empty};

/// A value that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word<'a> {
    /// As it is.
    Text(&'a str),
    /// A number by which forms are chosen: 1 заявка, 2 заявки, 5 заявок.
    Count(i64),
}

/// The words of letters in one language.
pub struct LetterWords {
    bundle: Bundle,
}

impl LetterWords {
    /// The built-in words, replaced by name by those of `own`, a file name and its text.
    ///
    /// # Errors
    /// All faults, `FILE:LINE: what is wrong`: not Fluent, or a name that no word has.
    pub fn load(language: Language, own: Option<(&str, &str)>) -> Result<Self, PhraseError> {
        let mut bundle = empty(language);
        let (name, text) = built_in(language);
        let is_known = |key: &str| keys(text).any(|(_, known)| known == key);
        let mut faults = Vec::new();
        for source in [Some((name, text)), own].into_iter().flatten() {
            add(&mut bundle, source, "word", is_known, &mut faults);
        }
        if faults.is_empty() {
            Ok(Self { bundle })
        } else {
            Err(PhraseError { faults })
        }
    }

    /// Says a word.
    ///
    /// # Errors
    /// What keeps it from being said: there is none of that name, or it needs a value that is not given.
    pub fn say(&self, key: &str, values: &[(&str, Word<'_>)]) -> Result<String, String> {
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return Err(format!("there is no word named {key}"));
        };
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            let value = match value {
                Word::Text(text) => FluentValue::from(*text),
                Word::Count(count) => FluentValue::from(*count),
            };
            arguments.set(*name, value);
        }
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        match errors.first() {
            None => Ok(text.trim().to_owned()),
            Some(error) => Err(format!("{key}: {error}")),
        }
    }
}

impl std::fmt::Debug for LetterWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LetterWords").finish_non_exhaustive()
    }
}

fn built_in(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::Ru => ("letters/ru.ftl", include_str!("../../../../templates/letters/ru.ftl")),
        Language::En => ("letters/en.ftl", include_str!("../../../../templates/letters/en.ftl")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(language: Language) -> LetterWords {
        LetterWords::load(language, None).unwrap()
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let names = |language| {
            let mut names: Vec<&str> = keys(built_in(language).1).map(|(_, key)| key).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(Language::Ru), names(Language::En));
        let unique: std::collections::BTreeSet<&str> = names(Language::Ru).into_iter().collect();
        assert_eq!(unique.len(), names(Language::Ru).len(), "a word stands twice");
    }

    #[test]
    fn a_number_chooses_the_form_of_its_word() {
        let said = |language, count| {
            words(language)
                .say("subject-leads", &[("n", Word::Count(count))])
                .unwrap()
        };
        let russian = [
            (1, "1 заявка"),
            (2, "2 заявки"),
            (5, "5 заявок"),
            (11, "11 заявок"),
            (21, "21 заявка"),
        ];
        for (count, form) in russian {
            assert!(
                said(Language::Ru, count).contains(form),
                "{count}: {}",
                said(Language::Ru, count)
            );
        }
        assert!(said(Language::En, 1).contains("1 more lead in"));
        assert!(said(Language::En, 7).contains("7 more leads in"));
    }

    #[test]
    fn own_words_replace_the_built_in_ones_by_name() {
        let own = LetterWords::load(Language::En, Some(("own.ftl", "request = Wants\n"))).unwrap();
        assert_eq!(own.say("request", &[]).unwrap(), "Wants");
        assert_ne!(own.say("note", &[]).unwrap(), "");
    }

    #[test]
    fn a_wrong_file_of_words_is_refused_with_its_line() {
        let fault = |text| {
            LetterWords::load(Language::En, Some(("own.ftl", text)))
                .unwrap_err()
                .to_string()
        };
        assert!(fault("request = Wants\nreqest = x\n").starts_with("own.ftl:2: "));
        assert!(fault("request = { $\n").starts_with("own.ftl:"));
    }

    #[test]
    fn a_word_that_lacks_its_value_is_no_word() {
        assert!(words(Language::Ru).say("subject-leads", &[]).is_err());
        assert!(words(Language::Ru).say("nothing", &[]).is_err());
    }
}
