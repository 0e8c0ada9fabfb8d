//! What is said, and how: the model's Markdown as text with entities, the service's own short texts in ru and en, the
//! assistant's instructions, whole sentences of an answer that was cut off, tables for spreadsheets.
//!
//! ```
//! use domain::Language;
//! use wording::markdown::render;
//! use wording::phrases::{Phrase, Phrases};
//!
//! let reply = render("Two rooms cost **3,000**.");
//! assert_eq!(reply.text, "Two rooms cost 3,000.");
//! assert_eq!(reply.spans.len(), 1);
//! let phrases = Phrases::load().unwrap();
//! assert!(!phrases.say(Language::En, Phrase::Help).is_empty());
//! ```

pub mod markdown;
pub mod phrases;
pub mod pieces;
pub mod repeats;
pub mod sentences;
pub mod spreadsheet;
pub mod templates;
