//! Telegram's error answers: temporary ones, and errors about one message, one chat, or the whole bot.

use std::process::Command;

use chrono::TimeDelta;
use sandbox::{Edge, Fault, Options, Rule, Sandbox};

use crate::harness::{OPERATOR, OWNER, TestService};

const STEP: TimeDelta = TimeDelta::seconds(1);
const BLOCKED: &str = "Forbidden: bot was blocked by the user";

async fn by_hand() -> TestService {
    TestService::builder().running_clock().start().await
}

#[actix_rt::test]
async fn a_temporary_error_of_any_name_loses_no_reply() {
    let service = by_hand().await;
    let ok_with_an_error = r#"{"ok":false,"error_code":502,"description":"Bad Gateway"}"#;
    let faults = [
        Fault::api_error(500, "Internal Server Error"),
        Fault::api_error(502, "Bad Gateway"),
        Fault::api_error(504, "Gateway Timeout"),
        Fault::api_error(599, BLOCKED),
        Fault::api_error(503, "Bad Request: chat not found"),
        Fault::api_error(409, "Conflict: something new"),
        Fault::api_error(418, BLOCKED),
        Fault::api_error(413, "Request Entity Too Large"),
        Fault::status(200, ok_with_an_error),
        Fault::status(403, "<html>a captive portal</html>"),
        Fault::status(404, "<html>no such page</html>"),
        Fault::status(400, r#"{"error":"bad request"}"#),
        Fault::status(403, r#"{"ok":false,"description":"no code"}"#),
        Fault::status(400, r#"{"ok":"false","error_code":"400"}"#),
        Fault::status(301, ""),
    ];
    let customers = i64::try_from(faults.len()).unwrap();
    for (chat, fault) in (1..).zip(faults) {
        let rule = Rule::on(Edge::Telegram, "sendMessage").chat(chat).times(4).with(fault);
        service.fault(rule);
        service.say(chat, "is it lost?");
    }
    for chat in 1..=customers {
        service.advancing(STEP, service.replies(chat, 1)).await;
    }
    service.settles().await;
    for chat in 1..=customers {
        assert_eq!(service.expect_replies_once(&[(chat, &["echo: is it lost?"])]), 0);
    }
    let ends = format!("{customers}|5|5");
    let rows = "SELECT SUM(state = 'completed'), MIN(attempts), MAX(attempts) FROM outbox";
    assert_eq!(service.sql(rows), [ends]);
}

#[actix_rt::test]
async fn an_unknown_rejection_ends_one_row_after_a_minute_and_its_lane_continues() {
    let service = by_hand().await;
    let unknown = [
        Fault::api_error(400, "Bad Request: SOMETHING_NEW"),
        Fault::api_error(403, "Forbidden: something new"),
    ];
    for (chat, fault) in (1..).zip(unknown) {
        let rule = Rule::on(Edge::Telegram, "sendMessage").chat(chat);
        let rule = service.fault(rule.containing("first").with(fault));
        service.say(chat, "the first question");
        service.faults_injected(rule, 2).await;
        service.say(chat, "the second question");
        let asked_at = service.hand().now();
        service.advancing(STEP, service.replies(chat, 1)).await;
        assert!(service.hand().now() - asked_at < TimeDelta::seconds(75));
        assert_eq!(
            service.expect_replies_once(&[(chat, &["echo: the second question"])]),
            0
        );
        assert_eq!(
            service.sandbox().faults().hits(rule),
            6,
            "each of three tries also bare"
        );
        let rows = format!("SELECT state, reason, attempts FROM outbox WHERE chat_id = {chat} ORDER BY id");
        service.settles().await;
        assert_eq!(service.sql(&rows), ["dead|rejected|3", "completed||1"]);
    }
}

#[actix_rt::test]
async fn a_temporary_unknown_rejection_costs_formatting_or_half_a_minute() {
    let service = by_hand().await;
    // The number of rejections, and whether the reply keeps its formatting.
    for (chat, times, is_styled) in [(1, 1, false), (2, 2, true), (3, 3, false), (4, 5, false)] {
        let rule = Rule::on(Edge::Telegram, "sendMessage").chat(chat).times(times);
        let rule = rule.with(Fault::api_error(400, "Bad Request: SOMETHING_NEW"));
        service.fault(rule);
        service.say(chat, "an answer in **bold** letters");
        let reply = service.advancing(STEP, service.reply(chat, 1)).await;
        assert_eq!(reply.text, "echo: an answer in bold letters");
        assert_eq!(!reply.entities.is_empty(), is_styled, "refused {times} times");
        service.settles().await;
    }
    assert_eq!(service.sql("SELECT SUM(maybe_sent) FROM outbox"), ["0"]);
}

#[actix_rt::test]
async fn a_refused_token_holds_every_reply_and_alerts_the_operator() {
    let service = by_hand().await;
    for (n, code) in [(0, 401), (10, 404)] {
        let mut events = service.listen();
        let rule = Rule::on(Edge::Telegram, "sendMessage").with(Fault::api_error(code, "whatever it is called"));
        let rule = service.fault(rule);
        for chat in n + 1..=n + 5 {
            service.say(chat, "written while the token is refused");
        }
        service.logs_event(&mut events, "replies_paused").await;
        let letters = service.letters_to(OPERATOR, if n == 0 { 1 } else { 2 }).await;
        let letter = letters.last().unwrap();
        assert!(letter.subject.contains("токен"), "{}", letter.subject);
        let until = service.hand().now() + TimeDelta::hours(20);
        let hours = async {
            while service.hand().now() < until {
                tokio::task::yield_now().await;
            }
        };
        service.advancing(TimeDelta::minutes(10), hours).await;
        let dead = "SELECT COUNT(*) FROM outbox WHERE state = 'dead'";
        assert_eq!(service.sql(dead), ["0"]);
        service.release(rule);
        for chat in n + 1..=n + 5 {
            service.advancing(STEP, service.replies(chat, 1)).await;
        }
        service.settles().await;
        for chat in n + 1..=n + 5 {
            assert_eq!(
                service.expect_replies_once(&[(chat, &["echo: written while the token is refused"])]),
                0
            );
        }
    }
}

#[actix_rt::test]
async fn a_token_refused_while_polling_alerts_the_operator_once() {
    let service = by_hand().await;
    let mut events = service.listen();
    let rule = Rule::on(Edge::Telegram, "getUpdates")
        .times(3)
        .with(Fault::api_error(401, "Unauthorized"));
    let rule = service.fault(rule);
    service.say(1, "it ends the poll that waits");
    let refused = service.logs_event(&mut events, "polling_rejected").await;
    assert_eq!(refused.field("reason"), Some("Telegram refuses the bot token"));
    service.say(1, "after the refusal");
    service.advancing(STEP, service.replies(1, 2)).await;
    assert_eq!(service.sandbox().faults().hits(rule), 3);
    assert_eq!(service.letters_to(OPERATOR, 1).await.len(), 1);
    service.settles().await;
}

#[actix_rt::test]
async fn a_rate_limit_of_the_whole_bot_holds_every_chat() {
    let service = by_hand().await;
    let wait = Rule::on(Edge::Telegram, "sendMessage")
        .times(2)
        .with(Fault::RetryAfter(30));
    service.fault(wait);
    let retryable = "SELECT COUNT(*) FROM outbox WHERE state = 'retryable' AND reason = 'retry_after'";
    for (chat, count) in [(1, "1"), (2, "2"), (3, "3"), (4, "4")] {
        service.say(chat, "are you there?");
        service.sql_becomes(retryable, &[count]).await;
    }
    service.advance(TimeDelta::seconds(29));
    service.say(5, "and I?");
    service.sql_becomes(retryable, &["5"]).await;
    for chat in 1..=5 {
        assert_eq!(service.telegram().replies(chat), []);
    }
    service.advance(STEP);
    for chat in 1..=5 {
        service.advancing(STEP, service.replies(chat, 1)).await;
    }
    service.settles().await;
    assert_eq!(service.sql("SELECT SUM(maybe_sent) FROM outbox"), ["0"]);
}

#[actix_rt::test]
async fn a_rate_limited_poll_limits_the_whole_bot() {
    let service = by_hand().await;
    let mut events = service.listen();
    let hold = service.hold_runs();
    service.say(1, "what is slow to answer");
    service.faults_injected(hold, 1).await;
    let wait = Rule::on(Edge::Telegram, "getUpdates")
        .times(1)
        .with(Fault::RetryAfter(30));
    service.fault(wait);
    service.say(2, "it ends the poll that waits");
    service.logs_event(&mut events, "polling_failed").await;
    service.release(hold);
    let delayed = "SELECT state, reason FROM outbox WHERE chat_id = 1";
    service.sql_becomes(delayed, &["retryable|retry_after"]).await;
    service.advance(TimeDelta::seconds(29));
    assert_eq!(service.telegram().replies(1), []);
    for chat in [1, 2] {
        service.advancing(STEP, service.replies(chat, 1)).await;
    }
    service.settles().await;
}

#[actix_rt::test]
async fn a_wait_requested_by_telegram_is_capped_at_an_hour() {
    let service = by_hand().await;
    for (chat, seconds) in [(1, "4294967295"), (2, "18446744073709551615"), (3, "1e300")] {
        let body =
            format!(r#"{{"ok":false,"error_code":429,"description":"x","parameters":{{"retry_after":{seconds}}}}}"#);
        let rule = Rule::on(Edge::Telegram, "sendMessage").chat(chat).times(1);
        service.fault(rule.with(Fault::status(429, &body)));
        service.say(chat, "will it ever come?");
        service
            .sql_becomes(
                &format!("SELECT state FROM outbox WHERE chat_id = {chat}"),
                &["retryable"],
            )
            .await;
        service.advance(TimeDelta::minutes(61));
        service.advancing(STEP, service.replies(chat, 1)).await;
        service.settles().await;
    }
}

#[actix_rt::test]
async fn a_clock_days_ahead_does_not_expire_waiting_rows() {
    let builder = TestService::builder()
        .script(crate::harness::saving::saving)
        .running_clock();
    let mut service = builder.start().await;
    service.sandbox().smtp().close_port();
    let unsent = Rule::on(Edge::Telegram, "sendMessage").with(Fault::CutBefore);
    let unsent = service.fault(unsent);
    service.say(1, "мой номер 8 912 345-67-89");
    service
        .sql_becomes("SELECT COUNT(*) FROM successful_dialogs", &["1"])
        .await;
    service.faults_injected(unsent, 1).await;
    service.stop();
    let right = service.hand().now();
    service.advance(TimeDelta::days(8));
    service.telegram().set_header_time(Some(right.timestamp()));
    let mut events = service.listen();
    service.start_again().await;
    let apart = service.logs_event(&mut events, "clock_skew_detected").await;
    assert_eq!(apart.field("ahead_s"), Some("691200"));
    // They are retried and do not become dead letters.
    service.advancing(STEP, service.faults_injected(unsent, 3)).await;
    service.release(unsent);
    service.sandbox().smtp().open_port().unwrap();
    service.advancing(STEP, service.replies(1, 1)).await;
    service.advancing(STEP, service.letters_to(OWNER, 1)).await;
    let letters = service.advancing(STEP, service.letters_to(OPERATOR, 1)).await;
    assert!(letters[0].subject.contains("время"), "{}", letters[0].subject);
    assert_eq!(service.sql("SELECT COUNT(*) FROM outbox WHERE state = 'dead'"), ["0"]);
    // The next answer has the clock's time.
    let mut events = service.listen();
    service
        .telegram()
        .set_header_time(Some(service.hand().now().timestamp()));
    service.say(2, "the clocks agree again");
    service
        .advancing(STEP, service.logs_event(&mut events, "clock_skew_resolved"))
        .await;
    service.advancing(STEP, service.settles()).await;
}

#[test]
fn check_reports_a_wrong_clock() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let checked = || {
        let output = Command::new(env!("CARGO_BIN_EXE_frontdesk"))
            .arg("check")
            .current_dir(folder.path())
            .env_clear()
            .envs(sandbox.environment())
            .env("OWNER_EMAIL", OWNER)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = checked();
    assert!(
        shown.contains("@sandbox_bot") && !shown.contains("differ by"),
        "{shown}"
    );
    sandbox.telegram().set_header_time(Some(784_111_777));
    let shown = checked();
    assert!(shown.contains("@sandbox_bot") && shown.contains("differ by"), "{shown}");
}
