//! The model's Markdown on its way to a customer: read by a CommonMark parser into plain text with spans, then
//! split into parts that Telegram accepts. No markup leaves, so no markup can be refused.

mod canvas;
mod citations;
mod emphasis;
#[cfg(test)]
mod faithful;
mod inline;
mod links;
mod lists;
mod names;
mod parse;
#[cfg(test)]
mod promises;
mod render;
mod shield;
mod split;
mod table;
#[cfg(test)]
mod tests;
mod thoughts;
mod write;

pub use render::render;
pub use split::{TELEGRAM_SPAN_LIMIT, TELEGRAM_TEXT_LIMIT, split};
pub use thoughts::answer_text;
