//! Runs that fail in each way, and unusable settings.

use std::time::Duration;

use base::Clock;
use sandbox::{Edge, Fault, Rule};

use super::super::OpenAi;
use super::super::errors::{not_connected, unavailable, unknown};
use super::super::messages::RunError;
use super::{Bench, says};
use crate::config::Secret;

fn forbidden(what: &str) -> RunError {
    RunError::Forbidden { what: what.to_owned() }
}

fn lost(what: &str) -> RunError {
    RunError::ThreadLost { what: what.to_owned() }
}

#[actix_rt::test]
async fn each_error_is_classified_and_never_retried_here() {
    let bench = Bench::new();
    let rows = [
        (Fault::ConversationLocked, RunError::Locked { retry_after: None }),
        (Fault::ConversationNotFound, lost("404 conversation_not_found")),
        (Fault::NoToolOutput, lost("400 no_tool_output")),
        (Fault::ContextTooLong, lost("400 context_length_exceeded")),
        (Fault::Quota, unavailable("429 insufficient_quota")),
        (Fault::BadKey, forbidden("401 invalid_api_key")),
        (Fault::ModelNotFound, forbidden("404 model_not_found")),
        (Fault::status(500, "<html>oops</html>"), unknown("500")),
        (Fault::status(502, ""), unknown("502")),
        (
            Fault::status(418, r#"{"error":"I am a teapot"}"#),
            RunError::Rejected { what: "418".to_owned() },
        ),
        (Fault::Garbage, unknown("unreadable")),
        (Fault::status(200, "{}"), unknown("unreadable")),
        (Fault::status(200, r#""half a"#), unknown("unreadable")),
        (
            Fault::status(200, &format!("\"{}\"", "x".repeat(9 << 20))),
            unknown("body_too_long"),
        ),
    ];
    for (fault, expected) in rows {
        let rule = bench.fault(fault);
        assert_eq!(bench.run(says("hello")).await, Err(expected));
        assert_eq!(bench.sandbox.faults().hits(rule), 1);
    }
    assert_eq!(bench.sandbox.openai().requests().len(), 14);
}

#[actix_rt::test]
async fn retry_after_from_openai_reaches_the_caller() {
    let bench = Bench::new();
    let asked = |what: &str, seconds| RunError::NotExecuted {
        what: what.to_owned(),
        retry_after: Some(Duration::from_secs(seconds)),
    };
    bench.fault(Fault::RetryAfter(7));
    let expected = asked("429 rate_limit_exceeded", 7);
    assert_eq!(bench.run(says("hello")).await, Err(expected));
    // The test clock is at the start of 1970.
    bench.fault(Fault::Status {
        status: 503,
        body: String::new(),
        headers: vec![("Retry-After".to_owned(), "Thu, 01 Jan 1970 00:00:09 GMT".to_owned())],
    });
    assert_eq!(bench.run(says("hello")).await, Err(asked("503", 9)));
}

#[actix_rt::test]
async fn a_dropped_connection_leaves_the_outcome_unknown() {
    let bench = Bench::new();
    for fault in [Fault::CutBefore, Fault::CutAfter, Fault::CutBody] {
        bench.fault(fault);
        assert_eq!(bench.run(says("hello")).await, Err(unknown("cut")));
    }
    let seen = bench.sandbox.openai().requests();
    assert_eq!(
        seen.iter().map(|run| run.completed).collect::<Vec<_>>(),
        [false, true, true]
    );
}

#[actix_rt::test]
async fn a_server_that_never_answers_times_out() {
    let mut bench = Bench::new();
    bench.config.timeout = Duration::from_millis(300);
    for fault in [Fault::Hang, Fault::HangAfter] {
        bench.fault(fault);
        assert_eq!(bench.run(says("hello")).await, Err(unknown("timeout")));
    }
}

#[actix_rt::test]
async fn a_refused_connection_is_certainly_not_executed() {
    let mut bench = Bench::new();
    let url = bench.config.base_url.clone();
    // No server listens on port 1.
    bench.config.base_url = "http://127.0.0.1:1/v1".to_owned();
    assert_eq!(bench.run(says("hello")).await, Err(not_connected()));
    bench.config.base_url = url;
    for proxy in ["http://127.0.0.1:1", "socks5://127.0.0.1:1"] {
        bench.config.proxy = Some(Secret::new(proxy));
        assert_eq!(bench.run(says("hello")).await, Err(not_connected()), "{proxy}");
    }
}

#[actix_rt::test]
async fn thread_creation_errors_are_classified_like_run_errors() {
    let bench = Bench::new();
    for (fault, expected) in [
        (Fault::status(500, ""), unknown("500")),
        (Fault::Quota, unavailable("429 insufficient_quota")),
        (Fault::CutAfter, unknown("cut")),
    ] {
        let rule = Rule::on(Edge::OpenAi, "conversations").times(1).with(fault);
        bench.sandbox.faults().add(rule);
        assert_eq!(bench.run(says("hello")).await, Err(expected));
    }
    assert!(bench.sandbox.openai().requests().is_empty());
}

#[actix_rt::test]
async fn a_redirect_is_never_followed_with_the_api_key() {
    let bench = Bench::new();
    bench.fault(Fault::Status {
        status: 307,
        body: String::new(),
        headers: vec![("location".to_owned(), format!("{}/responses", bench.config.base_url))],
    });
    assert_eq!(bench.run(says("hello")).await, Err(forbidden("307")));
    assert_eq!(bench.sandbox.openai().requests().len(), 1);
}

#[actix_rt::test]
async fn unusable_settings_are_reported_and_never_panic() {
    let mut bench = Bench::new();
    let made = |bench: &Bench| OpenAi::new(&bench.config, Clock::system()).map(|_| ());
    bench.config.proxy = Some(Secret::new("not a url"));
    assert_eq!(made(&bench), Err(unavailable("proxy")));
    bench.config.api_key = Secret::new("sk-with\na line break");
    assert_eq!(made(&bench), Err(unavailable("api_key")));
}
