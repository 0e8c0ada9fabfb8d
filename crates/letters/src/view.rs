//! Data for the templates: cleaned values, local times, no decisions left. Templates escape.

use domain::Language;
use serde::Serialize;

use crate::clean::line;

/// Data of every letter.
#[derive(Debug, Serialize)]
pub(crate) struct Frame<T> {
    /// The language of the letter (BCP 47), for the screen reader.
    pub(crate) lang: &'static str,
    /// `BUSINESS_NAME`.
    pub(crate) business: String,
    /// The time zone: `UTC+3`.
    pub(crate) zone: String,
    /// A notice above everything else.
    pub(crate) notice: Option<String>,
    /// The data of this kind of letter.
    #[serde(flatten)]
    pub(crate) body: T,
}

/// What all letters of a language, a business and a zone begin with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) language: Language,
    pub(crate) business: &'a str,
    pub(crate) zone: &'a str,
    pub(crate) notice: Option<&'a str>,
}

impl Head<'_> {
    pub(crate) fn frame<T>(self, body: T) -> Frame<T> {
        Frame {
            lang: self.language.code(),
            business: line(self.business),
            zone: self.zone.to_owned(),
            notice: self.notice.map(str::to_owned),
            body,
        }
    }
}

/// An e-mail address.
#[derive(Debug, Serialize)]
pub(crate) struct Mail {
    pub(crate) shown: String,
    /// Only for plain addresses that every mail program reads the same way.
    pub(crate) link: Option<String>,
    /// Why it has to be checked.
    pub(crate) mark: Option<String>,
}

/// A number.
#[derive(Debug, Serialize)]
pub(crate) struct Phone {
    pub(crate) shown: String,
    /// In the form of E.164, for a link.
    pub(crate) number: String,
    /// Verified by Telegram.
    pub(crate) is_verified: bool,
    /// A note on its origin, if needed.
    pub(crate) mark: Option<String>,
}

/// A customer in Telegram.
#[derive(Debug, Serialize)]
pub(crate) struct Telegram {
    /// The name in the profile.
    pub(crate) name: String,
    /// `@maria`, or the number that the link opens.
    pub(crate) username: Option<String>,
    /// By a valid user name, else by a verified number.
    pub(crate) link: Option<String>,
}

/// A day of a dialog.
#[derive(Debug, Serialize)]
pub(crate) struct Day {
    pub(crate) date: String,
    pub(crate) lines: Vec<Line>,
}

/// A line of a dialog.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "templates ask yes or no")]
pub(crate) struct Line {
    pub(crate) time: String,
    pub(crate) who: String,
    pub(crate) is_ours: bool,
    pub(crate) text: String,
    /// The text is shortened at its "…".
    pub(crate) is_cut: bool,
    pub(crate) is_edit: bool,
    pub(crate) is_lost: bool,
    pub(crate) is_waiting: bool,
}
