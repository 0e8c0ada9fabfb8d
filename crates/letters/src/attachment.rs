//! A file that goes with a letter. Its kind is a value of our own, so that nothing but tables, texts and contacts can be
//! attached: mailboxes distrust HTML and JSON.

use wording::pieces::Pieces;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A table.
    Csv,
    /// A plain text.
    Text,
    /// Contacts.
    Card,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Made of a word of the service and a number or a date, so ASCII: `lead-42.vcf`.
    pub file: String,
    pub(crate) kind: Kind,
    /// UTF-8, with the line ends that the file has.
    pub text: Pieces,
}

impl Attachment {
    /// Its media type (RFC 7111, RFC 2046, RFC 6350).
    pub const fn media_type(&self) -> &'static str {
        match self.kind {
            Kind::Csv => "text/csv; charset=utf-8",
            Kind::Text => "text/plain; charset=utf-8",
            Kind::Card => "text/vcard; charset=utf-8",
        }
    }
}

/// Whether the files of a letter go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// As usual.
    Attached,
    /// The server does not take it with them, and the letter says so.
    LeftOut,
}
