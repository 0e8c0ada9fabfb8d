//! OpenAI refuses: the customer hears so politely, and a key or a quota that is at fault is not asked again and again.

use chrono::TimeDelta;
use sandbox::{Edge, Fault, Rule};

use crate::harness::TestService;

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
