//! The contacts that a text holds. A contact must not be lost, so a false alarm is the smaller evil; but an order's
//! number is no phone. Links and addresses are found first, then phones among the digits that remain.

mod addresses;
mod breaks;
mod chains;
#[cfg(test)]
mod doubts;
mod extensions;
mod labels;
mod links;
mod lookalikes;
#[cfg(test)]
mod misspelled;
mod names;
mod numbers;
mod plain;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod refusals;
mod search;
mod shapes;
mod spelled;
#[cfg(test)]
mod spellings;
#[cfg(test)]
mod tests;
mod times;
mod unconfirmed;

use std::ops::Range;

pub use names::name_beside;
pub use times::call_time;

use self::plain::Plain;
use crate::domain::{Body, CustomerMessage, FoundContact, Origin, Phone, Reach, Region, SharedContact};
use crate::text::phone;

/// How many characters of a text are searched, so that not even one of nothing but digits takes longer than a tenth
/// of a second. Telegram's own messages have at most 4096.
pub const LONGEST_TEXT: usize = 20_000;

/// The contacts of a customer's message, each once and in order: of its text or caption, or of its contact card.
/// What he replied to is not searched, it is mostly our own words.
pub fn in_message(message: &CustomerMessage, region: &Region) -> Vec<FoundContact> {
    let text = match &message.body {
        Body::Text(text) => Some(text.clone()),
        Body::Media(media) => media.caption.clone(),
        Body::Contact(card) => return on_card(card, region),
        Body::Command(_) => Some(message.transcript()),
    };
    let origin = if message.is_forwarded {
        Origin::Forwarded
    } else {
        Origin::Typed
    };
    let text = text.unwrap_or_default();
    let found = in_text(&text, region);
    let is_sought = !found.is_empty() && origin == Origin::Typed;
    let call_time = if is_sought { call_time(&text, region) } else { None };
    let contact = |reach| FoundContact {
        reach,
        origin,
        name: None,
        call_time: call_time.clone(),
    };
    found.into_iter().map(contact).collect()
}

/// The contacts of any text, each once and in order.
pub fn in_text(text: &str, region: &Region) -> Vec<Reach> {
    let mut once: Vec<Reach> = Vec::new();
    for (reach, _) in find(text, region) {
        if !once.iter().any(|known| is_same(known, &reach)) {
            once.push(reach);
        }
    }
    once
}

/// The contacts of words that are said to be a number or an address: the search itself, which is told so where it would
/// not have taken them for one.
pub fn in_answer(text: &str, region: &Region) -> Vec<Reach> {
    let found = in_text(text, region);
    match found.is_empty() {
        true => in_text(&format!("тел. {}", text.trim()), region),
        false => found,
    }
}

/// The contacts of a text of any length, which is searched part by part.
pub fn in_long_text(text: &str, region: &Region) -> Vec<Reach> {
    let mut once: Vec<Reach> = Vec::new();
    let mut rest = text;
    loop {
        let (part, next) = first_part(rest);
        for reach in in_text(part, region) {
            if !once.iter().any(|known| is_same(known, &reach)) {
                once.push(reach);
            }
        }
        if next.is_empty() {
            return once;
        }
        rest = next;
    }
}

/// As much as is searched at once, up to the end of a line or at least of a word, and what is behind it.
fn first_part(text: &str) -> (&str, &str) {
    let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) else {
        return (text, "");
    };
    let head = &text[..end];
    let gap = head.rfind('\n').or_else(|| head.rfind(char::is_whitespace));
    // What stands first is no end: the parts would never come to one.
    text.split_at(gap.filter(|at| *at > 0).unwrap_or(end))
}

/// Every contact with its place in bytes, in order.
fn find(text: &str, region: &Region) -> Vec<(Reach, Range<usize>)> {
    // Most messages hold neither, and need no copy.
    let may_hold_one = |c: char| matches!(c, '@' | '＠' | '﹫') || phone::as_digit(c).is_some();
    if !text.chars().take(LONGEST_TEXT).any(may_hold_one) && !spelled::may_hold_one(text) {
        return Vec::new();
    }
    let mut plain = Plain::new(text, LONGEST_TEXT);
    let links = links::phones(&mut plain, region);
    let emails = addresses::emails(&mut plain);
    let extensions = extensions::all(&mut plain);
    let mut phones = numbers::phones(&mut plain, region);
    let meant = lookalikes::phones(&plain, &phones, region);
    let is_apart = |range: &Range<usize>| {
        let overlaps = |other: &Range<usize>| range.start < other.end && other.start < range.end;
        !meant.iter().any(|(_, other)| overlaps(other))
    };
    phones.retain(|(_, range)| is_apart(range));
    phones.extend(meant);
    extensions::join(&plain, &extensions, &mut phones);
    let phones = links.into_iter().chain(phones);
    let phones = phones.map(|(phone, range)| (Reach::Phone(phone), range));
    let emails = emails.into_iter().map(|(email, range)| (Reach::Email(email), range));
    let mut found: Vec<_> = phones.chain(emails).collect();
    found.sort_by_key(|(_, range)| range.start);
    let in_bytes = |(reach, range)| (reach, plain.bytes(&range));
    found.into_iter().map(in_bytes).collect()
}

/// Whether both lead to the same person.
pub(in crate::text) fn is_same(one: &Reach, other: &Reach) -> bool {
    match (one, other) {
        (Reach::Email(one), Reach::Email(other)) => one.is_same(other),
        (Reach::Phone(one), Reach::Phone(other)) => one.is_same(other),
        _ => false,
    }
}

/// Its number, and what an address book has beside it.
fn on_card(card: &SharedContact, region: &Region) -> Vec<FoundContact> {
    let name = Some(card.name.trim()).filter(|name| !name.is_empty());
    // Telegram vouches for the number of an account, not for what its owner noted beside it.
    let (vouched, noted) = match card.is_own {
        true => (Origin::Verified, Origin::Typed),
        false => (Origin::Card, Origin::Card),
    };
    let first = number_of(&card.phone, card.is_own || card.is_account, region).into_iter();
    let further = card.further.iter().filter_map(|phone| number_of(phone, false, region));
    let emails = card.emails.iter().flat_map(|email| in_text(email, region));
    let emails = emails.filter_map(Reach::into_email).map(Reach::Email);
    let first = first.map(|phone| (Reach::Phone(phone), vouched));
    let further = further.map(Reach::Phone).chain(emails).map(|reach| (reach, noted));
    let mut found: Vec<FoundContact> = Vec::new();
    for (reach, origin) in first.chain(further) {
        let mut known = found.iter().map(|contact| &contact.reach);
        // What the same number has beyond an earlier one is an extension, which is kept.
        let is_known = known.any(|known| known == &reach || matches!(reach, Reach::Email(_)) && is_same(known, &reach));
        if !is_known {
            found.push(FoundContact {
                reach,
                origin,
                name: name.map(str::to_owned),
                call_time: None,
            });
        }
    }
    found
}

/// An address book keeps more than digits in a number: "8 495 123-45-67 доб. 105".
fn number_of(written: &str, is_account: bool, region: &Region) -> Option<Phone> {
    let is_more = |c: char| c.is_alphabetic() || matches!(c, ',' | ';' | '#' | '/');
    let searched = || {
        let found = in_answer(written, region).into_iter();
        found.filter_map(Reach::into_phone).next()
    };
    let found = if !is_account && written.contains(is_more) {
        searched()
    } else {
        None
    };
    found.or_else(|| phone::shared(written, is_account, region))
}
