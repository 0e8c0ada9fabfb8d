//! Contacts as plain values: what is the same, what is kept, what is in doubt.

use super::*;

#[test]
fn a_number_without_its_plus_gets_one() {
    assert_eq!(Phone::international("79123456789").unwrap().as_str(), "+79123456789");
    assert_eq!(Phone::international("+79123456789").unwrap().as_str(), "+79123456789");
    for text in ["", "+", "123456", "+7912345678901234", "+7 912", "7912x56789"] {
        assert_eq!(Phone::international(text), None, "{text}");
    }
}

#[test]
fn a_stored_number_of_an_older_version_is_still_read() {
    let read = |json: &str| serde_json::from_str::<Phone>(json).unwrap();
    let number = Phone::international("74951234567").unwrap();
    assert_eq!(read("\"+74951234567\""), number);
    assert_eq!(read("{\"number\":\"+74951234567\"}"), number);
    let whole = Phone::unconfirmed("84951234567", "8 495 123\n45 67").unwrap();
    let whole = whole.with_extension("105");
    assert_eq!(whole.as_written(), Some("8 495 123 45 67"));
    assert_eq!(read(&serde_json::to_string(&whole).unwrap()), whole);
}

#[test]
fn a_number_known_in_two_ways_keeps_what_is_certain() {
    let sure = Phone::international("74951234567").unwrap();
    let unsure = Phone::unconfirmed("+74951234567", "+7495 1234567").unwrap();
    let with = sure.clone().with_extension("105");
    assert_eq!(sure.clone().joined(&unsure), sure);
    assert_eq!(unsure.joined(&with), with);
    assert_eq!(with.clone().joined(&sure), with);
    assert_eq!(with.uri(), "+74951234567;ext=105");
}

#[test]
fn letters_of_another_script_make_an_address_unconfirmed() {
    let confirmed = [
        "anna@mail.ru",
        "info@почта.рф",
        "иван@почта.рф",
        "anna@xn--80a1acny.xn--p1ai",
        "info@müller.de",
        "7912@mail.ru",
        "shop@mail.москва",
    ];
    for address in confirmed {
        assert!(Email::normalised(address).is_confirmed(), "{address}");
    }
    let unconfirmed = [
        "ivаnov@mail.ru",
        "аnna.k@mail.ru",
        "анна@mail.ru",
        "ivan@mаil.ru",
        "ivan@mail.соm",
        "ivan@mail.ру",
        "iνan@mail.ru",
        "josé@mail.com",
        "info@почта.com",
        "ivan@mail,ru",
        "ivan собака mail.ru",
        "ivan @ mail.ru",
        "ivan@mail",
        "ivan.@mail.ru",
        ".ivan@mail.ru",
        "ivan..k@mail.ru",
        "ivan@@mail.ru",
        "ivan@mail.ruanna@mail.ru",
        "ivan@mail..ru",
        "ivan@mail<b.ru",
        "ivan@mail_box.ru",
    ];
    for address in unconfirmed {
        assert!(!Email::normalised(address).is_confirmed(), "{address}");
    }
}

#[test]
fn an_address_is_the_same_in_any_case() {
    let address = Email::normalised(" Anna@Example.ORG ");
    assert_eq!(address.as_str(), "Anna@example.org");
    assert_eq!(address.domain(), "example.org");
    assert!(address.is_same(&Email::normalised("anna@example.org")));
}
