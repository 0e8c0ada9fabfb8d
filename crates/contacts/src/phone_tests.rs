//! What digits are by the rules of a country.

use super::*;

fn shown(phone: Option<Phone>) -> String {
    let phone = phone.expect("a number");
    match phone.as_written() {
        Some(written) => format!("{} ? {written}", phone.as_str()),
        None => phone.to_string(),
    }
}

#[test]
fn a_card_from_an_address_book_is_read_as_it_is_dialled() {
    let cases = [
        ("RU", "84951234567", "+74951234567"),
        ("RU", "8 (495) 123-45-67", "+74951234567"),
        ("RU", "84821234567", "+74821234567"),
        ("RU", "8 (863) 212-34-56", "+78632123456"),
        ("RU", "84912345678", "+74912345678"),
        ("RU", "8 800 555 35 35", "+78005553535"),
        ("RU", "89123456789", "+79123456789"),
        ("RU", "79123456789", "+79123456789"),
        ("RU", "4951234567", "+74951234567"),
        ("RU", "+84 95 123 45 67", "+84951234567"),
        ("RU", "375291234567", "+375291234567"),
        ("RU", "998901234567", "+998901234567"),
        ("RU", "0044 20 7946 0958", "+442079460958"),
        ("RU", "8 10 44 20 7946 0958", "+442079460958"),
        ("BY", "8 029 123 45 67", "+375291234567"),
        ("BY", "80291234567", "+375291234567"),
        ("BY", "029 123-45-67", "+375291234567"),
        ("UA", "0671234567", "+380671234567"),
        ("DE", "030123456", "+4930123456"),
        ("KZ", "87012345678", "+77012345678"),
        ("US", "1 202 555 0143", "+12025550143"),
        ("RU", "375251234567", "+375251234567 ? 375251234567"),
        ("RU", "+996 555 12 34 5", "+99655512345 ? +996 555 12 34 5"),
        ("BY", "8 025 123-45-67", "+375251234567 ? 8 025 123-45-67"),
        // A mobile of Italy, or a number in Rome.
        ("IT", "3906123456", "3906123456 ? 3906123456"),
        ("RU", "12345678", "12345678 ? 12345678"),
    ];
    for (code, text, number) in cases {
        assert_eq!(shown(shared(text, false, &Region::new(code))), number, "{code} {text}");
    }
    assert_eq!(shared("112", false, &Region::new("RU")), None);
}

#[test]
fn the_number_of_an_account_is_international_first() {
    let cases = [
        ("84912345678", "+84912345678"),
        ("84951234567", "+84951234567"),
        ("79123456789", "+79123456789"),
        ("375291234567", "+375291234567"),
        ("89123456789", "+79123456789"),
        ("99900000001", "+99900000001"),
        ("88801234567", "+88801234567"),
    ];
    for (text, number) in cases {
        assert_eq!(shown(shared(text, true, &Region::new("RU"))), number, "{text}");
    }
}

#[test]
fn people_read_numbers_in_the_groups_they_know() {
    let cases = [
        ("79123456789", "+7 912 345-67-89"),
        ("78123456789", "+7 812 345-67-89"),
        ("77012345678", "+7 701 234 5678"),
        ("442079460958", "+44 20 7946 0958"),
        ("375291234567", "+375 29 123-45-67"),
        ("9999999", "+9999999"),
    ];
    for (digits, shown) in cases {
        let phone = Phone::international(digits).unwrap();
        assert_eq!(display(&phone), shown);
    }
}

#[test]
fn a_country_code_never_begins_with_zero() {
    for code in ["RU", "DE", "US"] {
        assert_eq!(read("0003610495100", 0, &Region::new(code)), None, "{code}");
    }
    assert_eq!(behind_plus("03610495100", 0, &Region::new("RU")), None);
}
