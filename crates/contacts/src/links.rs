//! Links in a text. They are found before the phones: digits inside of them are none, but for the links that are made to
//! call or write to a number.

use std::ops::Range;

use domain::{Phone, Region};

use super::plain::Plain;
use super::unconfirmed;
use crate::phone::{self, is_plus};

/// The phones that links hold. All links are taken, those without a phone too.
pub(super) fn phones(plain: &mut Plain, region: &Region) -> Vec<(Phone, Range<usize>)> {
    let mut found = Vec::new();
    for token in tokens(plain) {
        let text = plain.text(token.clone());
        let Some(start) = link_start(&text) else {
            continue;
        };
        let link = token.start + text[..start].chars().count()..token.end;
        if let Some(phone) = phone_of(&text[start..], region) {
            found.push((phone, link.clone()));
        }
        plain.take(link);
    }
    found
}

/// Stretches without white space and without what is never in a link.
fn tokens(plain: &Plain) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "<>\"«»“”()[]{},;|".contains(c);
    let mut tokens = Vec::new();
    let mut start = 0;
    for at in 0..=plain.chars.len() {
        if at == plain.chars.len() || ends(plain.chars[at]) {
            if at > start {
                tokens.push(start..at);
            }
            start = at + 1;
        }
    }
    tokens
}

/// Where in a token a link begins: at its scheme, at `www.`, or at a host with a path behind it.
fn link_start(token: &str) -> Option<usize> {
    if let Some(at) = token.find("://") {
        let scheme = token[..at].trim_end_matches(|c: char| c.is_ascii_alphabetic());
        return Some(scheme.len());
    }
    if let Some(at) = token.find("www.") {
        return Some(at);
    }
    let (before, _) = token.split_once('/')?;
    let start = before
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-')
        .len();
    if before[..start].ends_with('@') {
        // "anna@mail.ru/89123456789" is an address and a phone.
        return None;
    }
    let (name, ending) = before[start..].rsplit_once('.')?;
    let is_host = ending.len() > 1 && ending.bytes().all(|b| b.is_ascii_alphabetic());
    (is_host && name.contains(|c: char| c.is_ascii_alphabetic())).then_some(start)
}

/// Links that have the number right behind their host.
const HOSTS: &[&str] = &["wa.me/", "t.me/", "telegram.me/", "viber.click/"];
/// Links that have it in their query.
const QUERY_HOSTS: &[&str] = &["api.whatsapp.com/", "web.whatsapp.com/", "whatsapp.com/send"];

/// The phone of a link to call it or to write to it in WhatsApp, Viber or Telegram; other links hold other numbers.
fn phone_of(link: &str, region: &Region) -> Option<Phone> {
    let link = link.to_lowercase();
    let bare = link.split_once("://").map_or(link.as_str(), |(_, rest)| rest);
    let bare = bare.strip_prefix("www.").unwrap_or(bare);
    let behind = |marker: &str| link.split_once(marker).map(|(_, rest)| rest);
    let number = if link.starts_with("tel://") {
        bare
    } else if let Some(number) = HOSTS.iter().find_map(|host| bare.strip_prefix(host)) {
        number
    } else if QUERY_HOSTS.iter().any(|host| bare.starts_with(host)) || link.starts_with("whatsapp://") {
        behind("phone=")?
    } else if link.starts_with("viber://") {
        behind("number=")?
    } else {
        return None;
    };
    let number = number.trim_start_matches(is_plus).trim_start_matches("%2b");
    let is_of_number = |c: &char| c.is_ascii_digit() || *c == '-';
    let behind_number = number.trim_start_matches(|c| is_of_number(&c)).chars().next();
    if behind_number.is_some_and(|c| c.is_ascii_alphabetic() || c == '_') {
        // The rest of a name or of an invitation: "t.me/+79a8…".
        return None;
    }
    let digits: String = number
        .chars()
        .take_while(is_of_number)
        .filter(char::is_ascii_digit)
        .collect();
    let reading = phone::behind_plus(&digits, 0, region).map(|reading| reading.phone);
    reading.or_else(|| unconfirmed::of_link(&digits))
}
