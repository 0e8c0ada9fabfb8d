//! The promises of the search on random input. `PROPTEST_CASES=100000` makes a long run of it.

use proptest::prelude::*;

use super::{LONGEST_TEXT, find, in_text, is_same, name_beside};
use crate::domain::{Phone, Reach, Region};
use crate::text::phone;

/// What texts with contacts are made of, and what they are mistaken for.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,4}",
        4 => "[ .()+\u{a0}–-]{1,2}",
        1 => "[0-9]{9,12}",
        1 => "(375 ?29|996 555|4951|8/912/|мой|Анна)",
        1 => "8 \\(9[0-9]{2}\\) [0-9]{3}-[0-9]{2}-[0-9]{2}",
        1 => "[a-z.]{1,5}@[a-z]{1,5}\\.(ru|com|рф)",
        1 => "(№|тел|заказ|https://|wa\\.me/|доб|,|/|\n|:|номер|зовут|Анна|₽|\u{202a}|８|@|_)",
        1 => "\\PC{1,4}",
    ];
    proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn regions() -> impl Strategy<Value = Region> {
    prop_oneof![8 => "RU", 1 => "(US|DE|UA|IT)", 1 => "(XX|\\PC{0,3})"].prop_map(Region::new)
}

fn mobiles() -> impl Strategy<Value = Phone> {
    let digits = prop_oneof![
        "79[0-9]{9}".boxed(),
        "7(495|812|843)[1-9][0-9]{6}".boxed(),
        "44740[0-9]{7}".boxed(),
        "38067[0-9]{7}".boxed(),
        "4915[0-9]{9}".boxed(),
        "120255501[0-9]{2}".boxed(),
    ];
    digits.prop_filter_map("a valid number", |digits| {
        phone::parse(&format!("+{digits}"), &Region::new("RU")).filter(|phone| phone.as_str()[1..] == digits)
    })
}

proptest! {
    #[test]
    fn nothing_that_a_person_writes_stops_the_search(text in text(), wild in any::<String>(), region in regions()) {
        for text in [&text, &wild] {
            for (_, place) in find(text, &region) {
                prop_assert!(text.get(place).is_some_and(|found| !found.is_empty()));
            }
            name_beside(text, &region);
            if let Some(phone) = phone::shared(text, &region) {
                phone::display(&phone);
            }
            phone::parse(text, &region);
        }
    }

    #[test]
    fn what_is_found_is_valid_and_told_once(text in text(), region in regions()) {
        let found = in_text(&text, &region);
        for (index, reach) in found.iter().enumerate() {
            prop_assert!(!found[..index].iter().any(|before| is_same(before, reach)));
            if let Reach::Phone(phone) = reach {
                prop_assert_eq!(phone::parse(phone.as_str(), &region), Some(phone.clone()));
            }
        }
    }

    #[test]
    fn a_second_line_never_hides_a_contact(first in text(), second in text(), region in regions()) {
        let both = in_text(&format!("{first}\n{second}"), &region);
        for reach in in_text(&first, &region) {
            prop_assert!(both.iter().any(|known| is_same(known, &reach)), "{:?}", reach);
        }
    }

    #[test]
    fn a_number_as_we_show_it_is_found_again(phone in mobiles(), before in "[а-яa-z ]{0,20}", after in "[а-яa-z ]{0,20}") {
        let text = format!("{before} {} {after}", phone::display(&phone));
        prop_assert_eq!(in_text(&text, &Region::new("RU")), vec![Reach::Phone(phone)]);
    }
}

#[test]
fn the_longest_texts_take_no_longer_than_a_search() {
    let region = Region::new("RU");
    for piece in [
        "8 9 ",
        "1",
        "a.",
        "a@",
        "@",
        "wa.me/",
        "(",
        "89123456780 ",
        "8.9-",
        "тел ",
        "9 000 000\n",
        "998 90 123 45 67 ",
        "495 1234567\n",
        "ab89123456780 ",
        "8/912/",
        "t.me/+7",
    ] {
        let text = piece.repeat(1_000_000 / piece.len());
        assert!(find(&text, &region).len() <= LONGEST_TEXT);
        name_beside(&text, &region);
    }
}
