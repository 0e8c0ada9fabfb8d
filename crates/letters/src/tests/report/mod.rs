//! What stands in the letter of a report, in both languages.

mod figures;
mod heavy;
mod hostile;
mod shown;
mod subjects;
mod tables;

use chrono::TimeDelta;
use domain::{AbsenceKind, LeadFacts, LeadId, Origin};
use pages::{Fate, ReportPage, Speaker, Unanswered};

use super::letters::both;
use super::*;
use crate::tests::examples::{absence, asked, busy, day_of, dialog, gap, lead, phone, quiet, report, spoken};

pub(crate) fn letter(language: Language, page: ReportPage) -> Rendered {
    rendered(language, &report(page))
}

#[track_caller]
pub(crate) fn hold(page: ReportPage, words: &[&str]) {
    super::letters::hold(&both(Language::Ru, &report(page)), words);
}

#[track_caller]
pub(crate) fn lack(page: ReportPage, words: &[&str]) {
    super::letters::lack(&both(Language::Ru, &report(page)), words);
}

#[test]
fn a_report_that_catches_up_says_why_it_is_long() {
    let words = ["сервис не работал", "Отчёт за 3 суток"];
    hold(catch_up(), &words);
    lack(busy(), &words);
}

#[test]
fn a_day_without_dialogs_takes_three_lines() {
    hold(quiet(), &["иалогов не было", "Бот на связи."]);
    lack(quiet(), &["цифры", "Диалоги", "Во вложении"]);
    let letter = letter(Language::Ru, quiet());
    assert_eq!(letter.attachments, []);
    assert!(letter.html.len() < 4_000, "{} bytes", letter.html.len());
}

#[test]
fn a_bot_that_is_away_is_never_called_ready() {
    let mut page = quiet();
    page.away_since = Some(at("2026-11-22T05:10:00Z"));
    hold(page.clone(), &["С 22 ноября 08:10 бот не получает сообщений"]);
    lack(page, &["на связи"]);
}

#[test]
fn a_quiet_day_still_shows_its_leads_and_problems() {
    let mut page = quiet();
    page.leads = vec![lead(0)];
    page.held_letters = 1;
    page.absences = busy().absences;
    hold(
        page,
        &[
            "Заявка №41",
            "1 письмо ждёт",
            "22 ноября 01:10 – 03:25 (2 ч 15 мин)",
            "leads-2026-11-22.csv",
        ],
    );
}

#[test]
fn a_lead_in_a_report_has_every_contact() {
    let html = letter(Language::Ru, day_of(1, 1)).html;
    assert!(html.contains("href=\"tel:+79123456789\""), "{html}");
    hold(
        day_of(1, 1),
        &[
            "★ Заявка №41",
            "21 ноября 21:05",
            "Мария Котова",
            &shown("79123456789"),
            "maria@example.org",
            "54 м²",
            "Когда звонить: после шести",
            "записан со слов клиента",
            "avito3",
            "https://t.me/user_0",
        ],
    );
    let mut page = day_of(1, 1);
    page.leads[0].facts = LeadFacts {
        wants_telegram: true,
        ..LeadFacts::default()
    };
    page.leads[0].profile = domain::Profile::default();
    hold(page, &["Клиент без имени", "просит написать в Telegram"]);
}

#[test]
fn a_customer_who_asked_and_left_no_contact_is_worth_a_call() {
    let text = letter(Language::Ru, busy()).text;
    let (_, behind) = text.split_once("== Стоит связаться ==").unwrap();
    let (part, _) = behind.split_once("\n== ").unwrap();
    assert_eq!(part.matches("Первое сообщение: ").count(), 5, "{part}");
    assert!(
        part.contains("предыдущая заявка №17"),
        "who came back is worth one too: {part}"
    );
    assert!(
        part.contains(
            "Пётр @user_3 https://t.me/user_3, 21 ноября 20:50\nПервое сообщение: Сколько стоит уборка двушки?\n\
             Последнее сообщение: Дорого, я подумаю\n"
        ),
        "{part}"
    );
    assert!(!part.contains("@user_0") && !part.contains("@user_8"), "{part}");
}

#[test]
fn unanswered_questions_name_the_file_for_the_answer() {
    hold(
        busy(),
        &[
            "Моете ли вы бассейны?",
            "Есть ли скидка пенсионерам?",
            "Допишите ответы в файл о компании",
        ],
    );
}

#[test]
fn an_undelivered_message_comes_with_its_retry_command() {
    hold(
        busy(),
        &[
            "Ответ клиенту не отправлен: Олег @user_1, 21 ноября 22:30: blocked: bot was blocked by the user",
            "frontdesk outbox requeue 31",
            "Письмо на owner@shop.example не отправлено, клиент Олег @user_1",
            "frontdesk outbox requeue 32",
            "2 письма ждут почтового сервера",
        ],
    );
}

#[test]
fn a_polling_gap_longer_than_a_day_reports_lost_messages() {
    let lost = "сообщения с 19 ноября 11:00 до 20 ноября 14:20 потеряны.";
    hold(
        catch_up(),
        &[
            "Сервис был остановлен: 19 ноября 11:00 – 21 ноября 14:20 (2 д 3 ч)",
            lost,
            "Не было связи с Telegram: 21 ноября 18:00 – 18:20 (20 мин)",
        ],
    );
    let mut page = quiet();
    let exactly = absence(AbsenceKind::Stopped, "2026-11-20T11:20:00Z", "2026-11-21T11:20:00Z");
    page.absences = vec![exactly];
    lack(page.clone(), &["потерян"]);
    page.absences[0].began -= TimeDelta::seconds(1);
    hold(page, &["сообщения с 20 ноября 14:19 до 20 ноября 14:20 потеряны."]);
}

#[test]
fn problems_come_before_every_figure() {
    let text = letter(Language::Ru, catch_up()).text;
    let (top, _) = text.split_once("\nДиалоги: ").unwrap();
    for told in [
        "Обратите внимание",
        "- Бот не получал сообщений 2 д 3 ч\n",
        "- Часть сообщений могла потеряться\n",
        "- 3 вопроса без ответа\n",
        "- 2 ответа не дошли: Анна, Олег\n",
        "- 1 письмо не отправлено\n",
        "- 2 письма ждут отправки\n",
    ] {
        assert!(top.contains(told), "{told} is missing in {top}");
    }
    hold(day_of(1, 0), &["Сбоев не было."]);
    lack(busy(), &["Сбоев не было."]);
}

#[test]
fn an_unanswered_customer_is_listed_with_the_question() {
    let mut page = busy();
    page.unanswered = vec![unanswered(4, "Есть кто?\nАу!", "deadline")];
    hold(page.clone(), &["@user_4", "не успел вовремя", "Есть кто? Ау!"]);
    page.unanswered = (0..70).map(|n| unanswered(n, "Ау!", "refused")).collect();
    let text = letter(Language::Ru, page).text;
    let (_, part) = text.split_once("\nАссистент не ответил:\n").unwrap();
    let (told, more) = part.split_once("\nИ ещё ").unwrap();
    let (more, place) = more.split_once(' ').unwrap();
    assert_eq!(told.matches("Ау!").count() + more.parse::<usize>().unwrap(), 70);
    assert!(place.contains("— в таблице dialogs-2026-11-22.csv"), "{place}");
}

#[test]
fn a_customer_who_only_pressed_start_is_counted() {
    let mut page = quiet();
    let said = |minutes, text| spoken(Speaker::Customer, minutes, text);
    page.dialogs = vec![
        dialog(0, vec![said(0, "/start"), said(1, "Сколько стоит?"), said(2, "/help")]),
        dialog(1, vec![said(0, "/start")]),
    ];
    let text = letter(Language::Ru, page).text;
    assert!(text.contains("Первое сообщение: Сколько стоит?\n\n"), "{text}");
    assert!(text.contains("Открыли чат и ничего не спросили: 1"), "{text}");
    assert!(text.contains("\nСтоит связаться: Мария\n"), "{text}");
}

#[test]
fn a_dialog_has_the_customers_name_and_marks_as_heading() {
    hold(
        busy(),
        &[
            "★ Заявка №41",
            "новый клиент · avito3",
            "обращается не впервые · предыдущая заявка №17",
            "новых сообщений нет, только наш ответ",
            "суббота, 21 ноября 2026",
            "воскресенье, 22 ноября 2026",
            "не доставлено",
            "ещё не доставлено",
            "изменено",
        ],
    );
}

#[test]
fn the_models_markup_is_shown_as_the_customer_saw_it() {
    let mut answer = spoken(Speaker::Us(Fate::Sent), 1, "**Да**, вот [цены](https://shop.example)");
    answer.is_markdown = true;
    let mut page = quiet();
    page.dialogs = vec![dialog(0, vec![spoken(Speaker::Customer, 0, "А **цены**?"), answer])];
    hold(page.clone(), &["А **цены**?", "Да, вот цены"]);
    let sheet = content(&letter(Language::Ru, page).attachments[0]);
    assert!(
        sheet.contains("Да, вот цены") && sheet.contains("А **цены**?"),
        "{sheet}"
    );
}

#[test]
fn every_language_has_every_part_of_a_report() {
    let Rendered { text, html, .. } = letter(Language::En, catch_up());
    for word in [
        "Report for 3 days",
        "covers everything since 19 November 09:00",
        "Other figures",
        "no answer in time: 2",
        "Where new customers came from",
        "Worth a call",
        "The assistant did not know the answer",
        "frontdesk outbox requeue 31",
        "2 emails have waited",
        "from 19 November 11:00 to 20 November 14:20 are lost",
        "new customer",
        "leads-2026-11-22.csv: 2 rows",
    ] {
        assert!(
            text.contains(word) && html.contains(word),
            "{word} is missing in {text}"
        );
    }
}

#[test]
fn an_earlier_lead_is_no_lead_of_this_day() {
    let mut page = day_of(1, 0);
    page.dialogs[0] = asked(0, "Здравствуйте");
    page.dialogs[0].lead = Some(LeadId(9));
    page.gaps = vec![gap(0, "?")];
    hold(page.clone(), &["предыдущая заявка №9"]);
    lack(page, &["★"]);
}

#[test]
fn a_returning_customer_is_listed_with_the_earlier_number() {
    let mut page = busy();
    page.dialogs[2].facts = Some(lead(0).facts);
    let html = letter(Language::Ru, page).html;
    let (_, worth) = html.split_once("Стоит связаться</p>").unwrap();
    let (first, _) = worth.split_once("Пётр").unwrap();
    assert!(first.contains("Анна") && first.contains("tel:+79123456789") && first.contains("предыдущая заявка №17"));
}

#[test]
fn a_returning_customer_is_listed_with_the_origin_of_the_contact() {
    let mut page = day_of(2, 0);
    page.dialogs[0].facts = Some(LeadFacts {
        phones: vec![phone("79161112233", Origin::Card)],
        ..LeadFacts::default()
    });
    page.dialogs[1].facts = Some(LeadFacts {
        emails: vec![Email::normalised("oleg@example.org")],
        ..LeadFacts::default()
    });
    page.dialogs[1].lines[0].text = "[voice 0:12]".into();
    hold(
        page,
        &[
            "номер из карточки другого человека",
            "oleg@example.org",
            "Первое сообщение: [голосовое 0:12]",
        ],
    );
    let mut page = day_of(1, 0);
    page.dialogs[0].has_left_contact = true;
    lack(page, &["Стоит связаться"]);
}

/// Two days and three hours for which nobody ran the service.
fn catch_up() -> ReportPage {
    let mut page = busy();
    page.notice.period.since = at("2026-11-19T06:00:00Z");
    page.notice.period.is_catch_up = true;
    page.absences = vec![
        absence(AbsenceKind::Stopped, "2026-11-19T08:00:00Z", "2026-11-21T11:20:00Z"),
        absence(AbsenceKind::Unreachable, "2026-11-21T15:00:00Z", "2026-11-21T15:20:00Z"),
    ];
    page
}

pub(crate) fn unanswered(n: usize, question: &str, reason: &str) -> Unanswered {
    Unanswered {
        profile: dialog(n, Vec::new()).profile,
        at: at("2026-11-21T18:00:00Z"),
        question: question.to_owned(),
        reason: reason.to_owned(),
    }
}
