//! What a mailbox shows before anything is opened.

use domain::{LeadId, Profile};
use pages::LeadPage;

use super::examples::{alert, by_email, by_username, digest, one, short, update};
use super::*;

const MARIA: &str = "79123456789";
const OTHER: &str = "79990000000";

fn subject(language: Language, page: LeadPage) -> String {
    rendered(language, &one(page)).subject
}

#[test]
fn the_subject_has_the_name_and_the_contact() {
    assert_eq!(
        subject(Language::Ru, short()),
        format!(
            "Заявка №42: Мария, {}, Уборка двухкомнатной квартиры, около 54 м²",
            shown(MARIA)
        )
    );
    assert_eq!(
        subject(Language::Ru, update()),
        format!(
            "Обновлена №42: Мария, {}, Уборка двухкомнатной квартиры, около 54 м²",
            shown(OTHER)
        )
    );
    assert_eq!(
        subject(Language::En, short()),
        format!(
            "Lead 42: Мария, {}, Уборка двухкомнатной квартиры, около 54 м²",
            shown(MARIA)
        )
    );
    assert_eq!(
        subject(Language::En, by_email()),
        "Lead 42: Мария…, maria.kotova@example.org, Здравствуйте! Сколько стоит уборка двушки? 54 метра. Есть к…"
    );
    assert_eq!(subject(Language::Ru, by_username()), "Заявка №42: @maria_k");
    assert_eq!(rendered(Language::Ru, &digest(7)).subject, "Ещё 7 заявок за час");
    assert_eq!(
        rendered(Language::Ru, &alert()).subject,
        "frontdesk: ассистент не отвечает клиентам"
    );
}

#[test]
fn name_and_number_stand_in_the_first_45_characters_of_a_subject() {
    for (language, lead) in [(Language::Ru, 42), (Language::Ru, 98_765), (Language::En, 98_765)] {
        for mut page in [short(), update()] {
            page.notice.lead = LeadId(lead);
            page.notice.facts.name = Some("Мария ".repeat(100));
            page.notice.facts.request = Some("Уборка ".repeat(100));
            let number = shown(page.notice.facts.phone().unwrap().number.as_str());
            let subject = subject(language, page);
            let seen: String = subject.chars().take(45).collect();
            assert!(seen.contains("Мария") && seen.contains(&number), "{subject}");
            assert!(subject.chars().count() <= 120, "{subject}");
        }
    }
}

#[test]
fn a_customer_without_a_name_is_called_unnamed() {
    let mut page = short();
    page.profile = Profile::default();
    page.notice.facts.name = None;
    assert_eq!(
        subject(Language::Ru, page),
        format!(
            "Заявка №42: Клиент без…, {}, Уборка двухкомнатной квартиры, около 54 м²",
            shown(MARIA)
        )
    );
}

#[test]
fn the_preview_says_what_the_subject_does_not() {
    let preview = |page| {
        let html = rendered(Language::Ru, &one(page)).html;
        let (_, behind) = html.split_once("<div class=\"hidden\"").unwrap();
        let (told, _) = behind.split_once("</div>").unwrap();
        told.split_once('>').unwrap().1.to_owned()
    };
    assert_eq!(
        preview(short()),
        "Когда звонить: после 18:00 · Уборка двухкомнатной квартиры, около 54 м²"
    );
    assert!(preview(by_email()).starts_with("Здравствуйте! Сколько стоит уборка двушки?"));
}
