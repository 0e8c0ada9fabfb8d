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

fn forbidden(what: &str) -> RunError {
    RunError::Forbidden { what: what.to_owned() }
}

fn declined(what: &str) -> RunError {
    RunError::Declined { what: what.to_owned() }
}

fn rejected(what: &str) -> RunError {
    RunError::Rejected { what: what.to_owned() }
}

fn check(rows: &[(u16, &str, RunError)]) {
    for (status, body, expected) in rows {
        let sorted = Refusal::read(*status, body.as_bytes(), None).sorted();
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
            RunError::Locked { retry_after: None },
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
            r#"{"error":{"message":"You exceeded your current quota, please check your plan.","type":null,"code":null}}"#,
            unavailable("429 insufficient_quota"),
        ),
        (
            400,
            r#"{"error":{"message":"Billing hard limit has been reached","code":"billing_hard_limit_reached"}}"#,
            unavailable("400 billing_hard_limit_reached"),
        ),
        (
            402,
            r#"{"error":{"message":"Insufficient credits","code":402}}"#,
            unavailable("402 402"),
        ),
        (402, "<html>", unavailable("402")),
        (
            429,
            r#"{"error":{"message":"Request too large for gpt on tokens per min (TPM): Limit 30000, Requested 31000.","type":"tokens","code":"rate_limit_exceeded"}}"#,
            lost("429 rate_limit_exceeded"),
        ),
    ]);
}

#[test]
fn key_model_and_address_may_be_refused_by_mistake() {
    check(&[
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-***.","code":"invalid_api_key"}}"#,
            forbidden("401 invalid_api_key"),
        ),
        (
            403,
            r#"{"error":{"message":"Country not supported","code":"unsupported_country_region_territory"}}"#,
            forbidden("403 unsupported_country_region_territory"),
        ),
        (
            404,
            r#"{"error":{"message":"The model 'gpt-9' does not exist","param":"model","code":"model_not_found"}}"#,
            forbidden("404 model_not_found"),
        ),
        (
            400,
            r#"{"error":{"message":"The requested model 'gpt-9' does not exist.","param":"model","code":"model_not_found"}}"#,
            forbidden("400 model_not_found"),
        ),
        (301, "", forbidden("301")),
        (407, "<html>proxy</html>", forbidden("407")),
        (403, "", forbidden("403")),
    ]);
}

#[test]
fn a_server_error_may_have_run_unless_it_is_503() {
    check(&[
        (503, "<html>503</html>", not_executed("503")),
        (503, r#"{"error":{"code":"slow_down"}}"#, not_executed("503 slow_down")),
    ]);
    for status in [408, 500, 502, 504, 520, 522, 524, 529] {
        let sorted = Refusal::read(status, b"<html>oops</html>", None).sorted();
        assert_eq!(sorted, unknown(&status.to_string()));
    }
}

#[test]
fn bodies_off_the_specification_keep_their_status() {
    check(&[
        (
            404,
            r#"{"error":"model 'x' not found"}"#,
            forbidden("404 model_not_found"),
        ),
        (404, "<html><center>nginx</center></html>", rejected("404")),
        (404, r#"{"detail":"Not Found"}"#, rejected("404")),
        (
            422,
            r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#,
            rejected("422"),
        ),
        (405, "Method Not Allowed", rejected("405")),
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
fn what_is_about_the_thread_or_its_input_is_not_the_requests_fault() {
    let about = |status, message: &str, param: &str| {
        let body = serde_json::json!({"error": {"message": message, "type": "invalid_request_error", "param": param}});
        Refusal::read(status, body.to_string().as_bytes(), None).sorted()
    };
    let reasoning = "Item 'rs_1' of type 'reasoning' was provided without its required following item.";
    let message = "Item 'msg_1' of type 'message' was provided without its required 'reasoning' item: 'rs_1'.";
    assert_eq!(about(400, reasoning, "input"), lost("400 broken_item"));
    assert_eq!(about(400, message, ""), lost("400 broken_item"));
    assert_eq!(
        about(404, "Item with id 'rs_1' not found.", "input"),
        lost("404 broken_item")
    );
    assert_eq!(
        about(400, "Duplicate item found with id msg_1.", "input"),
        lost("400 broken_item")
    );
    assert_eq!(
        about(400, "Something new.", "input[3].content"),
        lost("400 invalid_request_error")
    );
    assert_eq!(about(404, "Something new.", "input"), lost("404 invalid_request_error"));
    assert_eq!(
        about(400, "Something new.", "reasoning.effort"),
        rejected("400 invalid_request_error")
    );
    check(&[
        (
            404,
            r#"{"detail":"Conversation not found"}"#,
            lost("404 conversation_not_found"),
        ),
        (413, "<html>Request Entity Too Large</html>", lost("413")),
        (
            400,
            r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
            lost("400 400"),
        ),
    ]);
}

#[test]
fn words_that_a_filter_declines_are_a_refusal() {
    check(&[
        (
            400,
            r#"{"error":{"message":"Invalid prompt: your prompt was flagged.","code":"invalid_prompt"}}"#,
            declined("400 invalid_prompt"),
        ),
        (
            400,
            r#"{"error":{"code":"content_filter","message":"…"}}"#,
            declined("400 content_filter"),
        ),
        (
            403,
            r#"{"error":{"code":403,"message":"Your input was flagged"}}"#,
            declined("403 403"),
        ),
    ]);
}

#[test]
fn a_refusal_with_half_an_emoji_is_read_all_the_same() {
    check(&[
        (
            400,
            r#"{"error":{"message":"half \ud83d","code":"conversation_locked"}}"#,
            RunError::Locked { retry_after: None },
        ),
        (
            401,
            "\u{feff}{\"error\":{\"message\":\"two\nlines\",\"code\":\"invalid_api_key\"}}",
            forbidden("401 invalid_api_key"),
        ),
        (
            429,
            r#"[{"error":{"code":429,"message":"You exceeded your current quota"}}]"#,
            unavailable("429 429"),
        ),
    ]);
}

#[test]
fn nothing_a_body_quotes_reaches_the_error() {
    let body = r#"{"error":{"message":"Invalid input: 'my phone is 555'","type":"my phone is 555","code":"my phone is 555","param":"my phone is 555"}}"#;
    let refusal = Refusal::read(400, body.as_bytes(), None);
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
    assert_eq!(sorted("invalid_prompt"), declined("400 invalid_prompt"));
    assert_eq!(sorted("503"), not_executed("503 503"));
    assert_eq!(sorted("99999"), unknown("99999"));
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
fn what_a_refusal_asks_to_wait_is_handed_on() {
    let wait = Some(Duration::from_secs(3));
    let sorted = Refusal::read(503, b"", wait).sorted();
    assert!(matches!(sorted, RunError::NotExecuted { retry_after, .. } if retry_after == wait));
    let locked = Refusal::read(400, br#"{"error":{"code":"conversation_locked"}}"#, wait).sorted();
    assert_eq!(locked, RunError::Locked { retry_after: wait });
}
