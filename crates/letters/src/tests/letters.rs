//! What stands in letters, in both forms and both languages.

use domain::{LeadField, LeadSource, Origin};
use pages::{Fate, Speaker};

use super::examples::{alert, by_email, by_username, change, one, phone, said, short, update};
use super::*;

const MARIA: &str = "79123456789";
const OTHER: &str = "79990000000";

/// Text and HTML of a page, both of which must hold what is looked for.
pub(crate) fn both(language: Language, body: &PageBody) -> [String; 2] {
    let Rendered { text, html, .. } = rendered(language, body);
    [text, html.replace("&nbsp;", "\u{a0}")]
}

#[track_caller]
pub(crate) fn hold(forms: &[String; 2], words: &[&str]) {
    for form in forms {
        for word in words {
            assert!(form.contains(word), "{word} is missing in {form}");
        }
    }
}

#[track_caller]
pub(crate) fn lack(forms: &[String; 2], words: &[&str]) {
    for (form, word) in forms.iter().flat_map(|form| words.iter().map(move |word| (form, word))) {
        assert!(!form.contains(word), "{word} stands in {form}");
    }
}

#[test]
fn a_lead_letter_has_every_fact() {
    let facts = [
        "Мария",
        &shown(MARIA),
        "54 м²",
        "после 18:00",
        "avito3",
        "@maria_k",
        "https://t.me/maria_k",
    ];
    for language in Language::ALL {
        let forms = both(language, &one(short()));
        hold(&forms, &facts);
        hold(&forms, &["13:50", "54 метра.", "UTC+3", "14:05", "Чистый дом"]);
    }
    let russian = both(Language::Ru, &one(short()));
    hold(&russian, &["номер подтверждён Telegram", "воскресенье, 22 ноября 2026"]);
    let english = both(Language::En, &one(short()));
    hold(&english, &["number confirmed by Telegram", "Sunday, 22 November 2026"]);
}

#[test]
fn the_number_comes_right_after_the_name() {
    let text = rendered(Language::Ru, &one(short())).text;
    let place = |word: &str| text.find(word).unwrap();
    assert!(place(&shown(MARIA)) < place("54 м²") && place("54 м²") < place("Здравствуйте"));
}

#[test]
fn without_a_request_the_last_messages_are_shown() {
    let mut page = short();
    page.notice.facts.request = None;
    page.lines = vec![
        said(Speaker::Customer, 0, "Добрый день, вы работаете?"),
        said(Speaker::Customer, 1, "Нужна уборка дачи в субботу"),
        said(Speaker::Us(Fate::Sent), 2, "Оставьте, пожалуйста, имя и телефон"),
        said(Speaker::Customer, 3, "/contact"),
        said(Speaker::Customer, 4, "Мария +7 912 345-67-89"),
        said(Speaker::Customer, 5, "[contact Мария Александровна, 79123456789]"),
    ];
    let text = rendered(Language::Ru, &one(page.clone())).text;
    let wanted = "Последние сообщения клиента: Добрый день, вы работаете?\n    Нужна уборка дачи в субботу\n";
    assert!(text.contains(wanted), "{text}");
    assert!(
        rendered(Language::Ru, &one(page.clone()))
            .html
            .contains("Последние сообщения клиента")
    );
    page.notice.source = LeadSource::Tool;
    assert!(!rendered(Language::Ru, &one(page)).text.contains("Последние сообщения"));
    assert!(
        !rendered(Language::Ru, &one(short()))
            .text
            .contains("Последние сообщения")
    );
}

#[test]
fn how_a_contact_is_known_is_said_when_it_matters() {
    let mark = |origin| {
        let mut page = short();
        page.notice.facts.phones = vec![phone("79123456789", origin)];
        both(Language::En, &one(page))
    };
    hold(&mark(Origin::Card), &["contact card"]);
    hold(&mark(Origin::Forwarded), &["from a forwarded message"]);
    assert!(!mark(Origin::Typed)[0].contains("forwarded"));
    hold(
        &both(Language::En, &one(by_email())),
        &["found in a message, please check it"],
    );
    hold(&both(Language::En, &one(by_username())), &["prefers Telegram"]);
}

#[test]
fn an_update_says_what_was_and_what_is() {
    let forms = both(Language::Ru, &one(update()));
    hold(
        &forms,
        &[
            "Что изменилось",
            "в субботу утром",
            "Домофон",
            "№17, 3 ноября 2026",
            "Мойка окон",
        ],
    );
    assert!(forms[0].contains(&format!(
        "- Телефон: {} → {}\n- Когда звонить: после 18:00 → в субботу утром",
        shown(MARIA),
        shown(OTHER)
    )));
    let mut page = short();
    page.notice.changes = vec![change(LeadField::Telegram, None, "")];
    hold(&both(Language::Ru, &one(page)), &["просит написать в Telegram"]);
}

#[test]
fn replies_that_did_not_arrive_and_edits_are_marked() {
    let forms = both(Language::Ru, &one(update()));
    hold(
        &forms,
        &[
            "не доставлено",
            "ещё не доставлено",
            "изменено",
            "понедельник, 23 ноября 2026",
        ],
    );
    hold(&forms, &["Ещё 12 сообщений до этого — в базе: frontdesk sql "]);
    let forms = both(Language::Ru, &one(short()));
    lack(&forms, &["не доставлено", "— в базе"]);
}

#[test]
fn an_alert_says_what_customers_see_and_what_to_do() {
    for language in Language::ALL {
        hold(
            &both(language, &alert()),
            &[
                "insufficient_quota",
                "frontdesk check",
                "OPENAI_API_KEY",
                "14:05",
                "OPENAI_MODEL",
            ],
        );
    }
    hold(
        &both(Language::Ru, &alert()),
        &["С 22 ноября 2026, 14:05", "не чаще раза в час", "Заявки записываются"],
    );
}

#[test]
fn the_models_markup_is_shown_as_the_customer_saw_it() {
    let answer = pages::DialogLine {
        is_markdown: true,
        ..said(
            Speaker::Us(pages::Fate::Sent),
            5,
            "**Да**, вот [цены](https://shop.example):\n\n- окна\n\n<script>x</script>",
        )
    };
    let mut lead = short();
    lead.lines.push(answer);
    let [text, html] = both(Language::Ru, &one(lead));
    assert!(text.contains("Да, вот цены") && text.contains("• окна"), "{text}");
    assert!(
        html.contains("Да, вот цены") && html.contains("&lt;script&gt;"),
        "{html}"
    );
    assert!(
        !html.contains("href=\"https://shop.example"),
        "nothing in a dialog can be clicked"
    );
}
