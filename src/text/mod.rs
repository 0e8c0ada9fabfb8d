//! Pure text work, each library at home in one file or folder: the model's Markdown, the short texts of the
//! service, the assistant's instructions, the contacts in a customer's words, tables for spreadsheets, JSON of a far side.

pub mod contacts;
pub mod encoding;
pub mod finder;
pub mod json;
pub mod markdown;
pub mod phone;
pub mod phrases;
pub mod pieces;
pub mod repeats;
pub mod sentences;
pub mod spreadsheet;
pub mod templates;
