//! A file that goes with a letter. Its kind is a value of our own, so that nothing but tables, texts and contacts can be
//! attached: mailboxes distrust HTML and JSON.

use wording::pieces::Pieces;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A table.
    Csv,
    /// A plain text.
    Text,
    /// Contacts.
    Card,
}

impl Kind {
    /// Its media type (RFC 7111, RFC 2046, RFC 6350).
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Card => "text/vcard; charset=utf-8",
        }
    }
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attachment {
    /// Made of a word of ours and a number or a date, so ASCII: `lead-42.vcf`.
    pub(super) file: String,
    pub(super) kind: Kind,
    /// UTF-8, with the line ends that the file has.
    pub(super) text: Pieces,
}
