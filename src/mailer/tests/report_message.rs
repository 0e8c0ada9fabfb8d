//! How the letter of a report is called, and what is sent of it.

use domain::Occasion;
use mail_parser::MimeHeaders;
use pages::ReportPage;

use super::report::{hold, lack, letter};
use super::report_pages::{between, busy, day_of, quiet, report, since};
use super::*;
use crate::mailer::draft;

fn subject(page: ReportPage) -> String {
    letter(Language::Ru, page).subject
}

#[test]
fn the_subject_counts_dialogs_and_leads_in_proper_russian() {
    let sum = |dialogs, leads| {
        let subject = subject(day_of(dialogs, leads));
        let (head, sum) = subject.split_once(": ").unwrap();
        assert_eq!(head, "Отчёт за сутки до 22 ноября 09:00");
        sum.to_owned()
    };
    assert_eq!(sum(7, 2), "7 диалогов, 2 заявки");
    assert_eq!(sum(1, 1), "1 диалог, 1 заявка");
    assert_eq!(sum(2, 5), "2 диалога, 5 заявок");
    assert_eq!(sum(11, 11), "11 диалогов, 11 заявок");
    assert_eq!(sum(21, 21), "21 диалог, 21 заявка");
    assert_eq!(sum(3, 0), "3 диалога, заявок нет");
    assert_eq!(sum(0, 0), "диалогов не было");
    assert_eq!(sum(0, 1), "диалогов не было, 1 заявка");
}

#[test]
fn the_subject_counts_dialogs_and_leads_in_english() {
    let subject = |dialogs, leads| letter(Language::En, day_of(dialogs, leads)).subject;
    let head = "Report for the day up to 22 November 09:00: ";
    for (dialogs, leads, sum) in [
        (1, 1, "1 dialog, 1 lead"),
        (2, 5, "2 dialogs, 5 leads"),
        (21, 0, "21 dialogs, no leads"),
        (0, 0, "no dialogs"),
    ] {
        assert_eq!(subject(dialogs, leads), format!("{head}{sum}"));
    }
}

#[test]
fn days_are_counted_by_the_clock_on_the_wall() {
    assert_eq!(
        subject(since("2026-11-19T06:00:00Z")),
        "Отчёт за 3 суток до 22 ноября 09:00: диалогов не было"
    );
    assert!(subject(since("2026-11-01T06:00:00Z")).starts_with("Отчёт за 21 сутки до"));
    assert!(subject(since("2026-11-17T06:00:00Z")).starts_with("Отчёт за 5 суток до"));
    // In Berlin clocks go forward on 29 March and back on 25 October.
    for (began, ended) in [
        ("2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z"),
        ("2026-10-24T07:00:00Z", "2026-10-25T08:00:00Z"),
    ] {
        let page = between(at(began), at(ended));
        let letter = letters(Language::Ru).render(&report(page), "B", chrono_tz::Europe::Berlin);
        let subject = letter.unwrap().subject;
        assert!(
            subject.starts_with("Отчёт за сутки до ") && subject.contains(" 09:00: "),
            "{subject}"
        );
    }
}

#[test]
fn the_first_report_says_when_the_service_was_installed() {
    let page = since("2026-11-21T11:05:41Z");
    assert_eq!(
        subject(page.clone()),
        "Отчёт с 21 ноября 14:05 до 22 ноября 09:00: диалогов не было"
    );
    hold(page, &["с 21 ноября 14:05 до 22 ноября 09:00", "Europe/Moscow"]);
}

#[test]
fn an_extra_report_is_marked_and_says_that_it_moves_nothing() {
    let mut page = day_of(1, 0);
    page.notice.occasion = Occasion::Extra;
    assert_eq!(
        subject(page.clone()),
        "Внеочередной отчёт до 22 ноября 09:00: 1 диалог, заявок нет"
    );
    hold(page, &["Внеочередной отчёт", "Ежедневный придёт как обычно"]);
    lack(day_of(1, 0), &["Внеочередной", "придёт как обычно"]);
}

#[test]
fn every_word_of_a_usual_day_stands_in_the_letter() {
    let page = busy();
    let text = letter(Language::Ru, page.clone()).text;
    for line in page.dialogs.iter().flat_map(|dialog| &dialog.lines) {
        assert!(text.contains(&line.text.replace('\n', "\n    ")), "{}", line.text);
    }
}

#[test]
fn a_report_keeps_its_name_at_every_attempt() {
    let id = |page: ReportPage, now: &str| {
        let mailer = mailer(&smtp(1), Language::Ru).unwrap();
        let mailing = mailer
            .write(&super::page(report(page)), Files::Attached, at(now))
            .unwrap();
        read(&mailing.to_bytes()).message_id().unwrap().to_owned()
    };
    let due = "report-12.a1b2@shop.example";
    assert_eq!(id(busy(), "2026-11-22T06:00:10Z"), due);
    assert_eq!(id(busy(), "2026-11-25T00:00:00Z"), due);
    let mut extra = busy();
    extra.notice.occasion = Occasion::Extra;
    assert_eq!(
        id(extra.clone(), "2026-11-22T06:00:10Z"),
        "report-extra-31.a1b2@shop.example"
    );
    extra.notice.period.report = None;
    assert_eq!(id(extra, "2026-11-22T06:00:10Z"), "report-extra-31.a1b2@shop.example");
}

#[test]
fn a_draft_is_the_letter_that_would_be_sent() {
    let page = super::page(report(busy()));
    let (letters, now) = (letters(Language::Ru), at("2026-11-22T06:00:10Z"));
    let config = smtp(1);
    let drafted = draft(&page, &letters, "Чистый дом", ZONE, Some(&config), "a1b2", now).unwrap();
    let parts = |bytes: &[u8]| -> Vec<Vec<u8>> {
        let letter = read(bytes);
        letter.parts.iter().map(|part| part.contents().to_vec()).collect()
    };
    let sent = written(page.body.clone());
    assert_eq!(parts(&drafted.message)[1..], parts(&sent.to_bytes())[1..]);
    let letter = read(&drafted.message);
    assert_eq!(letter.subject(), Some(drafted.subject.as_str()));
    assert_eq!(letter.body_html(0).unwrap().replace("\r\n", "\n"), drafted.html);
    assert_eq!(letter.body_text(0).unwrap().replace("\r\n", "\n"), drafted.text);
    assert_eq!(
        letter.from().unwrap().first().unwrap().address(),
        Some("bot@shop.example")
    );

    let without = draft(&page, &letters, "Чистый дом", ZONE, None, "a1b2", now).unwrap();
    let letter = read(&without.message);
    assert_eq!(
        letter.from().unwrap().first().unwrap().address(),
        Some("owner@shop.example")
    );
    assert_eq!(letter.message_id(), Some("report-12.a1b2@shop.example"));
    assert_eq!(without.html, drafted.html);
}

#[test]
fn a_mail_client_shows_both_forms_before_what_is_attached() {
    let mailing = written(report(busy()));
    let bytes = mailing.to_bytes();
    let letter = read(&bytes);
    let types: Vec<String> = letter
        .parts
        .iter()
        .map(|part| {
            let kind = part.content_type().unwrap();
            format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default())
        })
        .collect();
    let expected = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/csv",
        "text/csv",
    ];
    assert_eq!(types, expected);
    assert!(mailing.to_bytes().is_ascii());
    let quiet = written(report(quiet()));
    assert_eq!(read(&quiet.to_bytes()).parts.len(), 3);
}
