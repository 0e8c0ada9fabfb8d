//! Letters stay well-formed with any text of customers and models, and have the headers a mailbox sorts by.

use std::os::unix::fs::PermissionsExt as _;

use chrono_tz::Tz;
use sandbox::{Answer, Letter, Profile, Run};
use serde_json::json;

use crate::harness::saving::{only_phone, save, saving};
use crate::harness::{Builder, OWNER, TestService, frontdesk, printed};

/// Text that tries to break out of a letter, a header or a template.
const HOSTILE: &str = "<script>alert(1)</script>\r\nBcc: thief@example.org\r\n\r\n{{facts}} {{{lead}}} {{#each x}} \
                       \u{202e}evil\u{2066}\u{0} </td></table> \" onclick='x' & &amp; javascript:alert(1)";

/// Passes hostile text on in every argument.
fn hostile(run: &Run) -> Answer {
    match run.tool_outputs.last() {
        Some(_) => Answer::Text(format!("понял: {HOSTILE}")),
        None => save(
            json!({"name": HOSTILE, "phone": "8 912 345-67-89", "email": null, "telegram": true,
            "request": HOSTILE, "preferred_time": HOSTILE, "note": HOSTILE}),
        ),
    }
}

fn tags(html: &str) -> usize {
    html.matches('<').count()
}

async fn letter_about(profile: Profile, text: &str, script: fn(&Run) -> Answer) -> Letter {
    let service = TestService::builder().script(script).start().await;
    service.telegram().customer(7, profile);
    service.say(7, text);
    service.replies(7, 1).await;
    let letter = service.letter(1).await;
    service.settles().await;
    letter
}

/// The harmless version: the address is found in both.
const HARMLESS: &str = "a\na thief@example.org\n\na";

fn harmless(run: &Run) -> Answer {
    match run.tool_outputs.last() {
        Some(_) => Answer::Text(format!("понял: {HARMLESS}")),
        None => save(
            json!({"name": "b ".repeat(50), "phone": "8 912 345-67-89", "email": null, "telegram": true,
            "request": HARMLESS, "preferred_time": "a", "note": HARMLESS}),
        ),
    }
}

#[actix_rt::test]
async fn hostile_text_breaks_neither_letter_nor_headers() {
    let named = |name: &str| Profile {
        first_name: name.into(),
        last_name: Some(name.into()),
        username: Some("maria_k".into()),
        language: Some("ru".into()),
    };
    let letter = letter_about(named(HOSTILE), HOSTILE, hostile).await;
    assert_eq!(
        (letter.to.as_slice(), letter.header("Bcc")),
        (&[OWNER.to_owned()][..], None)
    );
    let files: Vec<&str> = letter.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(files, ["lead-1.vcf"]);
    for text in [&letter.subject, letter.from_name.as_ref().unwrap()] {
        assert!(
            !text
                .chars()
                .any(|c| c.is_control() || ('\u{202a}'..='\u{2069}').contains(&c)),
            "{text:?}"
        );
    }
    let head: Vec<u8> = letter.raw.iter().copied().take_while(|byte| *byte != 0).collect();
    assert_eq!(head.len(), letter.raw.len(), "no NUL anywhere");
    let html = letter.html.unwrap();
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
    assert!(!html.contains("href=\"javascript"), "{html}");
    assert!(
        html.contains("{{facts}}") && html.contains("{{{lead}}}"),
        "shown as it was written: {html}"
    );
    let text = letter.text.unwrap();
    assert!(
        text.contains("<script>alert(1)</script>") && text.contains("{{facts}}"),
        "{text}"
    );
    let plain = letter_about(named("a"), HARMLESS, harmless).await;
    let lines = |html: &str| html.matches("<br").count();
    let plain = plain.html.unwrap();
    assert_eq!(
        tags(&html) - lines(&html),
        tags(&plain) - lines(&plain),
        "not one tag more than a harmless letter"
    );
}

#[actix_rt::test]
async fn a_letter_has_the_headers_mailboxes_sort_by() {
    let service = TestService::builder().script(saving).manual_clock().start().await;
    let profile = Profile {
        first_name: "Мария".into(),
        ..Profile::of(7)
    };
    service.telegram().customer(7, profile);
    service.ask(7, "мой номер 8 912 345-67-89").await;
    let letter = service.letter(1).await;
    service.settles().await;
    assert_eq!(letter.subject, "Заявка №1: Мария, +7 912 345-67-89");
    assert_eq!(letter.from, "robot@example.org");
    assert_eq!(letter.from_name.as_deref(), Some("Чистый дом"));
    assert_eq!(letter.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    let id = letter.message_id.clone().unwrap();
    assert!(id.starts_with("lead-1.1.") && id.ends_with("@example.org"), "{id}");
    assert_eq!(letter.date, Some(service.hand().now().timestamp()));
    let text = letter.text.unwrap();
    let phone = text.find("+7 912 345-67-89").unwrap();
    assert!(
        phone < text.find("мой номер").unwrap(),
        "the number comes first: {text}"
    );
}

#[actix_rt::test]
async fn a_reply_the_customer_never_got_is_marked() {
    let service = TestService::builder().script(saving).start().await;
    let refused = sandbox::Fault::api_error(400, "Bad Request: have no rights to send a message");
    let rule = sandbox::Rule::on(sandbox::Edge::Telegram, "sendMessage")
        .times(1)
        .with(refused);
    service.fault(rule);
    service.say(7, "сколько стоит?");
    service
        .sql_becomes("SELECT COUNT(*) FROM outbox WHERE state = 'dead'", &["1"])
        .await;
    service.say(7, "мой номер 8 912 345-67-89");
    let letter = service.letter(1).await;
    service.settles().await;
    for part in [letter.text.unwrap(), letter.html.unwrap()] {
        assert_eq!(part.matches("не доставлено").count(), 1, "{part}");
    }
}

#[actix_rt::test]
async fn two_customers_never_share_a_letter() {
    let service = TestService::builder().script(saving).start().await;
    service.ask(7, "тайна седьмого").await;
    service.ask(8, "тайна восьмого").await;
    service.ask(7, "мой номер 8 912 345-67-89").await;
    service.ask(8, "мой номер 8 912 345-67-80").await;
    let letters = service.letters_to(OWNER, 2).await;
    service.settles().await;
    for (number, own, foreign) in [("67-89", "седьмого", "восьмого"), ("67-80", "восьмого", "седьмого")]
    {
        let letter = letters.iter().find(|letter| letter.subject.ends_with(number)).unwrap();
        let all = format!("{}{}", letter.text.as_ref().unwrap(), letter.html.as_ref().unwrap());
        assert!(all.contains(own) && !all.contains(foreign), "{all}");
    }
}

/// Always replies with this number.
fn one_number(run: &Run) -> Answer {
    match run.tool_outputs.last() {
        Some(_) => Answer::Text(format!("записал: {}", run.last_user_text)),
        None => save(only_phone("8 912 345-67-89")),
    }
}

#[actix_rt::test]
async fn from_the_twenty_first_lead_of_an_hour_leads_share_a_letter() {
    let service = in_moscow().script(one_number).manual_clock().start().await;
    for chat in 1..=23 {
        service.ask(chat, &format!("вопрос {chat}")).await;
    }
    let letters = service.letters_to(OWNER, 20).await;
    assert_eq!(letters.len(), 20);
    // A reply still without a verdict when the clock moves would be an hour late, and the letter would mark it.
    let open = "SELECT COUNT(*) FROM outbox WHERE lane LIKE 'tg:%' AND finished_at IS NULL";
    service.sql_becomes(open, &["0"]).await;
    service.advance(chrono::TimeDelta::minutes(61));
    let gathered = service.letter(21).await;
    service.settles().await;
    // A letter on several leads is not stored after it is sent; a preview shows one lead alone.
    let shown = printed(&service, &["leads", "preview", "22"]);
    assert!(shown.contains("№22") && shown.contains("записал: вопрос 22"), "{shown}");
    let table = gathered
        .attachments
        .iter()
        .find(|file| file.name == "dialogs-21-23.csv")
        .unwrap();
    let words = String::from_utf8(table.bytes.clone()).unwrap();
    for chat in 21..=23 {
        assert!(words.contains(&format!("записал: вопрос {chat}")), "{words}");
    }
    assert_eq!(gathered.html.unwrap().matches("href=\"tel:+79123456789\"").count(), 3);
    let says_more = |letter: &Letter| {
        letter
            .text
            .as_ref()
            .unwrap()
            .contains("Следующие заявки придут одним письмом")
    };
    let last: Vec<usize> = (0..20).filter(|n| says_more(&letters[*n])).collect();
    assert_eq!(last.len(), 1, "the twentieth letter of the hour says so: {last:?}");
}

/// With the time zone of the command line in tests.
fn in_moscow() -> Builder {
    TestService::builder().config(|config| config.locale.time_zone = Tz::Europe__Moscow)
}

/// The lines of a text without empty lines and the business name, which differs between the service and the command line.
fn words(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.trim_end().to_owned());
    lines.filter(|line| !line.is_empty() && line != "Чистый дом").collect()
}

#[track_caller]
fn is_shown(shown: &str, sent: &Letter) {
    assert!(shown.starts_with(&sent.subject), "{shown}");
    let preview = words(shown);
    let missing: Vec<String> = words(sent.text.as_deref().unwrap())
        .into_iter()
        .filter(|line| !preview.contains(line))
        .collect();
    assert!(missing.is_empty(), "{missing:?} in {shown}");
}

#[actix_rt::test]
async fn a_preview_of_a_lead_is_its_newest_letter_and_sends_nothing() {
    let service = in_moscow().script(saving).start().await;
    service.ask(7, "мой номер 8 912 345-67-89").await;
    let first = service.letter(1).await;
    service.settles().await;
    is_shown(&printed(&service, &["leads", "preview", "1"]), &first);
    service.ask(7, "лучше по другому: 8 912 345-67-80").await;
    let updated = service.letter(2).await;
    service.settles().await;
    assert!(updated.subject.starts_with("Обновлена №1: "), "{}", updated.subject);
    is_shown(&printed(&service, &["leads", "preview", "1"]), &updated);

    let shown = printed(&service, &["leads", "preview", "1", "--out", "lead.html"]);
    assert!(shown.contains("lead.html"), "{shown}");
    let file = service.folder().join("lead.html");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(std::fs::read_to_string(file).unwrap().contains("лучше по другому"));
    let whole = printed(&service, &["leads", "preview", "1", "--eml"]);
    for part in ["multipart/mixed", "lead-1.vcf", "In-Reply-To: <lead-1.1.preview@"] {
        assert!(whole.contains(part), "{part} in {whole}");
    }
    assert_eq!(service.sandbox().smtp().letters_to(OWNER).len(), 2);

    let none = frontdesk(&service, &["leads", "preview", "99"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&none.stderr).contains("lead 99 does not exist"));
}

#[actix_rt::test]
async fn a_preview_shows_a_lead_without_a_letter() {
    let service = TestService::builder()
        .script(saving)
        .config(|config| config.mail.owners.clear())
        .start()
        .await;
    service.ask(7, "мой номер 8 912 345-67-89").await;
    service.settles().await;
    assert_eq!(
        service.sql("SELECT COUNT(*) FROM outbox WHERE address IS NOT NULL"),
        ["0"]
    );
    let shown = printed(&service, &["leads", "preview", "1"]);
    assert!(
        shown.contains("Заявка №1:") && shown.contains("+7 912 345-67-89"),
        "{shown}"
    );
    assert!(shown.contains("мой номер 8 912 345-67-89"), "{shown}");
}
