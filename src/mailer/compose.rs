//! A rendered letter becomes a message (RFC 5322): who it is from, what it is known by, its two forms and what goes
//! with them.

use std::time::SystemTime;

use chrono::{DateTime, Utc};
use domain::{Email, Occasion};
use letters::{Rendered, answer_to, at_most, line};
use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use pages::{LetterPage, PageBody};

use super::messages::MailError;
use super::wire::{Mailing, unfit};
use crate::config::SmtpConfig;

/// Characters of a display name.
const NAME: usize = 64;

/// The sender of letters and the identity of this installation.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    from: Mailbox,
    domain: String,
    installation: String,
}

impl Sender {
    /// # Errors
    /// [`MailError::Configuration`] if `SMTP_FROM` is no address for a mail server.
    pub(super) fn new(smtp: &SmtpConfig, installation: &str) -> Result<Self, MailError> {
        Self::named(smtp.from_name.as_deref(), &smtp.from, installation)
    }

    /// # Errors
    /// As of [`Sender::new`].
    pub(super) fn named(name: Option<&str>, from: &Email, installation: &str) -> Result<Self, MailError> {
        // lettre panics on a control character in a name.
        let name = name.map(|name| at_most(&line(name), NAME));
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        Ok(Self {
            from: mailbox(name.filter(|name| !name.is_empty()), from, "SMTP_FROM is no address")?,
            domain: from.ascii_domain(),
            installation: installation.chars().filter(is_plain).collect(),
        })
    }

    /// Puts the message together.
    ///
    /// # Errors
    /// [`MailError::Configuration`] if the owner's address is none for a mail server.
    pub(super) fn compose(
        &self,
        page: &LetterPage,
        letter: Rendered,
        now: DateTime<Utc>,
    ) -> Result<Mailing, MailError> {
        let to = mailbox(None, &page.to, "the recipient is no address")?;
        let envelope = Envelope::new(Some(self.from.email.clone()), vec![to.email.clone()]).map_err(unfit)?;
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .date(SystemTime::from(now))
            .message_id(Some(self.message_id(page)))
            .subject(&letter.subject)
            .header(AutoSubmitted)
            .envelope(envelope.clone());
        if let Some(first) = self.first_of_its_lead(page) {
            message = message.in_reply_to(first.clone()).references(first);
        }
        if let Some(customer) = reply_to(page) {
            message = message.reply_to(customer);
        }
        let forms = MultiPart::alternative_plain_html(letter.text, letter.html);
        Mailing::new(envelope, message, forms, letter.attachments)
    }

    /// The same for every attempt, so that mailboxes can recognise a duplicate letter (RFC 5322, 3.6.4).
    fn message_id(&self, page: &LetterPage) -> String {
        match &page.body {
            PageBody::Lead(lead) => self.id(&format!("lead-{}.{}", lead.notice.lead, lead.notice.revision)),
            PageBody::Leads(_) => self.id(&format!("leads-{}", page.delivery)),
            PageBody::Report(report) => match (report.notice.occasion, report.notice.period.report) {
                (Occasion::Due, Some(period)) => self.id(&format!("report-{period}")),
                _ => self.id(&format!("report-extra-{}", page.delivery)),
            },
            PageBody::Alert(_) => self.id(&format!("alert-{}", page.delivery)),
        }
    }

    /// What an update belongs to: mailboxes show both as one conversation.
    fn first_of_its_lead(&self, page: &LetterPage) -> Option<String> {
        match &page.body {
            PageBody::Lead(lead) if lead.notice.revision > 1 => Some(self.id(&format!("lead-{}.1", lead.notice.lead))),
            _ => None,
        }
    }

    fn id(&self, local: &str) -> String {
        format!("<{local}.{}@{}>", self.installation, self.domain)
    }
}

/// The customer's address, so that a reply to the letter goes to the customer.
fn reply_to(page: &LetterPage) -> Option<Mailbox> {
    let PageBody::Lead(lead) = &page.body else {
        return None;
    };
    let address = answer_to(&lead.notice.facts)?.on_the_wire().parse().ok()?;
    Some(Mailbox::new(None, address))
}

fn mailbox(name: Option<String>, email: &Email, otherwise: &'static str) -> Result<Mailbox, MailError> {
    let address = email
        .on_the_wire()
        .parse()
        .map_err(|_named| MailError::Configuration(otherwise.into()))?;
    Ok(Mailbox::new(name, address))
}

/// Suppresses automatic replies (RFC 3834, 5).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
