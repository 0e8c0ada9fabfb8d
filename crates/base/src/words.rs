//! Words that are stored or logged: one line per variant pairs it with its word.

/// Gives an enum without fields `ALL`, `word` and `from_word`.
///
/// ```
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// enum Door {
///     Open,
///     Shut,
/// }
/// base::words! { Door { Open = "open", Shut = "shut" } }
/// assert_eq!(Door::ALL.map(Door::word), ["open", "shut"]);
/// assert_eq!(Door::from_word("shut"), Some(Door::Shut));
/// ```
#[macro_export]
macro_rules! words {
    ($kind:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $kind {
            /// All variants, in this order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word that is stored or logged.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The variant with this word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.word() == word)
            }
        }
    };
}
