//! EDGE to the mail server: letters are written from a page and handed over. lettre is named nowhere else.

mod actor;
mod check;
mod clean;
mod compose;
mod lead_view;
mod letters;
mod mailing;
pub mod messages;
mod reach;
mod render;
mod samples;
mod smtp;
mod sort;
mod templates;
#[cfg(test)]
mod tests;
mod view;

pub use actor::MailerActor;
pub use check::check;
pub use letters::{LetterError, Letters};
pub use mailing::{Mailer, Settings as MailerSettings};
