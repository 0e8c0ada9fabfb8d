//! A list of words. It is written as one text, because a list of a hundred words with a line each is longer than the code that
//! uses it; the compiler takes it apart.

/// A list of `N` words.
pub(super) struct Words<const N: usize>([&'static str; N]);

impl<const N: usize> Words<N> {
    /// The words of a text with one space between them.
    pub(super) const fn of(text: &'static str) -> Self {
        let mut words = [""; N];
        let (mut count, mut from, mut at) = (0, 0, 0);
        while at <= text.len() {
            if at == text.len() || text.as_bytes()[at] == b' ' {
                words[count] = text.split_at(at).0.split_at(from).1;
                (count, from) = (count + 1, at + 1);
            }
            at += 1;
        }
        assert!(count == N, "the text has another number of words");
        Self(words)
    }

    /// Whether this is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(&word)
    }

    /// Whether one of them is the beginning of this.
    pub(super) fn begin(&self, word: &str) -> bool {
        self.0.iter().any(|stem| word.starts_with(stem))
    }
}
