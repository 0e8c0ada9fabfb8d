//! The contacts that a text holds. A contact must not be lost, so a false alarm is the smaller evil; but an order's
//! number is no phone. Links and addresses are found first, then phones among the digits that remain.

mod addresses;
mod chains;
mod labels;
mod names;
mod numbers;
mod plain;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod refusals;
mod shapes;
#[cfg(test)]
mod spellings;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use names::name_beside;

use self::plain::Plain;
use crate::domain::{Body, CustomerMessage, FoundContact, Origin, Reach, Region, SharedContact};
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
        Body::Contact(card) => return on_card(card, region).into_iter().collect(),
        Body::Command(_) => Some(message.transcript()),
    };
    let origin = if message.is_forwarded {
        Origin::Forwarded
    } else {
        Origin::Typed
    };
    let found = text.map_or_else(Vec::new, |text| in_text(&text, region));
    let contact = |reach| FoundContact {
        reach,
        origin,
        name: None,
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
    let may_hold_one = |c: char| c == '@' || phone::as_digit(c).is_some();
    if !text.chars().take(LONGEST_TEXT).any(may_hold_one) {
        return Vec::new();
    }
    let mut plain = Plain::new(text, LONGEST_TEXT);
    let links = addresses::phones_of_links(&mut plain, region);
    let emails = addresses::emails(&mut plain);
    let numbers = numbers::phones(&mut plain, region);
    let phones = links.into_iter().chain(numbers);
    let phones = phones.map(|(phone, range)| (Reach::Phone(phone), range));
    let emails = emails.into_iter().map(|(email, range)| (Reach::Email(email), range));
    let mut found: Vec<_> = phones.chain(emails).collect();
    found.sort_by_key(|(_, range)| range.start);
    let in_bytes = |(reach, range)| (reach, plain.bytes(&range));
    found.into_iter().map(in_bytes).collect()
}

fn is_same(one: &Reach, other: &Reach) -> bool {
    match (one, other) {
        (Reach::Email(one), Reach::Email(other)) => one.is_same(other),
        _ => one == other,
    }
}

fn on_card(card: &SharedContact, region: &Region) -> Option<FoundContact> {
    let name = card.name.trim();
    Some(FoundContact {
        reach: Reach::Phone(phone::shared(&card.phone, region)?),
        origin: if card.is_own { Origin::Verified } else { Origin::Card },
        name: (!name.is_empty()).then(|| name.to_owned()),
    })
}
