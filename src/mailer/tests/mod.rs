//! Letters as their readers get them, and what becomes of them at servers of every temper.

mod account;
mod attachments;
mod card;
mod examples;
mod gathered;
mod hostile;
mod letters;
mod long_dialogs;
mod overrides;
mod report;
mod report_figures;
mod report_hostile;
mod report_message;
mod report_pages;
mod report_sheets;
mod server;
mod snapshots;
mod stub;
mod subjects;
mod tls;

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{DeliveryId, Email, Language, Phone};
use mail_parser::{Message, MessageParser};
use pages::{LetterPage, PageBody};

use super::attachment::Attachment;
use super::clean::JOINER;
use super::mailing::{Mailer, Settings};
use super::messages::{Files, MailError};
use super::templates::Rendered;
use super::wire::Mailing;
use super::{LetterError, Letters};
use crate::config::{Authorities, Secret, SmtpConfig, SmtpSecurity};

const ZONE: Tz = chrono_tz::Europe::Moscow;

fn letters(language: Language) -> Letters {
    Letters::load(language, None).unwrap()
}

/// As a reader sees it: without the marks that keep a mail program from making links.
fn rendered(language: Language, body: &PageBody) -> Rendered {
    let letter = letters(language).render(body, "Чистый дом", ZONE).unwrap();
    Rendered {
        html: letter.html.replace(JOINER, ""),
        ..letter
    }
}

/// A server that is not there, for what is only written.
fn smtp(port: u16) -> SmtpConfig {
    SmtpConfig {
        host: "127.0.0.1".into(),
        port,
        security: SmtpSecurity::Off,
        username: None,
        password: None,
        from: Email::normalised("bot@shop.example"),
        from_name: Some("Чистый дом".into()),
        timeout: Duration::from_secs(20),
        helo: None,
        authorities: Authorities::default(),
    }
}

fn with_login(mut smtp: SmtpConfig) -> SmtpConfig {
    smtp.username = Some("bot".into());
    smtp.password = Some(Secret::new("very-private"));
    smtp
}

fn mailer(smtp: &SmtpConfig, language: Language) -> Result<Mailer, MailError> {
    let settings = Settings {
        installation: "a1b2".into(),
        zone: ZONE,
        business: "Чистый дом".into(),
        connections: 4,
    };
    Mailer::new(smtp, letters(language), settings)
}

fn page(body: PageBody) -> LetterPage {
    LetterPage {
        delivery: DeliveryId(31),
        to: Email::normalised("owner@shop.example"),
        body,
    }
}

/// What is in a file.
fn content(file: &Attachment) -> String {
    file.text.clone().into_text().unwrap()
}

fn written(body: PageBody) -> Mailing {
    let mailer = mailer(&smtp(1), Language::Ru).unwrap();
    mailer
        .write(&page(body), Files::Attached, at("2026-11-22T11:06:00Z"))
        .unwrap()
}

/// A number as letters show it.
fn shown(digits: &str) -> String {
    super::reach::display(&Phone::international(digits).unwrap())
}

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

fn read(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}
