//! Parsing single values of mail: addresses, server names and sender names.

use std::net::IpAddr;

use domain::Email;
use email_address::{EmailAddress, Options};
use url::Host;

use super::values::{Problem, problem};

/// Longer sender names are cut: mail programs do not show more.
pub(super) const SENDER_CHARS: usize = 64;

/// One address without a display name. Its domain has a dot or is `localhost`.
pub(super) fn email(text: &str) -> Result<Email, Problem> {
    let options = Options::default().without_display_text().without_domain_literal();
    let domain = EmailAddress::parse_with_options(text, options).map(|address| address.domain().to_lowercase());
    let address = Email::normalised(text);
    // A mail server cannot look up a domain that has no ASCII form.
    let has_domain = domain.is_ok_and(|domain| domain.contains('.') || domain == "localhost");
    if has_domain && address.ascii_domain().is_ascii() {
        return Ok(address);
    }
    problem(
        format!("is not an email address: {text:?}"),
        "write only the address, like name@example.org",
    )
}

/// Addresses separated by commas, each mailbox once.
pub(super) fn addresses(text: &str) -> Result<Vec<Email>, Problem> {
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
    let text = match wrong.is_empty() {
        true => "contains no address".to_owned(),
        false => format!("contains invalid email addresses: {}", wrong.join(", ")),
    };
    problem(text, "write addresses like name@example.org, separated by commas")
}

/// A server's host name or IP address. An invalid value may be a URL with a password, so it is not repeated.
pub(super) fn host(text: &str) -> Result<String, Problem> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    Host::parse(text).map(|host| host.to_string()).or_else(|_refused| {
        problem(
            "is not a host name",
            "write only the name, like smtp.example.org, and put the port into SMTP_PORT",
        )
    })
}

/// A valid name in EHLO (RFC 5321, 4.1.2): a full host name, or an address in brackets.
pub(super) fn helo(text: &str) -> Result<String, Problem> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let bare = bare
        .get(..5)
        .filter(|tag| tag.eq_ignore_ascii_case("ipv6:"))
        .map_or(bare, |_| &bare[5..]);
    match (bare.parse(), Host::parse(text)) {
        (Ok(IpAddr::V4(address)), _) => Ok(format!("[{address}]")),
        (Ok(IpAddr::V6(address)), _) => Ok(format!("[IPv6:{address}]")),
        (_, Ok(Host::Domain(name))) if is_full_name(&name) => Ok(name),
        _ => problem(
            format!("is not a full host name: {text:?}"),
            "write a name with a dot, like shop.example.org, or an address like [192.0.2.7]",
        ),
    }
}

fn is_full_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&label.len()) && is_plain && !label.starts_with('-') && !label.ends_with('-')
    };
    name.contains('.') && name.len() <= 253 && name.split('.').all(is_label)
}

pub(super) fn port(text: &str) -> Result<u16, Problem> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => problem(
            format!("is not a port: {text:?}"),
            "write a number from 1 to 65535, or remove the setting for the default",
        ),
    }
}

/// User names and passwords are sent unchanged, and servers reject control characters.
pub(super) fn printable(text: &str) -> Result<(), Problem> {
    match text.chars().any(char::is_control) {
        true => problem("contains a control character", "copy it again, without line breaks"),
        false => Ok(()),
    }
}

/// A name that is safe in an email header: one short line without control characters.
pub(super) fn one_line(text: &str) -> String {
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
