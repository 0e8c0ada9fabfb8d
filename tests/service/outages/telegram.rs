//! Telegram fails: replies arrive later, updates are fetched later.

use chrono::TimeDelta;
use sandbox::{Edge, Fault, Rule};

use crate::harness::TestService;

const STEP: TimeDelta = TimeDelta::seconds(1);

async fn by_hand() -> TestService {
    TestService::builder().running_clock().start().await
}

fn unauthorized() -> Fault {
    Fault::api_error(401, "Unauthorized")
}

fn bad_gateway() -> Fault {
    Fault::status(502, "<html>502</html>")
}

#[actix_rt::test]
async fn a_rate_limited_chat_waits_alone_and_keeps_its_order() {
    let service = by_hand().await;
    let wait = Rule::on(Edge::Telegram, "sendMessage").chat(1).times(1);
    let wait = service.fault(wait.with(Fault::RetryAfter(30)));
    for n in 1..=3 {
        service.say(1, &format!("patient message {n}"));
        for chat in 2..=4 {
            service.say(chat, &format!("message {n} of chat {chat}"));
        }
    }
    for chat in 2..=4 {
        service.replies(chat, 3).await;
    }
    service
        .sql_becomes(
            "SELECT state FROM outbox WHERE chat_id = 1 ORDER BY id",
            &["retryable", "scheduled", "scheduled"],
        )
        .await;
    assert_eq!(service.sandbox().faults().hits(wait), 1);
    service.advance(TimeDelta::seconds(29));
    service.ask(2, "the other one received nothing").await;
    assert_eq!(service.telegram().replies(1), []);
    service.advance(STEP);
    assert_eq!(
        service.replies(1, 3).await,
        [
            "echo: patient message 1",
            "echo: patient message 2",
            "echo: patient message 3"
        ]
    );
    service.settles().await;
    assert_eq!(service.sandbox().faults().hits(wait), 1);
    assert_eq!(service.sql("SELECT SUM(maybe_sent) FROM outbox"), ["0"]);
}

#[actix_rt::test]
async fn a_reply_whose_sending_fails_is_retried_until_it_arrives() {
    let service = by_hand().await;
    let faults = [
        (Fault::CutBefore, true),
        (Fault::Garbage, true),
        (unauthorized(), false),
    ];
    for (chat, (fault, is_marked)) in (1..).zip(faults) {
        let rule = Rule::on(Edge::Telegram, "sendMessage")
            .chat(chat)
            .times(2)
            .with(fault.clone());
        let rule = service.fault(rule);
        service
            .advancing(STEP, service.ask(chat, "does it arrive after all?"))
            .await;
        service.settles().await;
        assert_eq!(service.sandbox().faults().hits(rule), 2, "{fault:?}");
        assert_eq!(
            service.expect_replies_once(&[(chat, &["echo: does it arrive after all?"])]),
            0,
            "{fault:?}"
        );
        let marks = format!("SELECT attempts, maybe_sent FROM outbox WHERE chat_id = {chat}");
        assert_eq!(
            service.sql(&marks),
            [if is_marked { "3|2" } else { "3|0" }],
            "{fault:?}"
        );
    }
}

#[actix_rt::test]
async fn a_reply_whose_response_is_lost_is_repeated_and_marked() {
    let service = by_hand().await;
    for (chat, fault) in [(1, Fault::CutAfter), (2, Fault::CutBody)] {
        let rule = Rule::on(Edge::Telegram, "sendMessage").chat(chat).times(1).with(fault);
        service.fault(rule);
        service.say(chat, "is it there already?");
        service.advancing(STEP, service.replies(chat, 2)).await;
        service.settles().await;
        assert_eq!(
            service.expect_replies_once(&[(chat, &["echo: is it there already?"])]),
            1
        );
        let marks = format!("SELECT state, attempts, maybe_sent FROM outbox WHERE chat_id = {chat}");
        assert_eq!(service.sql(&marks), ["completed|2|1"]);
    }
}

#[actix_rt::test]
async fn a_server_error_while_sending_delays_one_customer() {
    let service = by_hand().await;
    let rule = Rule::on(Edge::Telegram, "sendMessage")
        .chat(1)
        .times(1)
        .with(bad_gateway());
    service.fault(rule);
    service.say(1, "the unlucky customer");
    service.ask(2, "the lucky customer").await;
    service.advancing(STEP, service.replies(1, 1)).await;
    service.settles().await;
    assert_eq!(service.expect_replies_once(&[(1, &["echo: the unlucky customer"])]), 0);
}

#[actix_rt::test]
async fn polling_resumes_after_each_kind_of_failure() {
    let service = by_hand().await;
    let refused = Fault::RetryAfter(5);
    let faults = [
        Fault::Conflict,
        bad_gateway(),
        Fault::Garbage,
        Fault::CutBefore,
        Fault::CutAfter,
        refused,
        Fault::api_error(502, "Bad Gateway"),
        Fault::api_error(400, "Bad Request: something new"),
        Fault::api_error(403, "Forbidden: bot was blocked by the user"),
    ];
    for (chat, fault) in (1..).zip(faults) {
        let mut events = service.listen();
        let rule = Rule::on(Edge::Telegram, "getUpdates").times(2).with(fault.clone());
        let rule = service.fault(rule);
        // A waiting poll takes the first; the next two polls fail.
        service.advancing(STEP, service.ask(chat, "before the failure")).await;
        service.advancing(STEP, service.ask(chat, "when polling resumes")).await;
        service.logs_event(&mut events, "polling_resumed").await;
        assert_eq!(service.sandbox().faults().hits(rule), 2, "{fault:?}");
        let expected = ["echo: before the failure", "echo: when polling resumes"];
        assert_eq!(service.expect_replies_once(&[(chat, &expected)]), 0, "{fault:?}");
    }
    service.settles().await;
}

#[actix_rt::test]
async fn a_webhook_is_removed_and_its_pending_updates_are_answered() {
    let builder = TestService::builder().running_clock();
    builder.sandbox().telegram().webhook("https://old.example/hook");
    builder.sandbox().telegram().say(1, "written while the webhook stood");
    let service = builder.start().await;
    service.advancing(STEP, service.replies(1, 1)).await;
    let mut events = service.listen();
    service.telegram().webhook("https://new.example/hook");
    service.say(1, "written while another one stands");
    service
        .advancing(STEP, service.logs_event(&mut events, "webhook_removed"))
        .await;
    service.advancing(STEP, service.replies(1, 2)).await;
    service.settles().await;
    let expected = [
        "echo: written while the webhook stood",
        "echo: written while another one stands",
    ];
    assert_eq!(service.expect_replies_once(&[(1, &expected)]), 0);
}

#[actix_rt::test]
async fn another_poller_is_logged_and_polling_slows_to_twice_a_minute() {
    let service = by_hand().await;
    service.ask(1, "while nobody else polls").await;
    service.settles().await;
    let mut events = service.listen();
    let rival = service.fault(Rule::on(Edge::Telegram, "getUpdates").with(Fault::Conflict));
    // It ends the waiting poll; the next one conflicts with the other poller.
    service.say(1, "while another one polls");
    let refused = service.logs_event(&mut events, "polling_rejected").await;
    let reason = refused.field("reason").unwrap();
    assert!(reason.contains("another process polls with this token"), "{reason}");
    for attempt in 2..=4 {
        let logged_at = service.hand().now();
        let again = service.logs_event(&mut events, "polling_rejected");
        let refused = service.advancing(STEP, again).await;
        assert_eq!(refused.field("attempt"), Some(attempt.to_string().as_str()));
        // The clock may have advanced between the line and this check.
        assert!(
            service.hand().now() - logged_at >= TimeDelta::seconds(29),
            "attempt {attempt}"
        );
    }
    service.release(rival);
    service.advancing(STEP, service.replies(1, 2)).await;
    service.settles().await;
    let expected = ["echo: while nobody else polls", "echo: while another one polls"];
    assert_eq!(service.expect_replies_once(&[(1, &expected)]), 0);
}

#[actix_rt::test]
async fn a_webhook_that_cannot_be_removed_is_logged() {
    let service = by_hand().await;
    let mut events = service.listen();
    let refused = Rule::on(Edge::Telegram, "deleteWebhook").with(unauthorized());
    let refused = service.fault(refused);
    service.telegram().webhook("https://new.example/hook");
    service.say(1, "written while it stands");
    let shown = service
        .advancing(STEP, service.logs_event(&mut events, "polling_rejected"))
        .await;
    let reason = shown.field("reason").unwrap();
    assert!(reason.contains("a webhook is set"), "{reason}");
    service.advancing(STEP, service.faults_injected(refused, 3)).await;
    service.release(refused);
    service.advancing(STEP, service.replies(1, 1)).await;
    service.settles().await;
}

#[actix_rt::test]
async fn a_menu_refused_by_telegram_delays_no_customer() {
    for method in ["getWebhookInfo", "getMyCommands", "setMyCommands"] {
        for fault in [Fault::Hang, bad_gateway()] {
            let builder = TestService::builder().manual_clock();
            let rule = Rule::on(Edge::Telegram, method).times(1).with(fault.clone());
            builder.sandbox().faults().add(rule);
            let service = builder.start().await;
            let mut events = service.listen();
            service.ask(1, "is anybody there?").await;
            service.settles().await;
            assert_eq!(service.telegram().commands(None), [], "{method} {fault:?}");
            // An empty poll confirms the row after all.
            service.advance(TimeDelta::minutes(10));
            let nothing = Fault::status(200, r#"{"ok":true,"result":[]}"#);
            let quiet = Rule::on(Edge::Telegram, "getUpdates").times(1).with(nothing);
            service.fault(quiet);
            service.say(1, "it ends the poll that waits");
            service.logs_event(&mut events, "menu_registered").await;
            service.replies(1, 2).await;
            service.settles().await;
        }
    }
}

#[actix_rt::test]
async fn typing_that_fails_or_hangs_loses_no_reply() {
    let service = by_hand().await;
    for (chat, fault) in (1..).zip([Fault::Hang, bad_gateway(), Fault::Forbidden]) {
        let typing = service.fault(Rule::on(Edge::Telegram, "sendChatAction").with(fault));
        let hold = service.hold_runs();
        service.say(chat, "a question that takes its time");
        service.advancing(STEP, service.faults_injected(typing, 2)).await;
        service.release(hold);
        service.replies(chat, 1).await;
        service.settles().await;
        service.release(typing);
        assert_eq!(
            service.expect_replies_once(&[(chat, &["echo: a question that takes its time"])]),
            0
        );
    }
}
