//! Telegram's updates as domain values. Read leniently from the raw JSON and not through teloxide's types: with
//! those, an entity type or content that is newer than the library would take a customer's words with it.

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
