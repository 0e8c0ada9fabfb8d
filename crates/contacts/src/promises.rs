//! The promises of the search on random input. `PROPTEST_CASES=100000` makes a long run of it.

use domain::{Phone, Reach, Region};
use proptest::prelude::*;

use super::plain::Plain;
use super::{LONGEST_TEXT, call_time, find, in_text, is_same, lookalikes, name_beside};
use crate::phone;

/// What texts with contacts are made of, and what they are mistaken for.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9]{1,4}",
        4 => "[ .()+\u{a0}–-]{1,2}",
        1 => "[0-9]{9,12}",
        1 => "[Oо]{1,2}",
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
        let reading = phone::behind_plus(&digits, 0, &Region::new("RU"));
        reading
            .map(|reading| reading.phone)
            .filter(|phone| phone.as_str()[1..] == digits)
    })
}

/// Whether the digits are among others, in their order.
fn is_in_order(digits: &str, others: &[char]) -> bool {
    let mut others = others.iter();
    digits.chars().all(|digit| others.any(|other| *other == digit))
}

fn is_confirmed(reach: &Reach) -> bool {
    match reach {
        Reach::Phone(phone) => phone.as_written().is_none(),
        Reach::Email(email) => email.is_confirmed(),
    }
}

proptest! {
    #[test]
    fn nothing_that_a_person_writes_stops_the_search(text in text(), wild in any::<String>(), region in regions()) {
        for text in [&text, &wild] {
            for (_, place) in find(text, &region) {
                prop_assert!(text.get(place).is_some_and(|found| !found.is_empty()));
            }
            name_beside(text, &region);
            for is_account in [true, false] {
                if let Some(phone) = phone::shared(text, is_account, &region) {
                    phone::display(&phone);
                }
            }
            call_time(text, &region);
        }
    }

    #[test]
    fn found_contacts_are_valid_and_unique(text in text(), region in regions()) {
        let found = in_text(&text, &region);
        for (index, reach) in found.iter().enumerate() {
            prop_assert!(!found[..index].iter().any(|before| is_same(before, reach)));
            if let Reach::Phone(phone) = reach && phone.as_written().is_none() {
                let again = phone::behind_plus(&phone.as_str()[1..], 0, &region);
                prop_assert_eq!(again.map(|reading| reading.phone.to_string()), Some(phone.to_string()));
            }
        }
    }

    #[test]
    fn every_digit_of_a_number_was_written_there_in_this_order(text in text(), region in regions()) {
        for (reach, place) in find(&text, &region) {
            let written = Plain::new(&text[place], LONGEST_TEXT);
            if let Reach::Phone(phone) = reach {
                // A letter that was typed for a digit counts as one where the number is marked.
                let is_marked = phone.as_written().is_some();
                let meant = |c: &char| lookalikes::digit(*c).filter(|_| is_marked).unwrap_or(*c);
                let digits: Vec<char> = written.chars.iter().map(meant).filter(char::is_ascii_digit).collect();
                let number: String = phone.uri().chars().filter(char::is_ascii_digit).collect();
                // What is dialled inside the country takes the place of its code.
                let is_there = (0..=3).any(|code| is_in_order(&number[code..], &digits));
                prop_assert!(is_there, "{} of {}", phone.uri(), digits.iter().collect::<String>());
                if let Some(shown) = phone.as_written() {
                    let without_spaces = |text: &str| text.split_whitespace().collect::<String>();
                    let all = without_spaces(&written.chars.iter().collect::<String>());
                    let shown = without_spaces(shown);
                    prop_assert!(all.contains(&shown) || all.contains(&shown[1..]), "{shown} of {all}");
                }
            }
        }
    }

    #[test]
    fn behind_a_plus_there_is_no_number_of_another_country(
        code in "(7|1|44|49|375|380|992|996|998)",
        groups in proptest::collection::vec("[0-9]{1,5}", 1..6),
        mark in "[ (-]{1,2}",
        region in "(RU|BY|UA|DE)".prop_map(Region::new),
    ) {
        // Another number may follow behind more digits.
        let mut digits = code.len();
        let fits = |group: &&String| {
            digits += group.len();
            digits <= 13
        };
        let groups: Vec<&str> = groups.iter().take_while(fits).map(String::as_str).collect();
        let text = format!("+{code}{mark}{}", groups.join(" "));
        for reach in in_text(&text, &region) {
            let is_bound = matches!(&reach, Reach::Phone(phone) if phone.as_str()[1..].starts_with(&code));
            prop_assert!(is_bound, "{text}: {reach:?}");
        }
    }

    #[test]
    fn one_letter_of_another_script_never_makes_another_address(
        local in "[a-z]{1,6}[.]?[a-z]{1,6}",
        domain in r"(mail|ya|gmail)\.(ru|com|by)",
        place in 0..20_usize,
        letter in "[аеосурхівкмнт]",
        before in "(|мой |адрес: )",
    ) {
        let mut address: Vec<char> = format!("{local}@{domain}").chars().collect();
        address.insert(place.min(address.len()), letter.chars().next().unwrap());
        let address: String = address.into_iter().collect();
        let found = in_text(&format!("{before}{address}"), &Region::new("RU"));
        for reach in found {
            let is_marked = matches!(&reach, Reach::Email(email) if !email.is_confirmed() && address == email.as_str());
            prop_assert!(is_marked, "{address}: {reach:?}");
        }
    }

    #[test]
    fn a_second_line_never_hides_a_contact(first in text(), second in text(), region in regions()) {
        let both = in_text(&format!("{first}\n{second}"), &region);
        for reach in in_text(&first, &region).into_iter().filter(is_confirmed) {
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
    let pieces = "8 9 |1|a.|a@|@|wa.me/|(|89123456780 |8.9-|тел |9 000 000\n|998 90 123 45 67 |495 1234567\n\
        |ab89123456780 |8/912/|t.me/+7|+996 555 12 34 5 |8 912\n345 |1\n|+7\n|8x1|собака |a собака |a@mail,\
        |a@mail |a@@b.ru|аб точка |аб собака мейл точка |8O9|8 9O2 345 67 89 |завтра ";
    for piece in pieces.split('|') {
        let text = piece.repeat(1_000_000 / piece.len());
        assert!(find(&text, &region).len() <= LONGEST_TEXT);
        name_beside(&text, &region);
    }
}
