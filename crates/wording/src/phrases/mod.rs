//! The short texts of the service and the words of its letters, in ru and en, kept in Fluent files. All of the short
//! texts are said once when they are loaded, so a fault of an operator's own file is found at start and never in
//! front of a customer.

mod letters;
mod load;
mod phrase;
mod say;
#[cfg(test)]
mod tests;

pub use letters::{LetterWords, Word};
pub use load::PhraseError;
pub use phrase::{MenuCommand, Phrase};
pub use say::Phrases;
