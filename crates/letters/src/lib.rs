//! What an owner or operator reads by mail: a page of values becomes subject, text, HTML and attachments. Pure but for an
//! operator's own templates, which are read and tried out once, at start. Who a letter is from and how it is sent is not known here.
//!
//! ```
//! use chrono::DateTime;
//! use chrono_tz::Tz;
//! use domain::{Alert, AlertKind, Language};
//! use letters::{Files, Letters};
//! use pages::PageBody;
//!
//! let letters = Letters::load(Language::En, None).unwrap();
//! let (at, reason) = (DateTime::UNIX_EPOCH, "insufficient_quota".to_owned());
//! let alert = PageBody::Alert(Alert { kind: AlertKind::Assistant, reason, at });
//! let letter = letters.render(&alert, Files::Attached, "Clean House", Tz::UTC).unwrap();
//! assert!(letter.text.contains("insufficient_quota") && letter.html.ends_with("</html>"));
//! assert!(letter.attachments.is_empty());
//! ```

mod alert;
mod attachment;
mod clean;
mod dialog;
mod labels;
mod lead;
mod letters;
mod own_files;
mod person;
mod reach;
mod render;
mod report;
mod samples;
mod sheets;
mod templates;
#[cfg(test)]
mod tests;
mod trial;
mod vcard;
mod view;
mod voice;

pub use attachment::{Attachment, Files};
pub use clean::{at_most, line};
pub use letters::{LetterError, Letters};
pub use reach::answer_to;
pub use templates::Rendered;
