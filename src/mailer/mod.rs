//! EDGE to the mail server: letters are written from a page and handed over. lettre is named nowhere else.

mod actor;
mod attachment;
mod check;
mod clean;
mod compose;
mod dialog_view;
mod draft;
mod excerpt;
mod history;
mod labels;
mod lead_letter;
mod lead_view;
mod letters;
mod mailing;
pub mod messages;
mod own_files;
mod reach;
mod render;
mod report_dialogs;
mod report_figures;
mod report_hours;
mod report_parts;
mod report_people;
mod report_problems;
mod report_room;
mod report_samples;
mod report_sheets;
mod report_view;
mod report_worth;
mod samples;
mod smtp;
mod sort;
mod templates;
#[cfg(test)]
mod tests;
mod trial;
mod vcard;
mod view;
mod voice;

pub use actor::MailerActor;
pub use check::check;
pub use draft::{Draft, draft};
pub use letters::{LetterError, Letters};
pub use mailing::{Mailer, Settings as MailerSettings};
