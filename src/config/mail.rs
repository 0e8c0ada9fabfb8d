//! Settings of mail: recipients, mail server, sender.

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
    /// The settings as written; [`MailConfig`] is derived from them.
    struct MailSettings in "Mail" {
        /// Email addresses that receive leads and reports, separated by commas (required)
        owners: Option<Vec<Email>> = optional("OWNER_EMAIL", "ADDRESSES", addresses)
            .required("write the email address that receives leads"),
        /// Email addresses that receive technical alerts, separated by commas (default: OWNER_EMAIL)
        operators: Option<Vec<Email>> = optional("OPERATOR_EMAIL", "ADDRESSES", addresses),
        /// Language of the emails: ru or en
        language: Language = value("OWNER_LANGUAGE", "LANGUAGE", "ru", language),
        /// Mail server, for example smtp.example.org (required unless SMTP_PRESET is set)
        // An invalid value may be a URL with a password.
        host: Option<String> = optional("SMTP_HOST", "HOST", host)
            .private(|name| host(name).unwrap_or_else(|_refused| "***".to_owned())),
        /// Mail provider to use instead of SMTP_HOST: gmail, yandex or mailru
        preset: Option<SmtpPreset> = optional("SMTP_PRESET", "PROVIDER", word),
        // The next two have no default here, because an explicit value must win over a preset.
        /// Encryption: starttls, force_tls (TLS from the first byte) or off (default: force_tls with SMTP_PRESET, else starttls)
        security: Option<SmtpSecurity> = optional("SMTP_SECURITY", "SECURITY", word),
        /// Mail server port (default: 587 for starttls, 465 for force_tls, 25 for off)
        port: Option<u16> = optional("SMTP_PORT", "PORT", port),
        /// User name for the mail server (default: no login)
        username: Option<String> = optional("SMTP_USERNAME", "NAME", |name| printable(name).map(|()| name.to_owned())),
        /// Password for SMTP_USERNAME; gmail, yandex and mailru require an app password
        password: Option<Secret> = optional_secret("SMTP_PASSWORD", "PASSWORD", printable),
        /// Sender address (default: SMTP_USERNAME, if it is an email address)
        from: Option<Email> = optional("SMTP_FROM", "ADDRESS", email),
        /// Sender name (default: BUSINESS_NAME)
        from_name: Option<String> = optional("SMTP_FROM_NAME", "NAME", |name| Ok(one_line(name))),
        /// Timeout for the SMTP dialogue before the message body, 5s to 5min;
        /// the timeout for sending the body is ten times this value
        timeout: Duration = value("SMTP_TIMEOUT", "TIME", "30s", |text| {
            duration(text, Duration::from_secs(5), Duration::from_mins(5))
        }),
        /// Name sent to the mail server in EHLO,
        /// for example shop.example.org (default: this machine's full host name or IP address)
        helo: Option<String> = optional("SMTP_HELO", "NAME", helo),
    }
}

/// Recipients of emails and the server that sends them.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// `OWNER_EMAIL`: leads and reports go to each of them. Empty only with `Requirements::ReadOnly`.
    pub owners: Vec<Email>,
    /// `OPERATOR_EMAIL`: recipients of technical alerts; the owners by default.
    pub operators: Vec<Email>,
    /// `None` only with `Requirements::ReadOnly`, if the server or the sender is not set.
    pub smtp: Option<SmtpConfig>,
    /// `OWNER_LANGUAGE`.
    pub language: Language,
}

impl MailConfig {
    /// Reads the whole group; `None` after recording an error.
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
    /// `None` if the server or the sender is not set.
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

/// `SMTP_HOST` and `SMTP_PRESET` exclude each other. If one of them is invalid, the other is not reported as missing.
fn check_server(reader: &mut Reader<'_>) {
    const HOST: &str = "SMTP_HOST";
    const PRESET: &str = "SMTP_PRESET";
    let is_given = |name| reader.source.given(name).is_some();
    match (is_given(HOST), is_given(PRESET)) {
        (true, true) if reader.is_sound(HOST) && reader.is_sound(PRESET) => {
            reader.note(PRESET, format!("is set together with {HOST}"), "keep only one of them");
        }
        (false, false) => {
            let fix = "write the mail server's name, or set SMTP_PRESET";
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
            let fix = format!("{}, or remove {NAME}", where_to_put(PASSWORD));
            reader.note(PASSWORD, format!("is not set, but {NAME} is"), fix);
        }
        (false, true) => {
            let fix = "write the user name for this password, or remove the password";
            reader.note(NAME, format!("is not set, but {PASSWORD} is"), fix);
        }
        _ => {}
    }
}

/// The sender is `SMTP_FROM`, or `SMTP_USERNAME` if that is an address.
fn check_sender(reader: &mut Reader<'_>) {
    let fix = match reader.source.given("SMTP_USERNAME") {
        Some(name) if email(name).is_ok() => return,
        Some(_) => "write the sender address, because SMTP_USERNAME is not an email address",
        None => "write the sender address, or set SMTP_USERNAME to an email address",
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
    /// `SMTP_USERNAME`; `None`: no login.
    pub username: Option<String>,
    /// `SMTP_PASSWORD`; set if a user name is set, and empty only with `Requirements::ReadOnly`.
    pub password: Option<Secret>,
    /// `SMTP_FROM`, else the user name if it is an address: the sender, also in the envelope.
    pub from: Email,
    /// `SMTP_FROM_NAME`, else `BUSINESS_NAME`; `None`: the address alone.
    pub from_name: Option<String>,
    /// `SMTP_TIMEOUT`: from connecting to the server's answer to DATA. The body and the final answer may take ten times as
    /// long.
    pub timeout: Duration,
    /// `SMTP_HELO`: the name in EHLO; `None`: the machine's full host name, else its address.
    pub helo: Option<String>,
    /// `TLS_CA_FILE`.
    pub authorities: Authorities,
}

impl SmtpConfig {
    /// Whether the server is this machine, so that nothing is sent over a network.
    pub fn is_local(&self) -> bool {
        let is_loopback = |address: IpAddr| address.is_loopback();
        self.host == "localhost" || self.host.parse().is_ok_and(is_loopback)
    }

    /// The known provider of this server, whether it was set by host or by preset.
    pub fn provider(&self) -> Option<SmtpPreset> {
        SmtpPreset::value_variants()
            .iter()
            .find(|preset| preset.host() == self.host)
            .copied()
    }
}

/// A provider with known server settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum SmtpPreset {
    /// Gmail, also with custom domains.
    Gmail,
    /// Yandex Mail, also with custom domains.
    Yandex,
    /// Mail.ru and its other domains.
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

/// Encryption of the connection to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// STARTTLS; the connection fails if the server does not offer it (RFC 3207). Port 587.
    Starttls,
    /// TLS from the first byte (RFC 8314); port 465.
    ForceTls,
    /// None; for a server on the same machine; port 25.
    Off,
}

impl SmtpSecurity {
    /// The default port.
    pub fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::ForceTls => 465,
            Self::Off => 25,
        }
    }

    /// The value of `SMTP_SECURITY`.
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
