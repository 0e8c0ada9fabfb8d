//! The model's Markdown on its way to a customer: read by a CommonMark parser into plain text with spans, then
//! split into parts that Telegram accepts. No markup leaves, so no markup can be refused.

mod canvas;
mod citations;
#[cfg(test)]
mod promises;
mod render;
mod split;
mod table;
#[cfg(test)]
mod tests;
mod thoughts;

pub use render::render;
pub use split::{TELEGRAM_SPAN_LIMIT, TELEGRAM_TEXT_LIMIT, split};
pub use thoughts::answer_text;
