//! The contacts that a text holds. A contact must not be lost, so a false alarm is the smaller evil; but an order's
//! number is not a phone. Links and addresses are found first, then phones among the digits that remain.
//!
//! ```
//! use contacts::finder::Finder;
//! use domain::{CustomerMessage, Region};
//!
//! let finder = Finder::new(Region::new("RU"));
//! finder.know_own("Our shop: +7 495 123-45-67");
//! let message = CustomerMessage::text("Call me, 8 (912) 345-67-89, not +7 495 123-45-67");
//! let found = finder.find(&message);
//! assert_eq!(found.len(), 1);
//! ```

mod addresses;
mod breaks;
mod chains;
#[cfg(test)]
mod doubts;
mod extensions;
mod find;
pub mod finder;
mod labels;
mod links;
mod lookalikes;
#[cfg(test)]
mod misspelled;
mod names;
mod numbers;
pub mod phone;
mod plain;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod refusals;
mod runs;
mod search;
mod shapes;
mod spelled;
#[cfg(test)]
mod spellings;
#[cfg(test)]
mod tests;
mod times;
mod unconfirmed;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use domain::{Body, CustomerMessage, FoundContact, Origin, Phone, Reach, Region, SharedContact};

use self::find::find;
use self::plain::LONGEST_TEXT;
use self::times::call_time;

/// The contacts in the text, caption or contact card of a message, each once and in order. A quoted message is not
/// searched: it is mostly our own text.
pub(crate) fn in_message(message: &CustomerMessage, region: &Region) -> Vec<FoundContact> {
    let text = match &message.body {
        Body::Text(text) => Cow::Borrowed(text.as_str()),
        Body::Media(media) => Cow::Borrowed(media.caption.as_deref().unwrap_or_default()),
        Body::Contact(card) => return on_card(card, region),
        Body::Command(_) => Cow::Owned(message.transcript()),
    };
    let origin = if message.is_forwarded {
        Origin::Forwarded
    } else {
        Origin::Typed
    };
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
    once(find(text, region).into_iter().map(|(reach, _)| reach))
}

fn once(found: impl IntoIterator<Item = Reach>) -> Vec<Reach> {
    let mut once: Vec<Reach> = Vec::new();
    for reach in found {
        if !once.iter().any(|known| is_same(known, &reach)) {
            once.push(reach);
        }
    }
    once
}

/// The contacts in a text that is known to be a number or an address. Runs the search, and repeats it with a label if
/// nothing was found.
pub fn in_answer(text: &str, region: &Region) -> Vec<Reach> {
    let found = in_text(text, region);
    match found.is_empty() {
        true => in_text(&format!("тел. {}", text.trim()), region),
        false => found,
    }
}

/// The contacts of a text of any length, which is searched part by part.
pub(crate) fn in_long_text(text: &str, region: &Region) -> Vec<Reach> {
    let (mut found, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let (part, next) = first_part(rest);
        found.extend(in_text(part, region));
        rest = next;
    }
    once(found)
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

/// The name beside a contact: "Мария 8912…", "меня зовут Анна Петрова, тел. 8 912 …", "my name is John, +44…".
/// `None` where there is no contact.
pub(crate) fn name_beside(text: &str, region: &Region) -> Option<String> {
    let places: Vec<Range<usize>> = find(text, region).into_iter().map(|(_, range)| range).collect();
    names::beside(text, &places)
}

/// Whether both lead to the same person.
pub(crate) fn is_same(one: &Reach, other: &Reach) -> bool {
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
