//! The table of refusals, row by row: what servers really say and what we make of it.

use super::*;

fn not_executed(what: &str) -> RunError {
    RunError::NotExecuted {
        what: what.to_owned(),
        retry_after: None,
    }
}

fn lost(what: &str) -> RunError {
    RunError::ThreadLost { what: what.to_owned() }
}

fn rejected(what: &str) -> RunError {
    RunError::Rejected { what: what.to_owned() }
}

fn check(rows: &[(u16, &str, RunError)]) {
    for (status, body, expected) in rows {
        let sorted = Refusal::read(*status, body, None).sorted();
        assert_eq!(sorted, *expected, "{status} {body}");
    }
}

#[test]
fn openai_refusals_are_sorted_by_what_may_be_done() {
    check(&[
        (
            404,
            r#"{"error":{"message":"Conversation with id 'conv_a' not found.","type":"invalid_request_error","param":null,"code":null}}"#,
            lost("404 conversation_not_found"),
        ),
        (
            400,
            r#"{"error":{"message":"Another process is currently operating on this conversation.","type":"invalid_request_error","param":"conversation","code":"conversation_locked"}}"#,
            RunError::Locked,
        ),
        (
            400,
            r#"{"error":{"message":"No tool output found for function call call_a.","type":"invalid_request_error","param":"input","code":null}}"#,
            lost("400 no_tool_output"),
        ),
        (
            400,
            r#"{"error":{"message":"No tool call found for function call output with call_id call_a.","param":"input","code":null}}"#,
            lost("400 no_tool_call"),
        ),
        (
            400,
            r#"{"error":{"message":"Your input exceeds the context window of this model.","param":"input","code":"context_length_exceeded"}}"#,
            lost("400 context_length_exceeded"),
        ),
        (
            400,
            r#"{"error":{"message":"Invalid 'conversation': 'thread_a'. Expected an ID that begins with 'conv'.","param":"conversation","code":"invalid_value"}}"#,
            lost("400 invalid_value"),
        ),
        (
            400,
            r#"{"error":{"message":"Unknown parameter: 'x'.","type":"invalid_request_error","param":"x","code":"unknown_parameter"}}"#,
            rejected("400 unknown_parameter"),
        ),
        (422, "{}", rejected("422")),
        (409, r#"{"error":{"message":"Conflict"}}"#, not_executed("409")),
    ]);
}

#[test]
fn rate_limits_wait_but_an_empty_account_does_not() {
    check(&[
        (
            429,
            r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#,
            not_executed("429 rate_limit_exceeded"),
        ),
        (429, "<html>429 Too Many Requests</html>", not_executed("429")),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":null}}"#,
            unavailable("429 insufficient_quota"),
        ),
        (
            429,
            r#"{"error":{"message":"Your account is not active","code":"billing_not_active"}}"#,
            unavailable("429 billing_not_active"),
        ),
        (
            429,
            r#"{"error":{"message":"Request too large for gpt on tokens per min (TPM): Limit 30000, Requested 31000.","type":"tokens","code":"rate_limit_exceeded"}}"#,
            lost("429 rate_limit_exceeded"),
        ),
    ]);
}

#[test]
fn key_model_and_address_are_the_operators_to_mend() {
    check(&[
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-***.","code":"invalid_api_key"}}"#,
            unavailable("401 invalid_api_key"),
        ),
        (
            403,
            r#"{"error":{"message":"Country not supported","code":"unsupported_country_region_territory"}}"#,
            unavailable("403 unsupported_country_region_territory"),
        ),
        (
            404,
            r#"{"error":{"message":"The model 'gpt-9' does not exist","param":"model","code":"model_not_found"}}"#,
            unavailable("404 model_not_found"),
        ),
        (
            400,
            r#"{"error":{"message":"The requested model 'gpt-9' does not exist.","param":"model","code":"model_not_found"}}"#,
            unavailable("400 model_not_found"),
        ),
        (301, "", unavailable("301")),
    ]);
}

#[test]
fn a_server_error_may_have_run_unless_it_is_503() {
    check(&[
        (503, "<html>503</html>", not_executed("503")),
        (503, r#"{"error":{"code":"slow_down"}}"#, not_executed("503 slow_down")),
    ]);
    for status in [408, 500, 502, 504, 520, 522, 524, 529] {
        let sorted = Refusal::read(status, "<html>oops</html>", None).sorted();
        assert_eq!(sorted, unknown(&status.to_string()));
    }
}

#[test]
fn bodies_off_the_specification_keep_their_status() {
    check(&[
        (
            404,
            r#"{"error":"model 'x' not found"}"#,
            unavailable("404 model_not_found"),
        ),
        (404, "<html><center>nginx</center></html>", rejected("404")),
        (
            400,
            r#"{"error":{"code":400,"message":"bad","type":"invalid_request_error"}}"#,
            rejected("400 400"),
        ),
        (
            400,
            r#"{"object":"error","message":"bad","type":"BadRequestError","code":40303}"#,
            rejected("400 40303"),
        ),
        (400, r#"{"error":null}"#, rejected("400")),
        (400, "[1,2]", rejected("400")),
        (400, "", rejected("400")),
    ]);
}

#[test]
fn nothing_a_body_quotes_reaches_the_error() {
    let body = r#"{"error":{"message":"Invalid input: 'my phone is 555'","type":"my phone is 555","code":"my phone is 555","param":"my phone is 555"}}"#;
    let refusal = Refusal::read(400, body, None);
    assert!(!format!("{refusal:?}").contains("555"));
    assert_eq!(refusal.sorted(), rejected("400"));
}

#[test]
fn a_failed_response_is_sorted_like_its_status() {
    let sorted = |code: &str| failed(&serde_json::json!({"code": code, "message": "Something."}));
    assert_eq!(sorted("server_error"), unknown("server_error"));
    assert_eq!(sorted("rate_limit_exceeded"), not_executed("429 rate_limit_exceeded"));
    assert_eq!(sorted("insufficient_quota"), unavailable("429 insufficient_quota"));
    assert_eq!(sorted("context_length_exceeded"), lost("400 context_length_exceeded"));
    assert_eq!(sorted("invalid_prompt"), rejected("400 invalid_prompt"));
    assert_eq!(sorted("brand_new_code"), unknown("brand_new_code"));
    assert_eq!(failed(&Value::Null), unknown("failed"));
}

#[test]
fn retry_after_is_read_in_all_its_forms() {
    let now: DateTime<Utc> = "2026-11-22T10:00:00Z".parse().unwrap();
    let read = |millis, header| retry_after(millis, header, now);
    assert_eq!(read(Some("1500"), Some("7")), Some(Duration::from_millis(1500)));
    assert_eq!(read(None, Some("7")), Some(Duration::from_secs(7)));
    assert_eq!(read(None, Some(" 0.5 ")), Some(Duration::from_millis(500)));
    assert_eq!(read(Some("soon"), Some("7")), Some(Duration::from_secs(7)));
    let date = |text| read(None, Some(text));
    assert_eq!(date("Sun, 22 Nov 2026 10:00:09 GMT"), Some(Duration::from_secs(9)));
    assert_eq!(date("Sun, 22 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
    for nonsense in ["-1", "NaN", "inf", "tomorrow", "", "1e300"] {
        assert_eq!(date(nonsense), None, "{nonsense}");
    }
    assert_eq!(read(None, None), None);
}

#[test]
fn what_a_refusal_asks_to_wait_is_handed_on() {
    let wait = Some(Duration::from_secs(3));
    let sorted = Refusal::read(503, "", wait).sorted();
    assert!(matches!(sorted, RunError::NotExecuted { retry_after, .. } if retry_after == wait));
}
