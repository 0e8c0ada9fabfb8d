//! The short texts of the service in ru and en, kept in Fluent files. All of them are said once when they are
//! loaded, so a fault of an operator's own file is found at start and never in front of a customer.

mod load;
mod phrase;
mod say;
#[cfg(test)]
mod tests;

pub use load::PhraseError;
pub use phrase::{MenuCommand, Phrase};
pub use say::Phrases;
