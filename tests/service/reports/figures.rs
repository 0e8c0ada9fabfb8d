//! A busy day: every figure of its report equals an SQL count.

use chrono::TimeDelta;
use domain::{Occasion, ReportNotice};
use pages::{FIGURES, Figures};
use sandbox::{Answer, Edge, Fault, Rule, Run};
use serde_json::json;
use store::records::Records;

use super::{begun, builder, nine, reports, text};
use crate::harness::TestService;
use crate::harness::saving::saving;

/// A question the facts do not answer.
const GAP: &str = "моете ли вы слонов";

const FAILED: &str = "SELECT COUNT(DISTINCT turn_id) FROM inbox WHERE state = 'failed'";

/// The SQL count for each figure.
const SQL: &[(&str, &str)] = &[
    ("figure-leads", "SELECT COUNT(*) FROM successful_dialogs"),
    (
        "figure-dialogs",
        "SELECT COUNT(DISTINCT user_id) FROM dialogs WHERE role = 'user'",
    ),
    ("figure-new", "SELECT COUNT(*) FROM customers"),
    ("figure-failed", FAILED),
    (
        "figure-known-contact",
        "SELECT COUNT(DISTINCT user_id) FROM dialogs WHERE role = 'user' AND user_id IN (SELECT user_id FROM \
         successful_dialogs WHERE id <= (SELECT after_lead FROM reports WHERE due_at IS NOT NULL))",
    ),
    (
        "figure-without-contact",
        "SELECT COUNT(DISTINCT user_id) FROM dialogs WHERE role = 'user' AND user_id NOT IN (SELECT user_id FROM \
         successful_dialogs)",
    ),
    ("figure-questions", "SELECT COUNT(*) FROM dialogs WHERE role = 'user'"),
    ("figure-replies", "SELECT COUNT(*) FROM dialogs WHERE role <> 'user'"),
    ("figure-gaps", "SELECT COUNT(*) FROM gaps"),
    ("figure-unanswered", FAILED),
    (
        "figure-answer",
        "WITH t AS (SELECT ROUND((julianday(finished_at) - julianday(received_at)) * 86400) AS s FROM inbox WHERE \
         state = 'done' AND runs > 0) SELECT CAST(s AS INTEGER) FROM t ORDER BY s LIMIT 1 OFFSET (SELECT (COUNT(*) * 50 \
         + 99) / 100 - 1 FROM t)",
    ),
    (
        "figure-tokens",
        "SELECT SUM(input_tokens) + SUM(output_tokens) FROM inbox",
    ),
    ("figure-unstored", "SELECT COALESCE(SUM(messages), 0) FROM floods"),
];

/// Reports the gap, saves numbers, echoes everything else.
fn script(run: &Run) -> Answer {
    match run.last_user_text == GAP && run.tool_outputs.is_empty() {
        true => Answer::Call {
            name: "report_gap".into(),
            arguments: json!({ "question": GAP }),
        },
        false => saving(run),
    }
}

/// A question whose answer takes `seconds` by the clock.
async fn asked_for(service: &TestService, chat: i64, seconds: i64) {
    let rule = service.hold_runs();
    service.say(chat, &format!("вопрос на {seconds} с"));
    service.faults_injected(rule, 1).await;
    service.advance(TimeDelta::seconds(seconds));
    let before = service.telegram().replies(chat).len();
    service.release(rule);
    service.replies(chat, before + 1).await;
}

/// Every kind of event of a small shop before nine.
async fn an_eventful_day(service: &TestService) {
    let faults = service.sandbox().faults();
    service.ask(1, "/start avito3").await;
    service.ask(2, "/start avito3").await;
    service.ask(3, "/start vk").await;
    for (chat, seconds) in [(1, 4), (2, 9), (4, 31), (4, 2), (4, 3)] {
        asked_for(service, chat, seconds).await;
    }
    service.ask(1, GAP).await;
    service.ask(3, "мой номер 8 912 345-67-89").await;
    service.ask(3, "мой номер 8 912 345-67-90").await;
    let refusal = faults.add(Rule::on(Edge::OpenAi, "responses").times(1).with(Fault::Refusal));
    service.ask(4, "о политике").await;
    service.release(refusal);
    let quota = faults.add(Rule::on(Edge::OpenAi, "responses").with(Fault::Quota));
    service.ask(5, "есть кто?").await;
    service.ask(5, "ау").await;
    service.release(quota);
    // After an exhausted quota the model is called again in a minute.
    service.advance(TimeDelta::minutes(2));
    let gone = Fault::api_error(403, "Forbidden: bot was blocked by the user");
    let blocked = faults.add(Rule::on(Edge::Telegram, "sendMessage").with(gone));
    service.say(6, "пишу и ухожу");
    service.faults_injected(blocked, 1).await;
    service.settles().await;
    service.release(blocked);
    let refused = Fault::api_error(400, "Bad Request: have no rights to send a message");
    let refused = faults.add(Rule::on(Edge::Telegram, "sendMessage").with(refused));
    service.say(7, "ответа не будет");
    service.faults_injected(refused, 1).await;
    service.settles().await;
    service.release(refused);
}

#[actix_rt::test]
async fn every_figure_of_a_busy_day_equals_an_sql_count() {
    let service = begun(builder().script(script)).await;
    let mut events = service.listen();
    an_eventful_day(&service).await;
    nine(&service, &mut events).await;
    service.settles().await;
    let mut records = Records::open(&service.database()).unwrap();
    let now = service.hand().now();
    let period = records
        .period_due(now, now + TimeDelta::seconds(1))
        .unwrap()
        .expect("it was closed");
    let occasion = Occasion::Due;
    let page = records.report(ReportNotice { period, occasion }, now).unwrap();
    let figures = Figures::of(&page);

    let rows = |sql: &str| service.sql(sql).join(", ");
    let number = |sql: &str| -> u64 { rows(sql).parse().unwrap() };
    for figure in FIGURES {
        let (_, sql) = SQL.iter().find(|(key, _)| *key == figure.key).expect(figure.key);
        let counted = (figure.value)(&page, &figures).number().unwrap_or_default();
        assert_eq!(counted, number(sql), "{}", figure.key);
    }
    let counted = (figures.new_customers, figures.leads, figures.gaps, figures.failed);
    assert_eq!(counted, (7, 1, 1, 3));
    let failed =
        "SELECT reason || ' ' || COUNT(DISTINCT turn_id) FROM inbox WHERE state = 'failed' GROUP BY reason ORDER BY 1";
    let reasons: Vec<String> = figures
        .failed_by_reason
        .iter()
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    assert_eq!(reasons.join(", "), rows(failed));
    let asked = "SELECT COUNT(*) FROM customers WHERE form_asked_at IS NOT NULL";
    assert_eq!((figures.forms, number(asked)), (1, 1));
    for (found, percent) in [(figures.median_answer, 50), (figures.slow_answer, 95)] {
        let nearest = format!(
            "WITH t AS (SELECT ROUND((julianday(finished_at) - julianday(received_at)) * 86400000) AS ms FROM inbox WHERE \
             state = 'done' AND runs > 0) SELECT CAST(ms AS INTEGER) FROM t ORDER BY ms LIMIT 1 OFFSET (SELECT (COUNT(*) * \
             {percent} + 99) / 100 - 1 FROM t)"
        );
        let found = found.expect("there were answers").num_milliseconds();
        let by_sql: i64 = rows(&nearest).parse().unwrap();
        assert!((found - by_sql).abs() <= 1, "{percent} %: {found} and {by_sql}");
    }
    assert_eq!(figures.slow_answer, Some(TimeDelta::seconds(31)));
    let tokens = format!("{}|{}", figures.input_tokens, figures.output_tokens);
    assert_eq!(tokens, rows("SELECT SUM(input_tokens), SUM(output_tokens) FROM inbox"));
    let sources =
        "SELECT COALESCE(source, '') || ' ' || COUNT(*) FROM customers GROUP BY source ORDER BY COUNT(*) DESC, source";
    let shown: Vec<String> = figures
        .sources
        .iter()
        .map(|(source, count)| format!("{} {count}", source.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(shown.join(", "), rows(sources));
    let lost =
        "SELECT COUNT(DISTINCT dialog_id) FROM outbox WHERE dialog_id IS NOT NULL AND state IN ('dead', 'cancelled')";
    assert_eq!((figures.undelivered, number(lost)), (2, 2));
    assert_eq!(
        (figures.dead, number("SELECT COUNT(*) FROM outbox WHERE state = 'dead'")),
        (1, 1)
    );

    let letters = reports(&service);
    let words = text(&letters[0]);
    for shown in ["avito3", "vk", "+7 912 345-67-90", "о политике", "не доставлено"] {
        assert!(words.contains(shown), "{shown} in {words}");
    }
}
