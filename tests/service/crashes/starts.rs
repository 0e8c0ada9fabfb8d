//! Many starts in a row: refused starts and occasional kills cost a waiting message nothing. Only a row in progress at each of
//! several quick crashes becomes poison.

use chrono::TimeDelta;
use sandbox::{Echo, Edge, Event, Fault, Rule};

use crate::harness::{ServiceProcess, TestService, seen};

/// `EX_CONFIG`.
const CONFIGURATION: i32 = 78;

#[actix_rt::test]
async fn failed_starts_do_not_count_as_attempts() {
    let mut service = ServiceProcess::new(Echo, &[]);
    let faults = service.sandbox().faults().clone();
    let held = faults.add(Rule::on(Edge::OpenAi, "responses").with(Fault::Hold));
    service.start();
    for chat in 1..=3 {
        service.sandbox().telegram().say(chat, "is anybody there?");
    }
    service.logs_times("message_stored", 3).await;
    service.kill();
    let templates = service.folder().join("templates/texts");
    std::fs::create_dir_all(&templates).unwrap();
    std::fs::write(templates.join("ru.ftl"), "this is { no template").unwrap();
    let before = service.sql("SELECT * FROM meta ORDER BY key");
    for n in 0..20 {
        let output = match n % 4 {
            0 => {
                let unauthorized = Fault::api_error(401, "Unauthorized");
                let refused = faults.add(Rule::on(Edge::Telegram, "getMe").with(unauthorized));
                let output = service.start_a_second();
                faults.remove(refused);
                output
            }
            1 => service.start_changed(&[("TEMPLATES_DIR", "templates")]),
            2 => service.start_changed(&[("SMTP_PORT", "mail")]),
            _ => service.start_changed(&[("ASSISTANT_PROMPT_FILE", "none.md")]),
        };
        assert_eq!(output.status.code(), Some(CONFIGURATION), "{n}: {output:?}");
    }
    assert_eq!(
        service.sql("SELECT * FROM meta ORDER BY key"),
        before,
        "no trace of a start"
    );
    faults.remove(held);
    service.start();
    seen(service.sandbox(), 3, |event| {
        matches!(event, Event::MessageDelivered { .. })
    })
    .await;
    service.settles().await;
    assert_eq!(
        service.sql("SELECT state, attempts, COUNT(*) FROM inbox GROUP BY 1, 2"),
        ["done|1|3"],
        "the kill alone counts"
    );
    assert!(service.terminate().await.success());
}

#[actix_rt::test]
async fn kills_an_hour_apart_do_not_fail_a_message_as_poison() {
    let mut service = TestService::builder().running_clock().start().await;
    let held = service.hold_runs();
    for chat in 1..=3 {
        service.say(chat, "still there?");
    }
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'pending'", &["3"])
        .await;
    for _ in 0..20 {
        // The clock moves after the kill, so that no run of the ending process reaches its deadline.
        service.kill();
        service.advance(TimeDelta::hours(1));
        service.start_again().await;
    }
    service.release(held);
    for chat in 1..=3 {
        service.replies(chat, 1).await;
    }
    service.settles().await;
    assert_eq!(
        service.sql("SELECT state, attempts, COUNT(*) FROM inbox GROUP BY 1, 2"),
        ["done|0|3"]
    );
}

#[actix_rt::test]
async fn a_message_in_progress_at_every_quick_crash_becomes_poison() {
    let mut service = TestService::builder().manual_clock().start().await;
    let held = service.hold_runs();
    service.say(1, "kills it");
    service
        .sql_becomes("SELECT COUNT(*) FROM inbox WHERE state = 'pending'", &["1"])
        .await;
    for attempts in 1..=5 {
        // The clock moves after the kill, so that no run of the ending process reaches its deadline.
        service.kill();
        service.advance(TimeDelta::minutes(1));
        service.start_again().await;
        assert_eq!(
            service.sql("SELECT state, attempts FROM inbox"),
            [format!("pending|{attempts}")]
        );
    }
    // Stopped by hand now and then: the row is not the cause.
    service.stop();
    service.start_again().await;
    assert_eq!(service.sql("SELECT state, attempts FROM inbox"), ["pending|5"]);
    service.restart().await;
    service.replies(1, 1).await;
    service.settles().await;
    assert_eq!(service.sql("SELECT state, reason FROM inbox"), ["failed|poison"]);
    service.release(held);
}
