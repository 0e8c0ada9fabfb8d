//! What stands in a dialog for what is no text, in the words of the letter: `[voice 0:12]` is `[голосовое 0:12]` to its
//! reader.

use domain::{CONTACT_LABEL, MediaKind, Phone, split_label};

use crate::reach;
use crate::voice::Voice;

/// The words of one language.
#[derive(Debug)]
pub(crate) struct Labels {
    kinds: Vec<(&'static str, String)>,
    contact: String,
}

impl Labels {
    /// # Errors
    /// A word that is missing.
    pub(crate) fn of(voice: Voice<'_>) -> Result<Self, String> {
        let kinds = MediaKind::ALL.into_iter().map(|kind| {
            let key = format!("media-{}", kind.word().replace(' ', "-"));
            Ok((kind.word(), voice.say(&key)?))
        });
        Ok(Self {
            kinds: kinds.collect::<Result<_, String>>()?,
            contact: voice.say("media-contact")?,
        })
    }

    /// A customer's line. Brackets that a customer types are translated too, which is harmless.
    pub(crate) fn told(&self, text: &str) -> String {
        match self.split(text) {
            Some((label, behind)) => format!("[{label}]{behind}"),
            None => text.to_owned(),
        }
    }

    fn split<'a>(&self, text: &'a str) -> Option<(String, &'a str)> {
        let (label, behind) = split_label(text)?;
        Some((self.label(label)?, behind))
    }

    fn label(&self, label: &str) -> Option<String> {
        let detail = |word: &str| {
            let detail = label.strip_prefix(word)?;
            (detail.is_empty() || detail.starts_with(' ')).then_some(detail)
        };
        if let Some(card) = detail(CONTACT_LABEL) {
            let (name, numbers) = card.split_once(", ")?;
            // Without its plus it says nothing of its country: it is shown as the card has it.
            let whole = |number: &str| Phone::international(number).filter(|_| number.starts_with('+'));
            let shown = |number: &str| whole(number).map_or_else(|| number.to_owned(), |phone| reach::display(&phone));
            let numbers: Vec<String> = numbers.split(", ").map(shown).collect();
            return Some(format!("{}{name}, {}", self.contact, numbers.join(", ")));
        }
        // "video note" is no video with a detail.
        let kinds = self.kinds.iter();
        let known = kinds.filter_map(|(word, told)| Some((word.len(), told, detail(word)?)));
        let (_, told, detail) = known.max_by_key(|(length, ..)| *length)?;
        Some(format!("{told}{detail}"))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use domain::Language;
    use wording::phrases::LetterWords;

    use super::*;

    #[test]
    fn labels_of_media_are_in_the_owners_language() {
        let words = LetterWords::load(Language::Ru, None).unwrap();
        let voice = Voice {
            words: &words,
            zone: Tz::UTC,
        };
        let labels = Labels::of(voice).unwrap();
        for (stored, told) in [
            ("[contact Мария, +79123456789]", "[контакт Мария, +7 912 345-67-89]"),
            ("[contact Мария, 84951234567]", "[контакт Мария, 84951234567]"),
            (
                "[contact Котов, Иван, +79123456789, +74951234567, a@b.example]",
                "[контакт Котов, Иван, +7 912 345-67-89, +7 495 123-45-67, a@b.example]",
            ),
            ("[contact , x]", "[контакт , x]"),
            (
                "[contact Иван [окна], +79123456789]",
                "[контакт Иван [окна], +7 912 345-67-89]",
            ),
            ("[voice 0:12]", "[голосовое 0:12]"),
            ("[video note 0:05]", "[видеосообщение 0:05]"),
            ("[video 1:05] смотрите", "[видео 1:05] смотрите"),
            ("[photo] вот кухня [photo]", "[фото] вот кухня [photo]"),
        ] {
            assert_eq!(labels.told(stored), told);
        }
        for same in ["", "photo", "[", "[photos]", "[1] и [2]", "а [photo]"] {
            assert_eq!(labels.told(same), same);
        }
    }
}
