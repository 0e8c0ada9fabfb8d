//! How error responses, failed responses and Retry-After are read.

use super::*;

fn classified(status: u16, body: &str) -> String {
    Refusal::read(status, body.as_bytes(), None)
        .into_run_error()
        .to_string()
}

/// The table of real error responses and their expected classification.
#[test]
fn openai_errors_are_classified_by_what_the_caller_may_do() {
    let rows = include_str!("refusals.txt").lines();
    for row in rows.filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let (expected, response) = row.split_once(": ").unwrap();
        let (status, body) = response.split_once(' ').unwrap_or((response, ""));
        assert_eq!(classified(status.parse().unwrap(), body), expected, "{response}");
    }
}

#[test]
fn error_bodies_with_a_bom_or_raw_line_breaks_are_read() {
    let body = "\u{feff}{\"error\":{\"message\":\"two\nlines\",\"code\":\"invalid_api_key\"}}";
    assert_eq!(classified(401, body), "forbidden (401 invalid_api_key)");
}

#[test]
fn an_error_never_quotes_the_response_body() {
    let body = r#"{"error":{"message":"Invalid input: 'my phone is 555'","type":"my phone is 555","code":"my phone is 555","param":"my phone is 555"}}"#;
    let refusal = Refusal::read(400, body.as_bytes(), None);
    assert!(!format!("{refusal:?}").contains("555"));
    assert_eq!(refusal.into_run_error().to_string(), "the request was rejected (400)");
}

#[test]
fn a_failed_response_is_classified_like_its_status() {
    for (code, expected) in [
        ("server_error", "outcome unknown (server_error)"),
        ("rate_limit_exceeded", "not executed (429 rate_limit_exceeded)"),
        (
            "insufficient_quota",
            "the assistant is unavailable (429 insufficient_quota)",
        ),
        (
            "context_length_exceeded",
            "the thread is lost (400 context_length_exceeded)",
        ),
        (
            "invalid_prompt",
            "the text was rejected by a content filter (400 invalid_prompt)",
        ),
        ("503", "not executed (503 503)"),
        ("99999", "outcome unknown (99999)"),
        ("brand_new_code", "outcome unknown (brand_new_code)"),
    ] {
        let error = failed(&serde_json::json!({"code": code, "message": "Something."}));
        assert_eq!(error.to_string(), expected);
    }
    assert_eq!(failed(&Value::Null), unknown("failed"));
}

#[test]
fn retry_after_is_read_in_every_format() {
    let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
    let read = |millis, header| retry_after(millis, header, now);
    assert_eq!(read(Some("1500"), Some("7")), Some(Duration::from_millis(1500)));
    assert_eq!(read(None, Some("7")), Some(Duration::from_secs(7)));
    assert_eq!(read(None, Some(" 0.5 ")), Some(Duration::from_millis(500)));
    assert_eq!(read(Some("soon"), Some("7")), Some(Duration::from_secs(7)));
    let date = |text| read(None, Some(text));
    assert_eq!(date("Sun, 22 Nov 2026 10:00:09 GMT"), Some(Duration::from_secs(9)));
    assert_eq!(date("Sun, 22 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
    for nonsense in ["-1", "NaN", "inf", "tomorrow", ""] {
        assert_eq!(date(nonsense), None, "{nonsense}");
    }
    for endless in [
        "61",
        "86400",
        "99999999999999999999",
        "1e300",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        assert_eq!(date(endless), Some(Duration::from_secs(60)), "{endless}");
    }
    assert_eq!(read(Some("1e300"), None), Some(Duration::from_secs(60)));
    assert_eq!(read(None, None), None);
}

#[test]
fn retry_after_is_passed_to_the_caller() {
    let wait = Some(Duration::from_secs(3));
    let not_executed = Refusal::read(503, b"", wait).into_run_error();
    assert!(matches!(not_executed, RunError::NotExecuted { retry_after, .. } if retry_after == wait));
    let locked = Refusal::read(400, br#"{"error":{"code":"conversation_locked"}}"#, wait).into_run_error();
    assert_eq!(locked, RunError::Locked { retry_after: wait });
}
