//! Telegram's updates as domain values. They are read leniently from the raw JSON, not through teloxide's types: with
//! those, an entity or content type newer than the library would lose the customer's text.

mod batch;
mod buttons;
mod commands;
mod content;
#[cfg(test)]
mod content_tests;
mod kinds;
mod links;
mod object;
#[cfg(test)]
mod promises;
mod rich;
#[cfg(test)]
mod tests;
mod update;
mod vcard;

pub(super) use batch::read_batch;
pub(super) use commands::BotIdentity;
pub(super) use update::read_update;
