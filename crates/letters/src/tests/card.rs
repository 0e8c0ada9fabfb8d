//! The first screen of a lead: name, contact, request, buttons.

use domain::{LeadSource, Origin};
use pages::LeadPage;

use super::examples::{by_email, by_username, one, phone, short};
use super::*;

/// The buttons from top to bottom: which of the two looks it has, where it leads, what it says.
fn buttons(page: LeadPage) -> Vec<(String, String, String)> {
    let html = rendered(Language::Ru, &one(page)).html;
    let buttons = html.split("<table class=\"button\"").skip(1).map(|behind| {
        let (_, look) = behind.split_once("<a class=\"").unwrap();
        let (look, behind) = look.split_once("\" href=\"").unwrap();
        let (target, behind) = behind.split_once('"').unwrap();
        let (label, _) = behind.split_once('>').unwrap().1.split_once("</a>").unwrap();
        (look.to_owned(), target.to_owned(), label.to_owned())
    });
    buttons.collect()
}

fn button(look: &str, target: &str, label: &str) -> (String, String, String) {
    (look.into(), target.into(), label.into())
}

#[test]
fn a_number_has_a_button_that_calls_and_below_it_one_that_writes() {
    let call = || button("call", "tel:+79123456789", "Позвонить");
    let telegram = button("write", "https://t.me/maria_k", "Написать в Telegram");
    assert_eq!(buttons(short()), [call(), telegram]);

    let mut page = short();
    page.profile.username = None;
    let by_number = button("write", "https://t.me/+79123456789", "Написать в Telegram");
    assert_eq!(buttons(page.clone()), [call(), by_number]);

    page.notice.facts.phones = vec![phone("79123456789", Origin::Typed)];
    assert_eq!(
        buttons(page.clone()),
        [call()],
        "an unverified number may not be in Telegram"
    );

    page.notice.facts.emails = vec![Email::normalised("maria@example.org")];
    let mail = button("write", "mailto:maria@example.org", "Написать письмо");
    assert_eq!(buttons(page), [call(), mail]);
}

#[test]
fn without_a_number_the_preferred_way_comes_first() {
    let (mail, telegram) = ("mailto:maria.kotova@example.org", "https://t.me/maria_k");
    let by_mail = [
        button("call", mail, "Написать письмо"),
        button("write", telegram, "Написать в Telegram"),
    ];
    assert_eq!(buttons(by_email()), by_mail);
    assert_eq!(
        buttons(by_username()),
        [button("call", telegram, "Написать в Telegram")]
    );
    let mut page = by_email();
    page.notice.facts.wants_telegram = true;
    assert_eq!(buttons(page)[0].1, telegram);
}

#[test]
fn a_long_request_leaves_the_buttons_on_the_first_screen() {
    let mut page = short();
    let request = "Уборка после ремонта: ".to_owned() + &"окна, полы, кухня, ".repeat(20) + "и балкон";
    page.notice.facts.request = Some(request.clone());
    let html = rendered(Language::Ru, &one(page.clone())).html;
    let (first, below) = html.split_once("Подробности</p>").unwrap();
    let (_, told) = first.split_once("class=\"words\"").unwrap();
    let (told, _) = told.split_once('>').unwrap().1.split_once("</span>").unwrap();
    assert!(told.chars().count() <= 140 && told.ends_with('…'), "{told}");
    assert!(below.contains(&request) && below.contains("Полностью"));
    assert!(rendered(Language::Ru, &one(page)).text.contains(&request));
    assert!(!rendered(Language::Ru, &one(short())).html.contains("Полностью"));
}

#[test]
fn how_a_contact_came_is_said_once() {
    let found = "найден в тексте сообщения";
    let times = |page: LeadPage| rendered(Language::Ru, &one(page)).html.matches(found).count();
    let mut page = short();
    page.notice.source = LeadSource::Text;
    page.notice.facts.phones = vec![phone("79123456789", Origin::Found)];
    assert_eq!((times(page), times(by_email()), times(short())), (1, 1, 0));
    let by_button = rendered(Language::Ru, &one(short())).html;
    assert!(
        !by_button.contains("Откуда контакт"),
        "the mark below the number says it"
    );
}
