//! A message as it goes over the wire (RFC 5322, RFC 2046). Headers and letter are formatted once; attachments are encoded piece
//! by piece while they are sent, because a report's tables have ten megabytes and must not be in memory twice.

use std::borrow::Cow;

use letters::Attachment;
use lettre::address::Envelope;
use lettre::message::header::{ContentDisposition, ContentTransferEncoding, ContentType};
use lettre::message::{Body, MessageBuilder, MultiPart, SinglePart};
use wording::pieces::Pieces;

use super::messages::MailError;

const LINE_END: &[u8] = b"\r\n";

/// A message with its sender and its recipient.
#[derive(Debug)]
pub(super) struct Mailing {
    pub(super) envelope: Envelope,
    /// Headers and letter; 7 bit, but for addresses that need SMTPUTF8.
    opening: Vec<u8>,
    files: Vec<File>,
    /// The closing boundary; empty without files.
    closing: Vec<u8>,
}

/// An attachment and its part header.
#[derive(Debug)]
struct File {
    head: Vec<u8>,
    text: Pieces,
}

impl Mailing {
    /// Puts the message together.
    ///
    /// # Errors
    /// [`MailError::Configuration`] if a header does not fit.
    pub(super) fn new(
        envelope: Envelope,
        headers: MessageBuilder,
        forms: MultiPart,
        files: Vec<Attachment>,
    ) -> Result<Self, MailError> {
        if files.is_empty() {
            let message = headers.multipart(forms).map_err(unfit)?;
            return Ok(Self {
                envelope,
                opening: message.formatted(),
                files: Vec::new(),
                closing: Vec::new(),
            });
        }
        let parts = MultiPart::mixed().multipart(forms);
        let boundary = parts.boundary();
        let closing = format!("--{boundary}--\r\n").into_bytes();
        let mut opening = headers.multipart(parts).map_err(unfit)?.formatted();
        // lettre has written the closing boundary; the files come before it.
        let written = opening.strip_suffix(closing.as_slice()).map(<[u8]>::len);
        opening.truncate(written.ok_or_else(|| unfit("no closing boundary"))?);
        let files = files.into_iter().map(|file| File::of(file, &boundary));
        Ok(Self {
            envelope,
            opening,
            files: files.collect::<Result<_, _>>()?,
            closing,
        })
    }

    pub(super) fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// All of it in order.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Cow<'_, [u8]>> + Send {
        let opening = [Cow::Borrowed(self.opening.as_slice())];
        let files = self.files.iter().flat_map(File::pieces);
        opening
            .into_iter()
            .chain(files)
            .chain([Cow::Borrowed(self.closing.as_slice())])
    }

    /// The whole message.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.pieces().for_each(|piece| bytes.extend_from_slice(&piece));
        bytes
    }
}

impl File {
    fn of(file: Attachment, boundary: &str) -> Result<Self, MailError> {
        let kind = ContentType::parse(file.media_type()).map_err(unfit)?;
        // Base64 alone keeps the line ends of a file as they are.
        let part = SinglePart::builder()
            .header(kind)
            .header(ContentDisposition::attachment(&file.file))
            .header(ContentTransferEncoding::Base64)
            .body(Body::dangerous_pre_encoded(Vec::new(), ContentTransferEncoding::Base64));
        let mut head = format!("--{boundary}\r\n").into_bytes();
        head.extend(part.formatted());
        // lettre ends the empty body with a line break; it belongs after the file.
        head.truncate(head.len() - LINE_END.len());
        Ok(Self { head, text: file.text })
    }

    fn pieces(&self) -> impl Iterator<Item = Cow<'_, [u8]>> + Send {
        let lines = self.text.iter().map(encoded);
        [Cow::Borrowed(self.head.as_slice())].into_iter().chain(lines)
    }
}

/// Whole lines of base64 with their ends (RFC 2045, 6.8).
fn encoded(piece: &[u8]) -> Cow<'_, [u8]> {
    // Base64 encodes any bytes, so lettre returns no error here.
    let body = Body::new_with_encoding(piece.to_vec(), ContentTransferEncoding::Base64);
    let mut lines = body.map_or_else(|bytes| bytes, Body::into_vec);
    lines.extend_from_slice(LINE_END);
    Cow::Owned(lines)
}

pub(super) fn unfit<E>(_named: E) -> MailError {
    MailError::Configuration("the letter cannot be put together".into())
}
