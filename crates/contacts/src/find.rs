//! Every contact of a text: links and addresses first, then phones among the digits that remain.

use std::ops::Range;

use domain::{Reach, Region};

use super::plain::{LONGEST_TEXT, Plain, is_as_written};
use super::{addresses, extensions, links, lookalikes, numbers, phone, spelled};

/// Every contact with its place in bytes, in order.
pub(super) fn find(text: &str, region: &Region) -> Vec<(Reach, Range<usize>)> {
    match holds_none(text, region) {
        true => Vec::new(),
        false => search(text, region),
    }
}

/// A quick check that rules out contacts: most messages have neither an address nor enough digits, and need no copy.
/// A text that is searched in another form than it was written in skips this check.
fn holds_none(text: &str, region: &Region) -> bool {
    // Letters that are among digits may be meant for some.
    let (mut digits, mut letters, mut in_word) = (0, 0, 0);
    for c in text.chars().take(LONGEST_TEXT) {
        let is_digit = phone::as_digit(c).is_some();
        if c == '@' || !is_digit && !is_as_written(c) {
            return false;
        }
        match (is_digit, lookalikes::digit(c)) {
            (true, _) => in_word += 1,
            (false, Some(_)) => letters += 1,
            (false, None) => (letters, in_word) = (0, 0),
        }
        if in_word > 0 {
            digits += std::mem::take(&mut letters) + usize::from(is_digit);
        }
    }
    (digits == 0 || digits < phone::fewest_digits(region)) && !spelled::may_hold_one(text)
}

fn search(text: &str, region: &Region) -> Vec<(Reach, Range<usize>)> {
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

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const PIECES: &[&str] = &[
        "1",
        "2",
        "7",
        "8",
        "9",
        "49",
        "290",
        "345",
        "1234",
        "56789",
        "о",
        "O",
        "З",
        "l",
        "б",
        " ",
        " ",
        "-",
        ".",
        "(",
        ")",
        "+",
        "\n",
        "тел. ",
        "tel ",
        "ivan",
        "собака",
        "соба\u{200b}ка",
        " at ",
        "ａｔ",
        "@",
        "＠",
        "mail.ru",
        "точка",
        "tel://",
        "wa.me/",
        "доб. ",
        "٣",
        "заказ № ",
        "1\u{ad}2",
        "３",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

        #[test]
        fn what_a_glance_dismisses_holds_none(
            pieces in vec(prop::sample::select(PIECES), 0..9),
            region in prop::sample::select(&["RU", "DE", "AT", "IS", "SH", "NU", "US", "XX"][..]),
        ) {
            let (text, region) = (pieces.concat(), Region::new(region));
            if holds_none(&text, &region) {
                prop_assert_eq!(search(&text, &region), Vec::new(), "{}", text);
            }
        }
    }

    #[test]
    fn a_glance_is_enough_for_what_most_customers_write() {
        for text in ["Здравствуйте, сколько стоит окно?", "Окно 120 на 150", "к 18:30 буду"]
        {
            assert!(holds_none(text, &Region::new("RU")), "{text}");
        }
        // Where numbers are short, fewer digits are one.
        assert!(!holds_none("tel 22222", &Region::new("SH")));
    }
}
