//! A list of words. It is written as one text, because a list of a hundred words with a line each is longer than the code that
//! uses it.

/// The words, with white space between them.
pub(super) struct Words(pub &'static str);

impl Words {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.0.split_ascii_whitespace()
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.all().any(|known| known == word)
    }

    /// Whether one of them is the beginning of this.
    pub(super) fn begin(&self, word: &str) -> bool {
        self.all().any(|stem| word.starts_with(stem))
    }
}
