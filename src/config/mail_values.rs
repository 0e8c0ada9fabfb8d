//! Reading single values of mail: addresses, names of servers and of senders.

use std::net::IpAddr;

use domain::Email;
use email_address::{EmailAddress, Options};
use url::Host;

use super::values::{Problem, problem};

/// Longer names of senders are cut: no mail program shows more.
pub(super) const SENDER_CHARS: usize = 64;

/// One address, alone. Its domain has a dot, unless it is this machine's own.
pub(super) fn email(text: &str) -> Result<Email, Problem> {
    let options = Options::default().without_display_text().without_domain_literal();
    let domain = EmailAddress::parse_with_options(text, options).map(|address| address.domain().to_lowercase());
    let address = Email::normalised(text);
    // A domain that has no form in ASCII has none that a mail server could look up.
    let has_domain = domain.is_ok_and(|domain| domain.contains('.') || domain == "localhost");
    if has_domain && address.ascii_domain().is_ascii() {
        return Ok(address);
    }
    problem(
        format!("is not an e-mail address: {text:?}"),
        "write one like name@example.org, without a name beside it",
    )
}

/// Addresses with commas between them, each mailbox once.
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
    let what = match wrong.is_empty() {
        true => "names nobody".to_owned(),
        false => format!("holds what is no e-mail address: {}", wrong.join(", ")),
    };
    problem(what, "write addresses alone, with commas between them")
}

/// A server's name or IP address, alone. What is refused may be a web address with a password: it is not repeated.
pub(super) fn host(text: &str) -> Result<String, Problem> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(address.to_string());
    }
    Host::parse(text).map(|host| host.to_string()).or_else(|_refused| {
        problem(
            "is not the name of a server",
            "write the name alone, like smtp.example.org; its port goes into SMTP_PORT",
        )
    })
}

/// What a server takes as a name in EHLO (RFC 5321, 4.1.2): a full name, or an address in brackets.
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
            "write one with a dot in it, like shop.example.org, or an address like [192.0.2.7]",
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
            "write a number between 1 and 65535, or unset it for the usual one",
        ),
    }
}

/// Names and passwords go to the server as they are, and no server takes a control character.
pub(super) fn printable(text: &str) -> Result<(), Problem> {
    match text.chars().any(char::is_control) {
        true => problem("holds a control character", "copy it again, whole and alone"),
        false => Ok(()),
    }
}

/// A name fit for a letter's head: one line, without control characters, not too long.
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
