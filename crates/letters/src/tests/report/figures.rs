//! The figures of a report, and what they are compared with.

use chrono::TimeDelta;
use pages::{DeadLetter, Fate, Figures, PastWeek, ReportPage, Speaker, TurnOutcome};

use super::{hold, lack, letter};
use crate::tests::examples::{busy, day_of, dead, failed, turn};
use crate::tests::*;
use crate::voice::grouped;

#[test]
fn every_figure_of_the_letter_is_that_of_the_page() {
    let mut page = busy();
    page.past_week = None;
    let figures = Figures::of(&page);
    let text = letter(Language::Ru, page.clone()).text;
    let lines = [
        ("Диалоги", figures.dialogs),
        ("Новые клиенты", figures.new_customers),
        ("Заявки", figures.leads),
        ("Диалоги, где контакт уже известен", figures.known_contact),
        ("Диалоги без контакта", figures.without_contact),
        ("Сообщения клиентов", figures.questions),
        ("Ответы клиентам", figures.replies),
        ("Остались без ответа ассистента", figures.failed),
        ("  - не успел вовремя", figures.failed_by_reason["deadline"]),
        ("  - отказался отвечать", figures.failed_by_reason["refused"]),
        ("Ассистент не знал ответа", figures.gaps),
        ("источник неизвестен", figures.sources[0].1),
        ("avito3", figures.sources[1].1),
    ];
    for (name, figure) in lines {
        let line = format!("\n{name}: {}\n", grouped(figure));
        assert!(text.contains(&line), "{line} is missing in {text}");
    }
    let forms = format!("в {} случаях клиента попросили", figures.forms);
    let tokens = [figures.input_tokens, figures.output_tokens].map(|n| grouped(n.unsigned_abs()));
    let [input, output] = tokens;
    let split = format!("прочитано {input}, написано {output}");
    hold(
        page,
        &[
            &forms,
            &split,
            "4 с",
            "95 ответов из 100 — не дольше 1 мин 20 с",
            "1 ответ не дошёл",
        ],
    );
}

#[test]
fn a_figure_of_zero_stands_only_where_it_is_news() {
    let text = letter(Language::Ru, day_of(1, 0)).text;
    assert!(text.contains("Заявки: 0"), "{text}");
    lack(
        day_of(1, 0),
        &[
            "без ответа",
            "не знал ответа",
            "Токены",
            "время ответа",
            "Что не сработало",
            "Обратите внимание",
            "уже известен",
        ],
    );
}

#[test]
fn why_the_assistant_did_not_answer_is_told_without_jargon() {
    let mut page = day_of(1, 0);
    let reasons = [
        ("deadline", "не успел вовремя: 1"),
        ("unavailable", "OpenAI не отвечает: ключ, деньги на счёте или доступ: 1"),
        ("refused", "отказался отвечать: 1"),
        ("empty", "ничего не ответил: 1"),
        ("rejected", "OpenAI не принял запрос: 1"),
        ("turns_of_day", "у клиента кончились ответы на день: 1"),
        ("tokens_of_day", "кончились токены на день: 1"),
        ("panicked", "сбой в программе: 1"),
        ("poison", "сервис несколько раз падал на этом вопросе: 1"),
        ("of_tomorrow", "of_tomorrow: 1"),
    ];
    page.turns = reasons.map(|(word, _)| turn(failed(word, false), 1)).to_vec();
    hold(page, &reasons.map(|(_, told)| told));
}

#[test]
fn a_figure_is_told_with_what_is_usual() {
    let mut page = busy();
    page.past_week = Some(PastWeek {
        span: TimeDelta::days(7),
        dialogs: 37,
        new_customers: 49,
        leads: 14,
        failed: 0,
    });
    let text = letter(Language::Ru, page.clone()).text;
    for told in [
        "\nДиалоги: 7 (+1,7, обычно 5,3)\n",
        "\nНовые клиенты: 6 (−1, обычно 7)\n",
        "\nЗаявки: 2 (обычно 2)\n",
        "\nБез ответа: 3 (+3, обычно 0)\n",
    ] {
        assert!(text.contains(told), "{told} is missing in {text}");
    }
    hold(page.clone(), &["средним за 7 дней"]);
    assert!(letter(Language::En, page.clone()).text.contains("(+1.7, usually 5.3)"));
    page.past_week = None;
    lack(page, &["обычно", "разница"]);
}

#[test]
fn the_bars_of_the_day_are_as_high_as_its_hours_are_busy() {
    let mut page = day_of(4, 0);
    page.dialogs[0].lines[0].at = at("2026-11-22T05:59:00Z");
    let html = letter(Language::Ru, page).html;
    assert_eq!(html.matches("class=\"bar\"").count(), 24);
    let heights: Vec<&str> = html.split("class=\"fill\"").skip(1).collect();
    assert_eq!(heights.len(), 2);
    assert!(
        heights[0].contains("height:24px") && heights[1].contains("height:64px"),
        "{html}"
    );
    assert!(
        letter(Language::Ru, day_of(4, 0))
            .html
            .contains("Больше всего в 20:00–21:00: 4 диалога")
    );
    let mut page = day_of(2, 0);
    page.dialogs[0].lines[0].at = at("2026-11-22T05:59:00Z");
    lack(page, &["Больше всего"]);
}

#[test]
fn a_turn_that_answered_by_itself_has_no_time_of_an_answer() {
    let mut page = day_of(1, 0);
    page.turns = vec![turn(TurnOutcome::Service, 7)];
    lack(page.clone(), &["время ответа"]);
    page.turns.push(turn(TurnOutcome::Answered, 7));
    hold(page, &["Обычное время ответа", "7 с"]);
}

#[test]
fn a_reply_that_was_given_up_counts_once_whatever_parts_it_had() {
    let lost = |page: &ReportPage| {
        let text = letter(Language::Ru, page.clone()).text;
        let line = text.lines().find(|line| line.contains("не дош")).map(str::to_owned);
        line.unwrap_or_default()
    };
    let mut page = day_of(2, 0);
    let part = |id: i64, dialog: Option<i64>| DeadLetter {
        dialog,
        ..dead(id, None, "blocked")
    };
    page.dead = vec![part(31, Some(90)), part(32, Some(90)), part(33, Some(90))];
    assert_eq!(
        lost(&page),
        "- 1 ответ не дошёл: Олег",
        "three parts, said before the border"
    );
    page.dead.push(part(34, Some(91)));
    assert_eq!(lost(&page), "- 2 ответа не дошли: Олег");
    page.dead = vec![part(31, Some(120))];
    page.dialogs[0].lines[1].speaker = Speaker::Us(Fate::NotDelivered);
    assert_eq!(lost(&page), "- 1 ответ не дошёл: Мария", "its words are of this period");
}

#[test]
fn even_an_hour_with_one_dialog_of_hundreds_has_a_bar() {
    let mut page = day_of(101, 0);
    page.dialogs[0].lines[0].at = at("2026-11-22T05:59:00Z");
    let html = letter(Language::Ru, page).html;
    assert_eq!(html.matches("class=\"fill\"").count(), 2);
}
