//! Letters as they are sent, and their outcome at servers that fail in different ways.

mod account;
#[path = "../../../crates/letters/src/tests/examples/mod.rs"]
mod examples;
mod headers;
mod hostile;
mod messages;
mod server;
mod snapshots;
mod stub;
mod tls;

use std::time::Duration;

use chrono_tz::Tz;
use domain::{DeliveryId, Email, Language};
use letters::{Attachment, Files, Letters, Rendered};
use mail_parser::{Message, MessageParser};
use pages::{LetterPage, PageBody};

use self::examples::at;
use super::mailing::{Mailer, Settings};
use super::messages::MailError;
use super::wire::Mailing;
use crate::config::{Authorities, Secret, SmtpConfig, SmtpSecurity};

const ZONE: Tz = chrono_tz::Europe::Moscow;

fn letters(language: Language) -> Letters {
    Letters::load(language, None).unwrap()
}

fn rendered(language: Language, body: &PageBody) -> Rendered {
    letters(language)
        .render(body, Files::Attached, "Чистый дом", ZONE)
        .unwrap()
}

/// A server that does not exist, for letters that are only rendered.
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
    Mailer::new(smtp, letters(language), settings("a1b2", "Чистый дом", ZONE))
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
    written_by(&mailer(&smtp(1), Language::Ru).unwrap(), body)
}

fn written_by(mailer: &Mailer, body: PageBody) -> Mailing {
    let now = at("2026-11-22T11:06:00Z");
    mailer.write(&page(body), Files::Attached, now).unwrap()
}

fn settings(installation: &str, business: &str, zone: Tz) -> Settings {
    Settings {
        installation: installation.into(),
        zone,
        business: business.into(),
        connections: 4,
    }
}

fn read(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).unwrap()
}
