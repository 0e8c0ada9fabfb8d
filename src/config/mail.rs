//! From raw settings to [`MailConfig`]: who gets letters, through which server, in whose name.

use std::net::IpAddr;
use std::time::Duration;

use domain::Email;
use email_address::{EmailAddress, Options};
use url::Host;

use super::reader::{Reader, Requirements, given, where_to_put, word};
use super::settings::MailSettings;
use super::values::{self, Problem};
use super::{Authorities, Fault, MailConfig, Secret, Settings, SmtpConfig, SmtpPreset, SmtpSecurity};

/// Longer names of senders are cut: no mail program shows more.
const SENDER_CHARS: usize = 64;

/// Reads the whole group; `None` after noting a fault.
pub(super) fn mail(reader: &mut Reader<'_>, settings: &Settings) -> Option<MailConfig> {
    let raw = &settings.mail;
    let fix = "write the address that is to be told of leads";
    let owners = reader.required("OWNER_EMAIL", &raw.owner_email, addresses, fix);
    let operators = reader.optional("OPERATOR_EMAIL", &raw.operator_email, addresses);
    let language = reader.value("OWNER_LANGUAGE", &raw.owner_language, values::language);
    let smtp = smtp(reader, settings);
    let owners = owners?.unwrap_or_default();
    Some(MailConfig {
        operators: operators?.unwrap_or_else(|| owners.clone()),
        owners,
        smtp: smtp?,
        language: language?,
    })
}

fn smtp(reader: &mut Reader<'_>, settings: &Settings) -> Option<Option<SmtpConfig>> {
    let raw = &settings.mail;
    let range = |text: &str| values::duration(text, Duration::from_secs(5), Duration::from_mins(5));
    let server = server(reader, raw);
    let security = reader.optional("SMTP_SECURITY", &raw.smtp_security, word);
    let port = reader.optional("SMTP_PORT", &raw.smtp_port, port);
    let login = login(reader, raw);
    let from = sender(reader, raw);
    let from_name = reader.optional("SMTP_FROM_NAME", &raw.smtp_from_name, |text| Ok(one_line(text)));
    let timeout = reader.value("SMTP_TIMEOUT", &raw.smtp_timeout, range);
    let helo = reader.optional("SMTP_HELO", &raw.smtp_helo, helo);
    let (server, security, port, timeout) = (server?, security?, port?, timeout?);
    let ((username, password), from, from_name, helo) = (login?, from?, from_name?, helo?);
    let (Some((host, usual)), Some(from)) = (server, from) else {
        return Some(None);
    };
    let security = security.unwrap_or(usual);
    let business = given(&settings.business.business_name).map(one_line);
    Some(Some(SmtpConfig {
        host,
        port: port.unwrap_or(security.port()),
        security,
        username,
        password,
        from,
        from_name: from_name.into_iter().chain(business).find(|name| !name.is_empty()),
        timeout,
        helo,
        authorities: Authorities::default(),
    }))
}

/// The server's name and the security it is spoken to with unless another is written out.
fn server(reader: &mut Reader<'_>, raw: &MailSettings) -> Option<Option<(String, SmtpSecurity)>> {
    let own = match given(&raw.smtp_preset) {
        // One of the two is enough, even if the other is wrong.
        Some(_) => reader.optional("SMTP_HOST", &raw.smtp_host, host),
        None => {
            let fix = "write the mail server's name, or its provider's into SMTP_PRESET";
            reader.required("SMTP_HOST", &raw.smtp_host, host, fix)
        }
    };
    let preset = reader.optional("SMTP_PRESET", &raw.smtp_preset, word::<SmtpPreset>);
    match (own?, preset?) {
        (Some(_), Some(_)) => {
            let both = Fault::new("SMTP_PRESET", "is set beside SMTP_HOST", "keep one of the two");
            reader.faults.push(both);
            None
        }
        (None, Some(preset)) => Some(Some((preset.host().to_owned(), preset.security()))),
        (Some(host), None) => Some(Some((host, SmtpSecurity::Starttls))),
        (None, None) => Some(None),
    }
}

/// User name and password: both or neither.
fn login(reader: &mut Reader<'_>, raw: &MailSettings) -> Option<(Option<String>, Option<Secret>)> {
    const NAME: &str = "SMTP_USERNAME";
    const PASSWORD: &str = "SMTP_PASSWORD";
    let username = reader.optional(NAME, &raw.smtp_username, |text| {
        printable(text).map(|()| text.to_owned())
    });
    let password = reader.optional_secret(PASSWORD, &raw.smtp_password, printable);
    match (username?, password?) {
        (Some(name), None) if reader.requirements == Requirements::ReadOnly => {
            Some((Some(name), Some(Secret::default())))
        }
        (Some(_), None) => {
            let fix = format!("{}; or unset {NAME}", where_to_put(PASSWORD));
            reader
                .faults
                .push(Fault::new(PASSWORD, format!("is not set, but {NAME} is"), fix));
            None
        }
        (None, Some(_)) => {
            let fix = "write the name that the password belongs to, or unset the password";
            reader
                .faults
                .push(Fault::new(NAME, format!("is not set, but {PASSWORD} is"), fix));
            None
        }
        both => Some(both),
    }
}

/// The sender's address: its own, else the user name's.
fn sender(reader: &mut Reader<'_>, raw: &MailSettings) -> Option<Option<Email>> {
    const NAME: &str = "SMTP_FROM";
    let username = given(&raw.smtp_username);
    if let (None, Some(address)) = (given(&raw.smtp_from), username.and_then(|name| email(name).ok())) {
        return Some(Some(address));
    }
    let fix = match username {
        Some(_) => "write the sender's address, because SMTP_USERNAME is none",
        None => "write the sender's address, or one that is also the user name into SMTP_USERNAME",
    };
    reader.required(NAME, &raw.smtp_from, email, fix)
}

/// One address, alone. Its domain has a dot, unless it is this machine's own.
fn email(text: &str) -> Result<Email, Problem> {
    let options = Options::default().without_display_text().without_domain_literal();
    let domain = EmailAddress::parse_with_options(text, options).map(|address| address.domain().to_lowercase());
    let address = Email::normalised(text);
    // A domain that has no form in ASCII has none that a mail server could look up.
    let has_domain = domain.is_ok_and(|domain| domain.contains('.') || domain == "localhost");
    if has_domain && address.ascii_domain().is_ascii() {
        return Ok(address);
    }
    Err((
        format!("is not an e-mail address: {text:?}"),
        "write one like name@example.org, without a name beside it".to_owned(),
    ))
}

/// Addresses with commas between them, each mailbox once.
fn addresses(text: &str) -> Result<Vec<Email>, Problem> {
    let mut found: Vec<Email> = Vec::new();
    let mut wrong = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match email(part) {
            Ok(address) if found.iter().any(|known| known.is_same(&address)) => {}
            Ok(address) => found.push(address),
            Err(_) => wrong.push(format!("{part:?}")),
        }
    }
    if wrong.is_empty() && !found.is_empty() {
        return Ok(found);
    }
    let problem = match wrong.is_empty() {
        true => "names nobody".to_owned(),
        false => format!("holds what is no e-mail address: {}", wrong.join(", ")),
    };
    Err((problem, "write addresses alone, with commas between them".to_owned()))
}

/// A server's name or IP address, alone. What is refused may be a web address with a password: it is not repeated.
pub(super) fn host(text: &str) -> Result<String, Problem> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    Host::parse(text).map(|host| host.to_string()).map_err(|_refused| {
        (
            "is not the name of a server".to_owned(),
            "write the name alone, like smtp.example.org; its port goes into SMTP_PORT".to_owned(),
        )
    })
}

/// What a server takes as a name in EHLO (RFC 5321, 4.1.2): a full name, or an address in brackets.
fn helo(text: &str) -> Result<String, Problem> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let bare = bare
        .get(..5)
        .filter(|tag| tag.eq_ignore_ascii_case("ipv6:"))
        .map_or(bare, |_| &bare[5..]);
    match (bare.parse(), Host::parse(text)) {
        (Ok(IpAddr::V4(address)), _) => Ok(format!("[{address}]")),
        (Ok(IpAddr::V6(address)), _) => Ok(format!("[IPv6:{address}]")),
        (_, Ok(Host::Domain(name))) if is_full_name(&name) => Ok(name),
        _ => Err((
            format!("is not a full host name: {text:?}"),
            "write one with a dot in it, like shop.example.org, or an address like [192.0.2.7]".to_owned(),
        )),
    }
}

fn is_full_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&label.len()) && is_plain && !label.starts_with('-') && !label.ends_with('-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(is_label)
}

fn port(text: &str) -> Result<u16, Problem> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => Err((
            format!("is not a port: {text:?}"),
            "write a number between 1 and 65535, or unset it for the usual one".to_owned(),
        )),
    }
}

/// Names and passwords go to the server as they are, and no server takes a control character.
fn printable(text: &str) -> Result<(), Problem> {
    match text.chars().any(char::is_control) {
        true => Err((
            "holds a control character".to_owned(),
            "copy it again, whole and alone".to_owned(),
        )),
        false => Ok(()),
    }
}

/// A name fit for a letter's head: one line, without control characters, not too long.
fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .take(SENDER_CHARS)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
