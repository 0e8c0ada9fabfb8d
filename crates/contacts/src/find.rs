//! Every contact of a text: links and addresses first, then phones among the digits that remain.

use std::ops::Range;

use domain::{Reach, Region};

use super::plain::{LONGEST_TEXT, Plain};
use super::{addresses, extensions, links, lookalikes, numbers, phone, spelled};

/// Every contact with its place in bytes, in order.
pub(super) fn find(text: &str, region: &Region) -> Vec<(Reach, Range<usize>)> {
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
