//! OpenAI refuses: the customer hears so politely, and a key or a quota that is at fault is not asked again and again.

use chrono::TimeDelta;
use sandbox::{Edge, Fault, Rule};

use crate::harness::{OPERATOR, TestService};

#[actix_rt::test]
async fn a_refusal_of_the_model_is_told_politely() {
    let service = TestService::start().await;
    let rule = Rule::on(Edge::OpenAi, "responses").times(1).with(Fault::Refusal);
    service.sandbox().faults().add(rule);
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

#[actix_rt::test]
async fn a_key_or_quota_at_fault_is_left_alone_for_a_minute() {
    for fault in [Fault::BadKey, Fault::Quota, Fault::ModelNotFound] {
        let service = TestService::builder().clock_by_hand().start().await;
        let mut events = service.listen();
        let rule = Rule::on(Edge::OpenAi, "responses").with(fault.clone());
        let rule = service.sandbox().faults().add(rule);
        let polite = service.ask(1, "the first to notice").await;
        service.happens(&mut events, "breaker_opened").await;
        assert_eq!(service.sandbox().faults().hits(rule), 1, "no retry: {fault:?}");
        assert_eq!(service.ask(2, "the next customer").await, polite);
        service.advance(TimeDelta::seconds(59));
        assert_eq!(service.ask(3, "within the minute").await, polite);
        assert_eq!(service.openai().requests().len(), 1, "nobody is asked: {fault:?}");
        service.advance(TimeDelta::seconds(1));
        service.sandbox().faults().remove(rule);
        assert_eq!(service.ask(4, "a minute later").await, "echo: a minute later");
        service.happens(&mut events, "breaker_closed").await;
        service.settles().await;
        assert_eq!(
            service.sql("SELECT state, reason, COUNT(*) FROM inbox GROUP BY state, reason ORDER BY state"),
            ["done||1", "failed|unavailable|3"],
            "{fault:?}"
        );
    }
}

fn refused(status: u16, body: &str) -> Fault {
    Fault::Status {
        status,
        body: body.into(),
        headers: Vec::new(),
    }
}

/// What a row ends with, what the operator is told, and how often the model is asked.
struct Answer(Fault, &'static str, Option<&'static str>, usize);

#[actix_rt::test]
async fn each_refusal_is_told_politely_to_one_and_exactly_to_the_other() {
    let country = r#"{"error":{"message":"Country, region, or territory not supported","type":"request_forbidden",
        "param":null,"code":"unsupported_country_region_territory"}}"#;
    let request = r#"{"error":{"message":"Unknown parameter","type":"invalid_request_error","param":"x",
        "code":"unknown_parameter"}}"#;
    let answers = [
        Answer(
            Fault::BadKey,
            "unavailable",
            Some("unavailable (401 invalid_api_key)"),
            1,
        ),
        Answer(
            refused(403, country),
            "unavailable",
            Some("unavailable (403 unsupported_country_region_territory)"),
            1,
        ),
        Answer(
            Fault::ModelNotFound,
            "unavailable",
            Some("unavailable (404 model_not_found)"),
            1,
        ),
        Answer(
            Fault::Quota,
            "unavailable",
            Some("unavailable (429 insufficient_quota)"),
            1,
        ),
        Answer(
            refused(400, request),
            "rejected",
            Some("rejected (400 unknown_parameter)"),
            1,
        ),
        Answer(Fault::Empty, "empty", Some("empty"), 2),
        Answer(Fault::Incomplete, "empty", Some("empty"), 2),
        Answer(Fault::Refusal, "refused", None, 1),
    ];
    for Answer(fault, reason, alert, asked) in answers {
        let service = TestService::builder().clock_by_hand().start().await;
        let rule = Rule::on(Edge::OpenAi, "responses").with(fault.clone());
        let rule = service.sandbox().faults().add(rule);
        let polite = service.ask(1, "why is nobody answering?").await;
        assert!(!polite.is_empty() && !polite.contains("echo"), "{fault:?}: {polite}");
        let asks_for_contact = polite.contains("номер телефона");
        assert_eq!(asks_for_contact, alert.is_some(), "{fault:?}: {polite}");
        service.settles().await;
        assert_eq!(service.openai().requests().len(), asked, "{fault:?}");
        let ends = service.sql("SELECT state, reason FROM inbox");
        assert_eq!(ends, [format!("failed|{reason}")], "{fault:?}");
        let told = service.sandbox().smtp().letters_to(OPERATOR);
        assert_eq!(told.len(), usize::from(alert.is_some()), "{fault:?}");
        for (letter, words) in told.iter().zip(alert) {
            let text = letter.text.as_deref().unwrap();
            assert!(text.contains(words), "{words}: {text}");
        }
        service.release(rule);
        // With the minute over in which a breaker asks nobody.
        service.advance(TimeDelta::seconds(60));
        assert_eq!(service.ask(1, "and now?").await, "echo: and now?");
        service.settles().await;
    }
}

#[actix_rt::test]
async fn an_item_of_a_kind_nobody_knows_is_passed_over() {
    let service = TestService::start().await;
    let rule = Rule::on(Edge::OpenAi, "responses").with(Fault::UnknownItem);
    service.sandbox().faults().add(rule);
    assert_eq!(service.ask(1, "what is new?").await, "echo: what is new?");
    service.settles().await;
}
