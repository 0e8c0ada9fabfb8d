//! An accepted letter: the envelope, the octets, and the content as a mail program reads it.

use mail_parser::{HeaderForm, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// A file in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Empty if it has none.
    pub name: String,
    /// As `text/csv`; empty if the part has none.
    pub content_type: String,
    /// The id in the HTML part (`cid:`), without the angle brackets.
    pub content_id: Option<String>,
    /// Decoded.
    pub bytes: Vec<u8>,
}

/// A letter the stand-in accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// The sender of the envelope; empty for a bounce.
    pub from: String,
    /// The recipients of the envelope that were not refused.
    pub to: Vec<String>,
    /// As received, without the doubled dots.
    pub raw: Vec<u8>,
    /// Decoded; empty if there is none.
    pub subject: String,
    /// The first plain text part, decoded.
    pub text: Option<String>,
    /// The first HTML part, decoded.
    pub html: Option<String>,
    /// Without the angle brackets.
    pub message_id: Option<String>,
    /// Without the angle brackets; the last one if there are several.
    pub in_reply_to: Option<String>,
    /// Without the angle brackets, the first letter of the thread first.
    pub references: Vec<String>,
    /// The name beside the address in the header `From`, decoded.
    pub from_name: Option<String>,
    /// In the order of the letter, those inside the HTML included.
    pub attachments: Vec<Attachment>,
    /// Of the header `Date`, in seconds since 1970.
    pub date: Option<i64>,
    /// The number of its entry in the journal.
    pub at: u64,
}

/// The encodings declared in the envelope.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Promises {
    /// `SMTPUTF8`: headers may hold UTF-8 as it is.
    pub(crate) utf8: bool,
    /// `BODY=8BITMIME`: the rest may.
    pub(crate) eight_bit: bool,
}

/// The envelope so far, from `MAIL` and `RCPT`.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) promises: Promises,
    /// True even if every recipient was refused.
    pub(super) has_named_a_recipient: bool,
}

impl Letter {
    /// Parses what it can; malformed content has no subject and no parts.
    pub(crate) fn read(from: String, to: Vec<String>, raw: Vec<u8>) -> Self {
        let letter = Self {
            from,
            to,
            ..Self::default()
        };
        let letter = match MessageParser::default().parse(&raw) {
            Some(message) => letter.filled(&message),
            None => letter,
        };
        Self { raw, ..letter }
    }

    fn filled(self, message: &Message<'_>) -> Self {
        let sender = message.from().and_then(|from| from.first());
        Self {
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.text_bodies().find_map(plain),
            html: message.html_bodies().find_map(html),
            message_id: message.message_id().map(str::to_owned),
            in_reply_to: ids(message.in_reply_to()).pop(),
            references: ids(message.references()),
            from_name: sender.and_then(|sender| sender.name()).map(str::to_owned),
            attachments: message.attachments().map(attachment).collect(),
            date: message.date().map(mail_parser::DateTime::to_timestamp),
            ..self
        }
    }

    /// The first header of this name (in any case), unfolded and decoded.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::default().parse(&self.raw)?;
        // With the letter's own capitalization: the parser compares unknown names case-sensitively.
        let own = message
            .headers()
            .iter()
            .find(|header| header.name().eq_ignore_ascii_case(name))?;
        let values = message.header_as(own.name.clone(), HeaderForm::Text);
        Some(values.first()?.as_text().unwrap_or_default().to_owned())
    }

    /// The text [`crate::Rule::containing`] searches: the octets, and the decoded base64 or quoted-printable text.
    pub(crate) fn searched(&self) -> String {
        let decoded = [Some(&self.subject), self.text.as_ref(), self.html.as_ref()];
        let mut searched = String::from_utf8_lossy(&self.raw).into_owned();
        for part in decoded.into_iter().flatten() {
            searched.push('\n');
            searched.push_str(part);
        }
        searched
    }

    /// Whether it went to this address, whose case does not matter.
    pub(crate) fn is_to(&self, address: &str) -> bool {
        self.to.iter().any(|to| to.eq_ignore_ascii_case(address))
    }

    /// Problems a downstream mail server might reject.
    pub(crate) fn problems(&self, promises: Promises) -> Vec<&'static str> {
        let head = head_of(&self.raw);
        let body = &self.raw[head.len()..];
        let has = |name: &str| self.header(name).is_some_and(|value| !value.is_empty());
        let mut faults = Vec::new();
        let mut check = |is_fault: bool, fault| {
            if is_fault {
                faults.push(fault);
            }
        };
        check(!has("From"), "a letter without From");
        check(self.date.is_none(), "a letter without a readable Date");
        check(self.message_id.is_none(), "a letter without Message-ID");
        check(
            !promises.utf8 && !head.is_ascii(),
            "8-bit octets in the headers without SMTPUTF8",
        );
        check(
            !promises.eight_bit && !body.is_ascii(),
            "8-bit octets in the body without BODY=8BITMIME",
        );
        faults
    }
}

/// The headers and the empty line after them.
fn head_of(raw: &[u8]) -> &[u8] {
    let end = raw.windows(4).position(|window| window == b"\r\n\r\n");
    end.map_or(raw, |end| &raw[..end + 4])
}

fn plain(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Text(text) => Some(text.clone().into_owned()),
        _ => None,
    }
}

fn html(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Html(html) => Some(html.clone().into_owned()),
        _ => None,
    }
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let ids = value.as_text_list().unwrap_or_default();
    ids.iter().map(|id| id.clone().into_owned()).collect()
}

fn attachment(part: &MessagePart<'_>) -> Attachment {
    let kind = part.content_type();
    Attachment {
        name: part.attachment_name().unwrap_or_default().to_owned(),
        content_type: kind.map_or_else(String::new, |kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()),
            None => kind.ctype().to_owned(),
        }),
        content_id: part.content_id().map(str::to_owned),
        bytes: part.contents().to_vec(),
    }
}
