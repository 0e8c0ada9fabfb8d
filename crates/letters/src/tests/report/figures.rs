//! The figures of a report and their comparison with the usual day.

use chrono::TimeDelta;
use pages::{DeadLetter, Fate, Figures, PastWeek, ReportPage, Speaker, TurnOutcome};

use super::{hold, lack, letter};
use crate::tests::examples::{busy, day_of, dead, failed, turn};
use crate::tests::*;
use crate::voice::grouped;

#[test]
fn every_figure_of_the_letter_comes_from_the_page() {
    let mut page = busy();
    page.past_week = None;
    let figures = Figures::of(&page);
    let text = letter(Language::Ru, page.clone()).text;
    let lines = [
        ("Диалоги", figures.dialogs),
        ("Новые клиенты", figures.new_customers),
        ("Заявки", figures.leads),
        ("Диалоги с уже известным контактом", figures.known_contact),
        ("Диалоги без контакта", figures.without_contact),
        ("Сообщения клиентов", figures.questions),
        ("Ответы клиентам", figures.replies),
        ("Ассистент не ответил", figures.failed),
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
    let split = format!("на входе {input}, на выходе {output}");
    hold(
        page,
        &[
            &forms,
            &split,
            "4 с",
            "95 из 100 ответов — не дольше 1 мин 20 с",
            "1 ответ не дошёл",
        ],
    );
}

#[test]
fn a_figure_of_zero_is_shown_only_on_the_first_screen() {
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
            "уже известным",
        ],
    );
}

#[test]
fn the_reason_of_a_missing_answer_is_free_of_jargon() {
    let mut page = day_of(1, 0);
    let reasons = [
        ("deadline", "не успел вовремя: 1"),
        ("unavailable", "OpenAI не отвечает: проверьте ключ, баланс и доступ: 1"),
        ("refused", "отказался отвечать: 1"),
        ("empty", "ничего не ответил: 1"),
        ("rejected", "OpenAI не принял запрос: 1"),
        ("turns_of_day", "исчерпан дневной лимит ответов: 1"),
        ("tokens_of_day", "исчерпан дневной лимит токенов: 1"),
        ("panicked", "внутренняя ошибка: 1"),
        ("poison", "на этом вопросе сервис несколько раз завершался с ошибкой: 1"),
        ("of_tomorrow", "of_tomorrow: 1"),
    ];
    page.turns = reasons.map(|(word, _)| turn(failed(word, false), 1)).to_vec();
    hold(page, &reasons.map(|(_, told)| told));
}

#[test]
fn a_figure_is_compared_with_the_usual_value() {
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
        "\nДиалоги: 7 (+2, обычно 5)\n",
        "\nНовые клиенты: 6 (−1, обычно 7)\n",
        "\nЗаявки: 2 (как обычно)\n",
        "\nБез ответа: 3 (больше обычного)\n",
    ] {
        assert!(text.contains(told), "{told} is missing in {text}");
    }
    hold(page.clone(), &["средним за 7 дней"]);
    assert!(letter(Language::En, page.clone()).text.contains("(+2, usually 5)"));
    page.past_week = None;
    lack(page, &["обычно", "В сравнении"]);
}

#[test]
fn the_height_of_a_bar_is_the_dialogs_of_its_hour() {
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
fn a_turn_without_the_model_does_not_count_in_reply_times() {
    let mut page = day_of(1, 0);
    page.turns = vec![turn(TurnOutcome::Service, 7)];
    lack(page.clone(), &["время ответа"]);
    page.turns.push(turn(TurnOutcome::Answered, 7));
    hold(page, &["Обычное время ответа", "7 с"]);
}

#[test]
fn a_dead_reply_counts_once_however_many_parts_it_has() {
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
fn an_hour_with_one_dialog_of_hundreds_still_has_a_bar() {
    let mut page = day_of(101, 0);
    page.dialogs[0].lines[0].at = at("2026-11-22T05:59:00Z");
    let html = letter(Language::Ru, page).html;
    assert_eq!(html.matches("class=\"fill\"").count(), 2);
}
