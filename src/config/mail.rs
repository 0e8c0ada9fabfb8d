//! Settings of mail: who gets letters, through which server, in whose name.

use std::net::IpAddr;
use std::time::Duration;

use clap::ValueEnum;
use domain::{Email, Language};

use super::entry::{optional, optional_secret, value, where_to_put};
use super::group::settings;
use super::mail_values::{addresses, email, helo, host, one_line, port, printable};
use super::reader::Reader;
use super::source::Requirements;
use super::values::{duration, language, word};
use super::{Authorities, Secret};

settings! {
    /// The settings as they are written; [`MailConfig`] is what follows from them.
    struct MailSettings in "Mail" {
        /// Who is told of leads and gets the report: e-mail addresses, with commas between them (required)
        owners: Option<Vec<Email>> = optional("OWNER_EMAIL", "ADDRESSES", addresses)
            .required("write the address that is to be told of leads"),
        /// Who is told of technical trouble: e-mail addresses, with commas between them; unset: OWNER_EMAIL
        operators: Option<Vec<Email>> = optional("OPERATOR_EMAIL", "ADDRESSES", addresses),
        /// Language of letters: ru or en
        language: Language = value("OWNER_LANGUAGE", "LANGUAGE", "ru", language),
        /// The mail server's name, like smtp.example.org (required, unless SMTP_PRESET is set)
        // A web address with a password may have got there.
        host: Option<String> = optional("SMTP_HOST", "HOST", host)
            .private(|name| host(name).unwrap_or_else(|_refused| "***".to_owned())),
        /// The server of a provider in place of SMTP_HOST: gmail, yandex or mailru, each by force_tls
        preset: Option<SmtpPreset> = optional("SMTP_PRESET", "PROVIDER", word),
        // The next two have no default here: what is written out must be told from what is not, to win over a preset.
        /// starttls, force_tls (TLS from the first byte) or off; unset: what SMTP_PRESET needs, else starttls
        security: Option<SmtpSecurity> = optional("SMTP_SECURITY", "SECURITY", word),
        /// The server's port; unset: 587 for starttls, 465 for force_tls, 25 for off
        port: Option<u16> = optional("SMTP_PORT", "PORT", port),
        /// The user name at the mail server; unset: no login
        username: Option<String> = optional("SMTP_USERNAME", "NAME", |name| printable(name).map(|()| name.to_owned())),
        /// The password that belongs to SMTP_USERNAME; for gmail, yandex and mailru an app password
        password: Option<Secret> = optional_secret("SMTP_PASSWORD", "PASSWORD", printable),
        /// The sender's address; unset: SMTP_USERNAME, if that is an address
        from: Option<Email> = optional("SMTP_FROM", "ADDRESS", email),
        /// The sender's name; unset: BUSINESS_NAME
        from_name: Option<String> = optional("SMTP_FROM_NAME", "NAME", |name| Ok(one_line(name))),
        /// Longest time until the server wants a letter, 5 s to 5 min; its text and the answer may take ten times that
        timeout: Duration = value("SMTP_TIMEOUT", "TIME", "30s", |text| {
            duration(text, Duration::from_secs(5), Duration::from_mins(5))
        }),
        /// The name given to the mail server in EHLO, like shop.example.org; unset: this machine's full name, else its address
        helo: Option<String> = optional("SMTP_HELO", "NAME", helo),
    }
}

/// Who gets letters, and how they leave.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// `OWNER_EMAIL`: lead letters and reports go to each of them; empty only where nothing was required.
    pub owners: Vec<Email>,
    /// `OPERATOR_EMAIL`: technical alerts; the owners where nobody else is named.
    pub operators: Vec<Email>,
    /// The server; `None` only where nothing was required and no server or no sender is named.
    pub smtp: Option<SmtpConfig>,
    /// `OWNER_LANGUAGE`: the language of letters.
    pub language: Language,
}

impl MailConfig {
    /// Reads the whole group; `None` after noting a fault.
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mail = MailSettings::read(reader);
        check_server(reader);
        check_login(reader);
        check_sender(reader);
        let mut mail = mail?;
        let owners = mail.owners.take().unwrap_or_default();
        Some(Self {
            operators: mail.operators.take().unwrap_or_else(|| owners.clone()),
            owners,
            language: mail.language,
            smtp: mail.smtp(reader.source.given("BUSINESS_NAME")),
        })
    }
}

impl MailSettings {
    /// `None` where no server or no sender is named.
    fn smtp(self, business: Option<&str>) -> Option<SmtpConfig> {
        let (host, usual) = match (self.host, self.preset) {
            (Some(host), _) => (host, SmtpSecurity::Starttls),
            (None, preset) => preset.map(|preset| (preset.host().to_owned(), preset.security()))?,
        };
        let from = self.from.or_else(|| email(self.username.as_deref()?).ok())?;
        let security = self.security.unwrap_or(usual);
        let mut names = self.from_name.into_iter().chain(business.map(one_line));
        Some(SmtpConfig {
            host,
            port: self.port.unwrap_or(security.port()),
            security,
            password: self.username.is_some().then(|| self.password.unwrap_or_default()),
            username: self.username,
            from,
            from_name: names.find(|name| !name.is_empty()),
            timeout: self.timeout,
            helo: self.helo,
            authorities: Authorities::default(),
        })
    }
}

/// The server is named once. One of the two names is enough, even if the other is wrong.
fn check_server(reader: &mut Reader<'_>) {
    const HOST: &str = "SMTP_HOST";
    const PRESET: &str = "SMTP_PRESET";
    let is_given = |name| reader.source.given(name).is_some();
    match (is_given(HOST), is_given(PRESET)) {
        (true, true) if reader.is_sound(HOST) && reader.is_sound(PRESET) => {
            reader.note(PRESET, format!("is set beside {HOST}"), "keep one of the two");
        }
        (false, false) => {
            let fix = "write the mail server's name, or its provider's into SMTP_PRESET";
            reader.require(HOST, fix);
        }
        _ => {}
    }
}

/// User name and password: both or neither.
fn check_login(reader: &mut Reader<'_>) {
    const NAME: &str = "SMTP_USERNAME";
    const PASSWORD: &str = "SMTP_PASSWORD";
    if !reader.is_sound(NAME) || !reader.is_sound(PASSWORD) {
        return;
    }
    let source = &reader.source;
    match (source.given(NAME).is_some(), source.has_secret(PASSWORD)) {
        (true, false) if source.requirements == Requirements::Run => {
            let fix = format!("{}; or unset {NAME}", where_to_put(PASSWORD));
            reader.note(PASSWORD, format!("is not set, but {NAME} is"), fix);
        }
        (false, true) => {
            let fix = "write the name that the password belongs to, or unset the password";
            reader.note(NAME, format!("is not set, but {PASSWORD} is"), fix);
        }
        _ => {}
    }
}

/// The sender's address: its own, else the user name's.
fn check_sender(reader: &mut Reader<'_>) {
    let fix = match reader.source.given("SMTP_USERNAME") {
        Some(name) if email(name).is_ok() => return,
        Some(_) => "write the sender's address, because SMTP_USERNAME is none",
        None => "write the sender's address, or one that is also the user name into SMTP_USERNAME",
    };
    reader.require("SMTP_FROM", fix);
}

/// The mail server.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// `SMTP_HOST`, or the host of `SMTP_PRESET`.
    pub host: String,
    /// `SMTP_PORT`, else by security: 587, 465, 25.
    pub port: u16,
    /// `SMTP_SECURITY`.
    pub security: SmtpSecurity,
    /// `SMTP_USERNAME`; `None`: the server wants no login.
    pub username: Option<String>,
    /// `SMTP_PASSWORD`; there whenever a user name is, and empty only where secrets were not required.
    pub password: Option<Secret>,
    /// `SMTP_FROM`, else the user name where that is an address: the sender, also of the envelope.
    pub from: Email,
    /// `SMTP_FROM_NAME`, else `BUSINESS_NAME`; `None`: the address alone.
    pub from_name: Option<String>,
    /// `SMTP_TIMEOUT`: from connecting until the server wants the letter; its text and the server's last word on it may
    /// take ten times that.
    pub timeout: Duration,
    /// `SMTP_HELO`: the name we introduce ourselves by; `None`: the machine's full name, else its address.
    pub helo: Option<String>,
    /// `TLS_CA_FILE`.
    pub authorities: Authorities,
}

impl SmtpConfig {
    /// Whether the server is this machine, so that nothing travels over a wire.
    pub fn is_local(&self) -> bool {
        let is_loopback = |address: IpAddr| address.is_loopback();
        self.host == "localhost" || self.host.parse().is_ok_and(is_loopback)
    }

    /// The provider whose server this is, however it was named; `None` for any other server.
    pub fn provider(&self) -> Option<SmtpPreset> {
        SmtpPreset::value_variants()
            .iter()
            .find(|preset| preset.host() == self.host)
            .copied()
    }
}

/// A provider whose server needs not be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum SmtpPreset {
    /// Gmail, also for domains of one's own.
    Gmail,
    /// Yandex Mail, also for domains of one's own.
    Yandex,
    /// Mail.ru with its other domains.
    Mailru,
}

impl SmtpPreset {
    /// The server's name.
    pub fn host(self) -> &'static str {
        match self {
            Self::Gmail => "smtp.gmail.com",
            Self::Yandex => "smtp.yandex.ru",
            Self::Mailru => "smtp.mail.ru",
        }
    }

    /// All three recommend TLS from the first byte.
    pub fn security(self) -> SmtpSecurity {
        SmtpSecurity::ForceTls
    }
}

/// How the connection to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// STARTTLS, refused if the server does not offer it (RFC 3207); port 587.
    Starttls,
    /// TLS from the first byte (RFC 8314); port 465.
    ForceTls,
    /// None; for a server on the same machine; port 25.
    Off,
}

impl SmtpSecurity {
    /// The port that belongs to it.
    pub fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::ForceTls => 465,
            Self::Off => 25,
        }
    }

    /// The word of `SMTP_SECURITY`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::ForceTls => "force_tls",
            Self::Off => "off",
        }
    }
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
