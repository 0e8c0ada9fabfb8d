//! OpenAI rejects: the customer gets a polite reply, and an invalid key or quota is not retried endlessly.

use base::Event;
use chrono::TimeDelta;
use sandbox::{Edge, Fault, Rule};
use tokio::sync::broadcast::Receiver;

use crate::harness::{OPERATOR, TestService};

#[actix_rt::test]
async fn a_refusal_of_the_model_is_passed_on_politely() {
    let service = TestService::start().await;
    let rule = Rule::on(Edge::OpenAi, "responses").times(1).with(Fault::Refusal);
    service.fault(rule);
    let polite = service.ask(1, "something the model declines").await;
    assert!(
        !polite.contains("I cannot help"),
        "our words, not the model's: {polite}"
    );
    service.settles().await;
    assert_eq!(service.sql("SELECT state, reason FROM inbox"), ["failed|refused"]);
    assert_eq!(service.ask(1, "something else").await, "echo: something else");
    service.settles().await;
}

/// Sends a message that is rejected, and again after the two seconds before a retry.
async fn asked_twice(service: &TestService, events: &mut Receiver<Event>, chat: i64, text: &str) -> String {
    service.say(chat, text);
    service.logs_event(events, "turn_retry_scheduled").await;
    service.advance(TimeDelta::seconds(2));
    let replies = service.replies(chat, 1).await;
    replies.into_iter().next_back().expect("a reply")
}

#[actix_rt::test]
async fn an_invalid_key_or_quota_is_retried_after_5_10_and_20_seconds() {
    for (fault, tries) in [(Fault::BadKey, 2), (Fault::ModelNotFound, 2), (Fault::Quota, 1)] {
        let service = TestService::builder().manual_clock().start().await;
        let mut events = service.listen();
        let rule = service.fault(Rule::on(Edge::OpenAi, "responses").with(fault.clone()));
        let polite = match tries {
            2 => asked_twice(&service, &mut events, 1, "the first to notice").await,
            _ => service.ask(1, "the first to notice").await,
        };
        service.logs_event(&mut events, "breaker_opened").await;
        assert_eq!(service.sandbox().faults().hits(rule), tries, "{fault:?}");
        for (trial, pause) in (1..).zip([5, 10, 20]) {
            let chat = i64::from(trial) * 10;
            assert_eq!(service.ask(chat, "the next customer").await, polite);
            service.advance(TimeDelta::seconds(pause - 1));
            assert_eq!(service.ask(chat + 1, "still within the pause").await, polite);
            assert_eq!(
                service.sandbox().faults().hits(rule),
                tries + trial - 1,
                "no request is sent: {fault:?}"
            );
            service.advance(TimeDelta::seconds(1));
            assert_eq!(service.ask(chat + 2, "the trial").await, polite);
            assert_eq!(service.sandbox().faults().hits(rule), tries + trial, "{fault:?}");
        }
        service.advance(TimeDelta::seconds(40));
        service.release(rule);
        assert_eq!(service.ask(99, "when it is mended").await, "echo: when it is mended");
        service.logs_event(&mut events, "breaker_closed").await;
        service.settles().await;
        assert_eq!(
            service.sql("SELECT state, reason, COUNT(*) FROM inbox GROUP BY state, reason ORDER BY state"),
            ["done||1", "failed|unavailable|10"],
            "{fault:?}"
        );
    }
}

#[actix_rt::test]
async fn a_single_rejection_of_the_key_delays_one_customer_by_two_seconds() {
    let country = r#"{"error":{"message":"Country not supported","code":"unsupported_country_region_territory"}}"#;
    let service = TestService::builder().manual_clock().start().await;
    let mut events = service.listen();
    for (chat, fault) in (1..).zip([
        Fault::BadKey,
        Fault::status(403, country),
        Fault::ModelNotFound,
        Fault::status(302, ""),
    ]) {
        let rule = Rule::on(Edge::OpenAi, "responses").times(1).containing("terpsichore");
        service.fault(rule.with(fault.clone()));
        service.say(chat, "terpsichore");
        service.logs_event(&mut events, "turn_retry_scheduled").await;
        assert_eq!(
            service.ask(chat + 100, "another customer").await,
            "echo: another customer"
        );
        service.advance(TimeDelta::seconds(2));
        assert_eq!(service.replies(chat, 1).await, ["echo: terpsichore"], "{fault:?}");
    }
    service.settles().await;
    assert_eq!(service.sql("SELECT DISTINCT state FROM inbox"), ["done"]);
    assert_eq!(service.sandbox().smtp().letters_to(OPERATOR), []);
}

#[actix_rt::test]
async fn the_second_rejection_in_a_row_alerts_the_operator() {
    let service = TestService::builder().manual_clock().start().await;
    let mut events = service.listen();
    let rule = Rule::on(Edge::OpenAi, "responses").containing("terpsichore");
    service.fault(rule.with(Fault::status(404, r#"{"detail":"Not Found"}"#)));
    let alerts = || service.sandbox().smtp().letters_to(OPERATOR);
    let polite = asked_twice(&service, &mut events, 1, "terpsichore the first").await;
    assert!(polite.contains("номер телефона"), "{polite}");
    assert_eq!(
        service.ask(2, "all others are answered").await,
        "echo: all others are answered"
    );
    asked_twice(&service, &mut events, 3, "terpsichore the second").await;
    service.settles().await;
    assert_eq!(alerts(), [], "an answer came between them");
    asked_twice(&service, &mut events, 4, "terpsichore the third").await;
    service.settles().await;
    let [alert] = alerts().try_into().expect("one alert");
    let subject = alert.subject;
    assert_eq!(subject, "frontdesk: ассистент не ответил клиенту");
    let text = alert.text.unwrap_or_default();
    assert!(text.contains("rejected (404)"), "{text}");
    assert!(!text.contains("не отвечает клиентам"), "{text}");
    assert_eq!(
        service.sql("SELECT state, reason, COUNT(*) FROM inbox GROUP BY state, reason ORDER BY state"),
        ["done||1", "failed|rejected|3"]
    );
}

/// The fault, the row's reason, the alert, and the number of requests to the model.
struct Answer(Fault, &'static str, Option<&'static str>, usize);

#[actix_rt::test]
async fn each_rejection_gets_a_polite_reply_and_an_exact_log_line() {
    let country = r#"{"error":{"message":"Country, region, or territory not supported","type":"request_forbidden",
        "param":null,"code":"unsupported_country_region_territory"}}"#;
    let answers = [
        Answer(
            Fault::BadKey,
            "unavailable",
            Some("unavailable (401 invalid_api_key)"),
            2,
        ),
        Answer(
            Fault::status(403, country),
            "unavailable",
            Some("unavailable (403 unsupported_country_region_territory)"),
            2,
        ),
        Answer(
            Fault::ModelNotFound,
            "unavailable",
            Some("unavailable (404 model_not_found)"),
            2,
        ),
        Answer(
            Fault::Quota,
            "unavailable",
            Some("unavailable (429 insufficient_quota)"),
            1,
        ),
        Answer(Fault::Empty, "empty", Some("empty"), 2),
        Answer(Fault::Incomplete, "empty", Some("empty"), 2),
        Answer(Fault::Refusal, "refused", None, 1),
    ];
    for Answer(fault, reason, alert, asked) in answers {
        let service = TestService::builder().manual_clock().start().await;
        let rule = service.fault(Rule::on(Edge::OpenAi, "responses").with(fault.clone()));
        let step = TimeDelta::seconds(1);
        let polite = service
            .advancing(step, service.ask(1, "why is nobody answering?"))
            .await;
        assert!(!polite.is_empty() && !polite.contains("echo"), "{fault:?}: {polite}");
        let asks_for_contact = polite.contains("номер телефона");
        assert_eq!(asks_for_contact, alert.is_some(), "{fault:?}: {polite}");
        service.settles().await;
        assert_eq!(service.openai().requests().len(), asked, "{fault:?}");
        let ends = service.sql("SELECT state, reason FROM inbox");
        assert_eq!(ends, [format!("failed|{reason}")], "{fault:?}");
        let shown = service.sandbox().smtp().letters_to(OPERATOR);
        assert_eq!(shown.len(), usize::from(alert.is_some()), "{fault:?}");
        for (letter, words) in shown.iter().zip(alert) {
            let text = letter.text.as_deref().unwrap();
            assert!(text.contains(words), "{words}: {text}");
        }
        service.release(rule);
        // After the minute in which an open breaker sends no request.
        service.advance(TimeDelta::seconds(60));
        assert_eq!(service.ask(1, "and now?").await, "echo: and now?");
        service.settles().await;
    }
}

#[actix_rt::test]
async fn an_item_of_an_unknown_type_is_skipped() {
    let service = TestService::start().await;
    service.fault(Rule::on(Edge::OpenAi, "responses").with(Fault::UnknownItem));
    assert_eq!(service.ask(1, "what is new?").await, "echo: what is new?");
    service.settles().await;
}
