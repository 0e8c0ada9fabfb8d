//! How the letter of a report is called.

use domain::Occasion;
use pages::ReportPage;

use super::{hold, lack, letter};
use crate::tests::examples::{between, busy, day_of, report, since};
use crate::tests::*;

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
        let letter = letters(Language::Ru).render(&report(page), Files::Attached, "B", chrono_tz::Europe::Berlin);
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
    hold(page, &["с 21 ноября 14:05 до 22 ноября 09:00", "UTC+3"]);
}

#[test]
fn an_extra_report_is_marked_and_says_that_it_moves_nothing() {
    let mut page = day_of(1, 0);
    page.notice.occasion = Occasion::Extra;
    assert_eq!(
        subject(page.clone()),
        "Отчёт по запросу, 22 ноября 09:00: 1 диалог, заявок нет"
    );
    hold(page, &["Отчёт по запросу", "Ежедневный отчёт придёт как обычно"]);
    lack(day_of(1, 0), &["по запросу", "придёт как обычно"]);
}

#[test]
fn a_usual_day_is_in_the_letter_word_for_word() {
    let page = busy();
    let text = letter(Language::Ru, page.clone()).text;
    for line in page.dialogs.iter().flat_map(|dialog| &dialog.lines) {
        assert!(text.contains(&line.text.replace('\n', "\n    ")), "{}", line.text);
    }
}
