//! Pure text work, each library at home in one file or folder: the model's Markdown, the short texts of the
//! service, the assistant's instructions.

pub mod markdown;
pub mod phrases;
pub mod templates;
