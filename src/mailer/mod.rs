//! EDGE to the mail server: letters are put together and handed over. lettre is named nowhere else.

mod account;
mod actor;
mod check;
mod compose;
mod draft;
mod hello;
mod line;
mod mailing;
pub mod messages;
mod smtp;
mod sort;
#[cfg(test)]
mod tests;
mod tls;
mod wire;

pub use actor::MailerActor;
pub use check::{CheckedServer, check};
pub use draft::{Draft, draft};
pub use mailing::{Mailer, Settings as MailerSettings};
