//! Contacts reach the owner as the customer's own, or as written and marked, and never mixed with another person's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base::{Moment, Step, StepFault, StepHook, StepName};
use chrono::{TimeDelta, Utc};
use chrono_tz::Europe::Moscow;
use sandbox::{Forgetful, Letter};
use serde_json::{Value, json};

use crate::harness::saving::saving;
use crate::harness::{OWNER, TestService};

const CHECK_NUMBER: &str = "(номер записан как есть, проверьте его)";
const CHECK_ADDRESS: &str = "(адрес записан как есть, проверьте его)";

fn text(letter: &Letter) -> &str {
    letter.text.as_deref().expect("a text part")
}

fn html(letter: &Letter) -> &str {
    letter.html.as_deref().expect("an HTML part")
}

fn attached(letter: &Letter, ending: &str) -> String {
    let is_one = |file: &&sandbox::Attachment| file.name.ends_with(ending);
    let file = letter.attachments.iter().find(is_one).expect("an attachment");
    String::from_utf8_lossy(&file.bytes).replace("\r\n ", "")
}

fn header<'a>(letter: &'a Letter, name: &str) -> Option<&'a str> {
    let raw = std::str::from_utf8(&letter.raw).expect("ASCII headers");
    raw.lines()
        .take_while(|line| !line.is_empty())
        .find_map(|line| line.strip_prefix(name))
}

/// The letter about one customer's message, whether the model saved the contact or the service found it.
async fn letter_about(words: &str, is_saved: bool) -> Letter {
    let service = match is_saved {
        true => TestService::builder().script(saving).start().await,
        false => TestService::builder().script(Forgetful).start().await,
    };
    service.ask(7, words).await;
    let letter = service.letter(1).await;
    service.settles().await;
    letter
}

#[actix_rt::test]
async fn a_number_of_no_known_country_reaches_the_owner_as_written() {
    for (written, number, is_saved) in [
        ("+996 555 12 34 5", "+99655512345", true),
        ("+992 93 123 45 6", "+99293123456", false),
        ("+375 25 123 45 67", "+375251234567", true),
        ("+375 25 123 45 67", "+375251234567", false),
        ("0044 20 7946 095", "+44207946095", true),
        ("8 9O2 345-67-89", "+79023456789", false),
    ] {
        let letter = letter_about(&format!("мой номер {written}"), is_saved).await;
        let shown = format!("Телефон: {written} {CHECK_NUMBER}");
        assert!(text(&letter).contains(&shown), "{}", text(&letter));
        assert!(letter.subject.contains(written), "{}", letter.subject);
        assert!(html(&letter).contains(&format!("tel:{number}\"")), "{}", html(&letter));
        assert!(attached(&letter, ".vcf").contains(&format!("TEL;TYPE=CELL:{number}\r\n")));
    }
}

#[actix_rt::test]
async fn an_extension_goes_to_the_call_button_and_the_phones_contacts() {
    for (words, is_saved) in [
        ("мой номер 8 495 123-45-67 доб. 105", true),
        ("+7 495 123-45-67 x105", false),
    ] {
        let letter = letter_about(words, is_saved).await;
        assert!(
            letter.subject.contains("+7 495 123-45-67 доб. 105"),
            "{}",
            letter.subject
        );
        assert!(
            text(&letter).contains("Телефон: +7 495 123-45-67 доб. 105"),
            "{}",
            text(&letter)
        );
        assert!(
            html(&letter).contains("tel:+74951234567;ext=105\""),
            "{}",
            html(&letter)
        );
        let card = attached(&letter, ".vcf");
        assert!(card.contains("TEL;TYPE=CELL:+74951234567\\;ext=105\r\n"), "{card}");
    }
}

#[actix_rt::test]
async fn an_email_address_with_mixed_scripts_is_never_a_reply_to() {
    for (words, shown) in [
        ("пишите на ivаnov@mail.ru, уборка", "ivаnov@mail.ru"),
        ("почта ivan собака mail.ru, уборка", "ivan собака mail.ru"),
        ("почта ivan@mail ru, уборка", "ivan@mail ru"),
        ("почта ivan.@mail.ru, уборка", "ivan.@mail.ru"),
    ] {
        let letter = letter_about(words, false).await;
        assert!(
            text(&letter).contains(&format!("Почта: {shown} {CHECK_ADDRESS}")),
            "{}",
            text(&letter)
        );
        assert_eq!(header(&letter, "Reply-To:"), None);
        assert!(!html(&letter).contains("mailto:"), "{}", html(&letter));
        let card = attached(&letter, ".vcf");
        assert!(!card.contains("EMAIL") && card.contains(shown), "{card}");
    }
    for (address, wire) in [
        ("ivanov@mail.ru", "ivanov@mail.ru"),
        ("info@почта.рф", "info@xn--80a1acny.xn--p1ai"),
    ] {
        let usable = letter_about(&format!("пишите на {address}, уборка"), false).await;
        assert!(header(&usable, "Reply-To:").is_some_and(|to| to.contains(wire)));
        assert!(text(&usable).contains(address) && !text(&usable).contains(CHECK_ADDRESS));
    }
}

#[actix_rt::test]
async fn a_contact_card_is_read_by_its_origin_address_book_or_telegram() {
    let card =
        |phone: &str, user: Value| json!({"contact": {"phone_number": phone, "first_name": "Пётр", "user_id": user}});
    for (phone, user, shown) in [
        ("84951234567", Value::Null, "+7 495 123-45-67"),
        ("8 (863) 212-34-56", Value::Null, "+7 863 212-34-56"),
        ("84951234567,105", Value::Null, "+7 495 123-45-67 доб. 105"),
        ("84912345678", json!(7), "+84 912 345 678"),
        ("84912345678", json!(99), "+84 912 345 678"),
    ] {
        let service = TestService::builder().script(Forgetful).start().await;
        service.telegram().say_as(7, card(phone, user));
        service.replies(7, 1).await;
        let letter = service.letter(1).await;
        service.settles().await;
        assert!(letter.subject.contains(shown), "{phone}: {}", letter.subject);
    }
}

fn anna() -> sandbox::Profile {
    sandbox::Profile {
        first_name: "Анна".into(),
        last_name: None,
        username: None,
        language: Some("ru".into()),
    }
}

#[actix_rt::test]
async fn a_card_with_two_numbers_reaches_the_owner_whole_and_under_its_own_name() {
    let entry = "BEGIN:VCARD\nVERSION:3.0\nFN:Пётр\nTEL;TYPE=CELL:+79123456789\nitem1.TEL:8 (495) 123-45-67\n\
                 EMAIL;TYPE=INTERNET:petr@shop.example\nEND:VCARD";
    for is_saved in [true, false] {
        let service = match is_saved {
            true => TestService::builder().script(saving).start().await,
            false => TestService::builder().script(Forgetful).start().await,
        };
        let contact = json!({"phone_number": "+79123456789", "first_name": "Пётр", "vcard": entry});
        service.telegram().say_as(7, json!({ "contact": contact }));
        service.replies(7, 1).await;
        let letter = service.letter(1).await;
        service.settles().await;
        let row = "SELECT message FROM dialogs WHERE role = 'user'";
        assert_eq!(
            service.sql(row),
            ["[contact Пётр, +79123456789, 8 (495) 123-45-67, petr@shop.example]"]
        );
        for shown in ["+7 912 345-67-89", "+7 495 123-45-67", "petr@shop.example"] {
            assert!(text(&letter).contains(shown), "{shown}: {}", text(&letter));
        }
        let card = attached(&letter, ".vcf");
        assert_eq!(card.matches("BEGIN:VCARD").count(), 1, "{card}");
        for line in [
            "FN:Пётр",
            "TEL;TYPE=CELL:+79123456789",
            "TEL;TYPE=CELL:+74951234567",
            "EMAIL;TYPE=INTERNET:petr@shop.example",
        ] {
            assert!(card.contains(&format!("{line}\r\n")), "{line}: {card}");
        }
        assert!(!card.contains("Customer"), "{card}");
    }
}

#[actix_rt::test]
async fn a_report_shows_the_request_and_the_time_to_call() {
    let builder = TestService::builder().script(Forgetful).running_clock();
    let service = builder.reports_at_nine(Moscow).start().await;
    service.sql_becomes("SELECT COUNT(*) FROM reports", &["1"]).await;
    for (chat, number) in [(7, "8 912 345-67-01"), (8, "8 912 345-67-02")] {
        service.telegram().customer(chat, anna());
        service.ask(chat, "нужна уборка двух комнат").await;
        service
            .ask(chat, &format!("{number}, перезвоните завтра после 18:00"))
            .await;
    }
    let mut events = service.listen();
    let now = service.hand().now().with_timezone(&Moscow);
    let nine = (now + TimeDelta::days(1))
        .date_naive()
        .and_hms_opt(9, 0, 0)
        .expect("nine o'clock");
    let nine = nine.and_local_timezone(Moscow).unwrap().with_timezone(&Utc);
    service.advance(nine - service.hand().now());
    service.logs_event(&mut events, "report_queued").await;
    service.settles().await;
    let letters = service.sandbox().smtp().letters_to(OWNER);
    let is_report = |letter: &&Letter| letter.message_id.as_deref().is_some_and(|id| id.starts_with("report-"));
    let report = letters.iter().rfind(is_report).expect("a report");
    let shown = text(report);
    assert!(shown.contains("Заявки: Анна +7…6701, Анна +7…6702"), "{shown}");
    assert!(
        shown.contains("Последние сообщения клиента: нужна уборка двух комнат"),
        "{shown}"
    );
    assert!(shown.contains("Когда звонить: завтра после 18:00"), "{shown}");
    assert!(html(report).contains("нужна уборка двух комнат"), "{}", html(report));
    assert!(attached(report, ".csv").contains("завтра после 18:00") || report.attachments.len() > 1);
}

/// After a run the disk accepts one commit, and the next one only on request.
#[derive(Clone)]
struct OneCommit(Arc<AtomicI64>);

impl StepHook for OneCommit {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        match (step.name, step.moment) {
            (StepName::Run, Moment::After) => self.0.store(1, Ordering::SeqCst),
            (StepName::Commit, Moment::Before) if self.0.load(Ordering::SeqCst) <= 0 => return Err(StepFault),
            (StepName::Commit, Moment::After) => drop(self.0.fetch_sub(1, Ordering::SeqCst)),
            _ => {}
        }
        Ok(())
    }
}

#[actix_rt::test]
async fn one_commit_ends_a_turn_with_its_reply_and_its_lead() {
    let commits = OneCommit(Arc::new(AtomicI64::new(i64::MAX)));
    let builder = TestService::builder().script(Forgetful).manual_clock();
    let service = builder.steps(commits.clone()).start().await;
    service.ask(7, "перезвоните: 8 912 345-67-89").await;
    assert_eq!(service.sql("SELECT state FROM inbox"), ["done"]);
    let leads = "SELECT phone, source FROM successful_dialogs";
    assert_eq!(service.sql(leads), ["+79123456789|text"]);
    let letters = "SELECT COUNT(*) FROM outbox WHERE lane LIKE 'mail:%'";
    assert_eq!(service.sql(letters), ["1"]);
    commits.0.store(i64::MAX, Ordering::SeqCst);
    service.letter(1).await;
}
