//! Languages of the narration.

use clap::ValueEnum;

/// The language of the narration; customers write in their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// English
    En,
    /// Русский
    Ru,
}

/// A text in both languages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Both(pub(super) &'static str, pub(super) &'static str);

impl Both {
    /// The text in one language.
    pub(super) const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.0,
            Lang::Ru => self.1,
        }
    }

    /// With each `{}` filled in, in order.
    pub(super) fn with(self, lang: Lang, values: &[&dyn std::fmt::Display]) -> String {
        let mut parts = self.of(lang).split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            text += &format!("{value}{part}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_in_order() {
        let text = Both("{} of {} messages", "{} из {} сообщений");
        assert_eq!(text.with(Lang::Ru, &[&1, &2]), "1 из 2 сообщений");
    }
}
