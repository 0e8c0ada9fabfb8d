//! What goes with a letter, as the owner's phone and mail program take it.

use domain::{Email, Origin, OthersCard, Phone, Profile};
use pages::LeadPage;

use super::examples::{by_email, by_username, digest, one, phone, short, update};
use super::*;
use crate::vcard::tests::read as card;

/// The contact that goes with the letter on a lead.
fn contact(page: LeadPage) -> Vec<(String, Vec<String>)> {
    let letter = rendered(Language::Ru, &one(page));
    assert_eq!(letter.attachments[0].file, "lead-42.vcf");
    card(&content(&letter.attachments[0]))
}

/// The value of a property that stands there once.
fn value(card: &[(String, Vec<String>)], name: &str) -> Option<String> {
    let mut found = card.iter().filter(|(known, _)| known == name);
    let value = found.next().map(|(_, values)| values.join("|"));
    assert_eq!(found.next(), None);
    value
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_lead_goes_with_a_contact_that_a_phone_takes_over() {
    let mut page = update();
    page.notice
        .facts
        .phones
        .retain(|known| known.origin == Origin::Verified);
    let card = contact(page);
    let names: Vec<&str> = card.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "BEGIN",
        "VERSION",
        "FN",
        "N",
        "TEL;TYPE=CELL",
        "EMAIL;TYPE=INTERNET",
        "URL",
        "NOTE",
        "END",
    ];
    assert_eq!(names, expected);
    assert_eq!(value(&card, "VERSION"), some("3.0"));
    assert_eq!(
        (value(&card, "FN"), value(&card, "N")),
        (some("Мария"), some("|Мария|||"))
    );
    let phones: Vec<&str> = card
        .iter()
        .filter(|(name, _)| name.starts_with("TEL"))
        .map(|(_, value)| value[0].as_str())
        .collect();
    assert_eq!(phones, ["+79123456789"]);
    assert_eq!(value(&card, "EMAIL;TYPE=INTERNET"), some("maria@example.org"));
    assert_eq!(value(&card, "URL"), some("https://t.me/maria_k"));
    assert_eq!(
        value(&card, "NOTE"),
        some("Заявка №42\nУборка двухкомнатной квартиры, около 54 м²")
    );
}

/// Each contact of a file: its name, its numbers, its addresses and its link.
fn people(page: LeadPage) -> Vec<String> {
    let mut people: Vec<String> = Vec::new();
    for (name, values) in contact(page) {
        match name.split(';').next().unwrap_or_default() {
            "FN" => people.push(values.join("|")),
            "TEL" | "EMAIL" | "URL" => {
                let person = people.last_mut().unwrap();
                *person = format!("{person}, {}", values[0]);
            }
            _ => {}
        }
    }
    people
}

#[test]
fn another_persons_number_is_never_under_the_customers_name() {
    let card = |name: &str, digits: &[&str], email: Option<&str>| OthersCard {
        name: (!name.is_empty()).then(|| name.to_owned()),
        phones: digits
            .iter()
            .filter_map(|digits| Phone::international(digits))
            .collect(),
        emails: email.map(Email::normalised).into_iter().collect(),
    };
    let of = |name: Option<&str>, phones: &[(&str, Origin)], emails: &[&str], cards: &[OthersCard]| {
        let mut page = short();
        page.notice.facts.name = name.map(str::to_owned);
        page.notice.facts.phones = phones.iter().map(|(digits, origin)| phone(digits, *origin)).collect();
        page.notice.facts.emails = emails.iter().map(|email| Email::normalised(email)).collect();
        page.notice.facts.cards = cards.to_vec();
        people(page)
    };
    let two = [("74951234567", Origin::Card), ("79990000000", Origin::Card)];
    let peter = card("Пётр", &["74951234567", "79990000000"], Some("petr@shop.example"));
    assert_eq!(
        of(None, &two, &["petr@shop.example"], std::slice::from_ref(&peter)),
        ["Пётр, +74951234567, +79990000000, petr@shop.example"]
    );
    assert_eq!(
        of(
            Some("Мария"),
            &two,
            &[],
            &[card("", &["74951234567"], None), card("Олег", &["79990000000"], None)]
        ),
        ["+7 495 123-45-67, +74951234567", "Олег, +79990000000"]
    );
    assert_eq!(of(None, &two[..1], &[], &[]), ["+7 495 123-45-67, +74951234567"]);
    assert_eq!(
        of(None, &[("79990000000", Origin::Forwarded)], &[], &[]),
        ["+7 999 000-00-00, +79990000000"]
    );
    assert_eq!(
        of(Some("Олег"), &[("79990000000", Origin::Forwarded)], &[], &[]),
        ["Олег, +79990000000"]
    );
    let beside = [("79123456789", Origin::Typed), two[0]];
    assert_eq!(
        of(None, &beside, &["maria@shop.example", "petr@shop.example"], &[peter]),
        [
            "Мария Котова, +79123456789, maria@shop.example, https://t.me/maria_k",
            "Пётр, +74951234567, petr@shop.example",
        ]
    );
}

#[test]
fn a_contact_without_a_given_name_has_the_best_there_is() {
    let name = |change: fn(&mut LeadPage)| {
        let mut page = short();
        page.notice.facts.name = None;
        change(&mut page);
        let card = contact(page);
        (value(&card, "FN").unwrap(), value(&card, "N").unwrap())
    };
    let pair = |full: &str, parts: &str| (full.to_owned(), parts.to_owned());
    assert_eq!(name(|_| {}), pair("Мария Котова", "Котова|Мария|||"));
    assert_eq!(
        name(|page| page.profile = Profile::default()),
        pair("+7 912 345-67-89", "|+7 912 345-67-89|||")
    );
    assert_eq!(
        name(|page| {
            page.profile = Profile::default();
            page.notice.facts = by_email().notice.facts;
        }),
        pair("maria.kotova@example.org", "|maria.kotova@example.org|||")
    );
    assert_eq!(name(|page| *page = by_username()), pair("@maria_k", "|@maria_k|||"));
    assert_eq!(
        name(|page| {
            page.profile = Profile::default();
            page.notice.facts.phones.clear();
        }),
        pair("Клиент без имени", "|Клиент без имени|||")
    );
}

#[test]
fn only_a_number_that_telegram_gave_opens_a_chat() {
    let link = |origin| {
        let mut page = short();
        page.profile.username = None;
        page.notice.facts.phones = vec![phone("79123456789", origin)];
        value(&contact(page), "URL")
    };
    assert_eq!(link(Origin::Verified), some("https://t.me/+79123456789"));
    for origin in [Origin::Typed, Origin::Found, Origin::Card, Origin::Forwarded] {
        assert_eq!(link(origin), None);
    }
}

#[test]
fn gathered_leads_come_as_contacts_in_one_file() {
    let letter = rendered(Language::Ru, &digest(7));
    let files: Vec<&str> = letter.attachments.iter().map(|file| file.file.as_str()).collect();
    assert_eq!(files, ["leads-50-56.csv", "dialogs-50-56.csv", "leads.vcf"]);
    let cards = card(&content(&letter.attachments[2]));
    let count = |name: &str| cards.iter().filter(|(known, _)| known == name).count();
    // One of them shared the card of somebody else, who is a contact as well.
    assert_eq!((count("BEGIN"), count("FN"), count("END")), (8, 8, 8));
    for lead in 50..57 {
        assert!(content(&letter.attachments[2]).contains(&format!("NOTE:Заявка №{lead}")));
    }
}
