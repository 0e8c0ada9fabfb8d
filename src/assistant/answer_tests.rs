//! Responses of all shapes: real ones and generated ones.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[expect(clippy::needless_pass_by_value, reason = "a body is written where it is read")]
fn read_answer(body: Value) -> Result<RunAnswer, RunError> {
    answer(
        ThreadId("conv_1".to_owned()),
        Response::read(body.to_string().as_bytes())?,
    )
}

fn says(text: &str) -> Value {
    json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]})
}

/// The text of an answer that has these items.
fn text_of(output: &Value) -> String {
    read_answer(json!({"status": "completed", "output": output}))
        .unwrap()
        .text
}

#[test]
fn all_text_parts_and_tool_calls_keep_their_order() {
    let read = read_answer(json!({
        "status": "completed",
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "hologram", "content": {"frames": 3}},
            {"type": "message", "status": "dreaming", "content": [
                {"type": "output_text", "text": "One."},
                {"type": "output_smell", "text": "Roses."},
                {"type": "output_text", "text": "Two."},
            ]},
            {"type": "function_call", "call_id": "call_1", "name": "save_contact", "arguments": "{\"name\":\"Ann\"}"},
            {"type": "function_call", "call_id": "call_2", "name": "report_gap", "arguments": {"question": "?"}},
            "not an object",
        ],
        "usage": {"input_tokens": 12, "output_tokens": 5, "total_tokens": 17},
    }))
    .unwrap();
    assert_eq!(read.text, "One.\nTwo.");
    assert_eq!(read.status, RunStatus::Completed);
    let calls: Vec<_> = read
        .calls
        .iter()
        .map(|call| (call.call_id.as_str(), call.arguments.as_str()))
        .collect();
    assert_eq!(
        calls,
        [("call_1", "{\"name\":\"Ann\"}"), ("call_2", "{\"question\":\"?\"}")]
    );
    assert_eq!((read.usage.input_tokens, read.usage.output_tokens), (12, 5));
}

#[test]
fn missing_or_unknown_fields_never_fail_an_answer() {
    let text = json!([{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}]);
    for body in [
        json!({"output": text}),
        json!({"output": text, "status": "glowing", "usage": null, "error": null, "incomplete_details": null}),
        json!({"output": text, "status": 7, "usage": {"input_tokens": "many"}, "service_tier": "moon"}),
    ] {
        let read = read_answer(body).unwrap();
        assert_eq!((read.text.as_str(), read.status), ("Hi", RunStatus::Completed));
        assert_eq!(read.usage, Usage::default());
    }
}

#[test]
fn the_refusal_is_the_text_of_a_refused_answer() {
    let read = read_answer(json!({"status": "completed", "output": [
        {"type": "message", "content": [{"type": "refusal", "refusal": "I will not."}]},
    ]}))
    .unwrap();
    assert_eq!((read.text.as_str(), read.status), ("I will not.", RunStatus::Refused));
}

#[test]
fn an_incomplete_answer_is_valid_and_a_filtered_one_is_refused() {
    let read = |reason: &str| {
        read_answer(json!({"status": "incomplete", "incomplete_details": {"reason": reason}, "output": []})).unwrap()
    };
    assert_eq!(read("max_output_tokens").status, RunStatus::Incomplete);
    assert_eq!(read("something_new").status, RunStatus::Incomplete);
    assert_eq!(read("content_filter").status, RunStatus::Refused);
}

#[test]
fn a_failed_response_is_classified_by_its_code() {
    let failed = |code: &str| read_answer(json!({"status": "failed", "error": {"code": code}, "output": []}));
    assert!(matches!(failed("server_error"), Err(RunError::Unknown { .. })));
    assert!(matches!(
        failed("rate_limit_exceeded"),
        Err(RunError::NotExecuted { .. })
    ));
    let bare = read_answer(json!({"error": {"code": "rate_limit_exceeded"}}));
    assert!(matches!(bare, Err(RunError::NotExecuted { .. })));
    assert_eq!(read_answer(json!({"status": "failed"})), Err(errors::unknown("failed")));
    assert_eq!(
        read_answer(json!({"status": "queued", "output": []})),
        Err(errors::unknown("queued"))
    );
}

#[test]
fn an_unreadable_answer_has_an_unknown_outcome() {
    let nameless = json!([{"type": "function_call", "name": "report_gap", "arguments": "{}"}]);
    for body in [
        json!({}),
        json!([]),
        json!("hi"),
        json!({"output": 5}),
        json!({"output": null, "status": "glowing"}),
        json!({"output": nameless}),
    ] {
        assert_eq!(read_answer(body), Err(errors::unknown("unreadable")));
    }
    for body in [json!({}), json!({"id": ""}), json!({"id": 5}), json!([])] {
        assert_eq!(
            conversation(body.to_string().as_bytes()),
            Err(errors::unknown("unreadable"))
        );
    }
    assert_eq!(conversation(br#"{"id":"conv_1"}"#), Ok(ThreadId("conv_1".to_owned())));
}

#[test]
fn a_duplicate_json_member_does_not_lose_the_answer() {
    let body = r#"{"status":"in_progress","status":"completed","output":[{"content":"Hi."}]}"#;
    let read = answer(ThreadId("conv_1".to_owned()), Response::read(body.as_bytes()).unwrap());
    assert_eq!(read.unwrap().text, "Hi.");
}

#[test]
fn an_invalid_body_is_repaired_anywhere() {
    for body in [
        &b"{\"instructions\":\"one\ntwo\",\"output\":\"Hi \\ud83d.\"}"[..],
        b"{\"instructions\":\"\\ud83d\",\"output\":\"Hi \\ud83d.\"}",
        b"{\"instructions\":\"\xff\",\"output\":\"Hi \\u0000.\"}",
        b"\xef\xbb\xbf{\"output\":\"Hi \xff.\"}",
        b"{\"usage\":{\"input_tokens\":NaN},\"output\":\"Hi \\ud83d.\"}",
    ] {
        let read = answer(ThreadId("conv_1".to_owned()), Response::read(body).unwrap());
        assert_eq!(read.unwrap().text, "Hi \u{fffd}.", "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn text_repeated_across_items_is_kept_once() {
    let phased = |phase: &str, text: &str| json!({"type": "message", "phase": phase, "content": text});
    let rows = [
        (json!([says("Hi."), says("Hi.")]), "Hi."),
        (
            json!([says("Hi."), says("Hi. All"), says("Hi. All is well.")]),
            "Hi. All is well.",
        ),
        (json!([says("Hi."), says("All is well.")]), "Hi.\n\nAll is well."),
        (
            json!([{"type": "message", "content": [{"type": "output_text", "text": "Hi."}, {"type": "output_text", "text": "Hi."}]}]),
            "Hi.",
        ),
        (
            json!([phased("commentary", "Let me see."), phased("final_answer", "Hi.")]),
            "Hi.",
        ),
        (json!([phased("commentary", "Let me see."), says("Hi.")]), "Hi."),
        (json!([phased("commentary", "Let me see.")]), "Let me see."),
        (json!([phased("final_answer", " "), says("Hi.")]), "Hi."),
        (json!([says("<think>Ann asks.</think>\n\nHi."), says("Hi.")]), "Hi."),
        (json!([says("<think>Ann asks.</think>")]), ""),
        (
            json!([phased("final_answer", "<think>Ann asks.</think>"), says("Hi.")]),
            "Hi.",
        ),
        (json!([says("<think>\nAnn asks")]), ""),
    ];
    for (output, text) in rows {
        assert_eq!(text_of(&output), text, "{output}");
    }
}

#[test]
fn text_is_found_in_every_place_servers_put_it() {
    let rows = [
        json!([{"type": "message", "content": "Hi."}]),
        json!([{"role": "assistant", "content": ["Hi."]}]),
        json!([{"type": "message", "content": {"type": "text", "text": "Hi."}}]),
        json!([{"type": "message", "content": [{"text": {"value": "Hi.", "annotations": []}}]}]),
        json!([{"type": "output_text", "text": "Hi."}]),
        json!([null, 5, {"type": "message", "content": null}, says("Hi.")]),
        json!([{"type": "message", "role": "user", "content": "Hello"}, says("Hi.")]),
        json!([{"type": "reasoning", "content": [{"type": "reasoning_text", "text": "Hm."}]}, says("Hi.")]),
        says("Hi."),
        json!("Hi."),
    ];
    for output in rows {
        assert_eq!(text_of(&output), "Hi.", "{output}");
    }
    for output in [json!(null), json!([]), json!([{"type": "message", "content": []}])] {
        let body = json!({"status": "completed", "output": output, "output_text": "Hi."});
        assert_eq!(read_answer(body).unwrap().text, "Hi.");
    }
    let both = json!({"status": "completed", "output": [says("Hi.")], "output_text": "Hi."});
    assert_eq!(read_answer(both).unwrap().text, "Hi.");
}

#[test]
fn a_completed_answer_without_output_is_empty_an_unfinished_one_unknown() {
    for body in [
        json!({"status": "completed", "output": null}),
        json!({"status": "COMPLETED"}),
        json!({"status": "completed", "output": [{"type": "message", "content": [{"type": "refusal", "refusal": ""}]}]}),
    ] {
        let read = read_answer(body).unwrap();
        assert_eq!((read.text.as_str(), read.status), ("", RunStatus::Completed));
    }
    for status in ["queued", "in_progress", "cancelled", "expired"] {
        let body = json!({"status": status, "output": [says("Hi.")]});
        assert_eq!(read_answer(body), Err(errors::unknown(status)));
    }
}

#[test]
fn an_error_in_a_response_counts_unless_there_is_a_complete_answer() {
    let rate = json!({"error": {"code": 429, "message": "Rate limited"}, "output": []});
    assert_eq!(read_answer(rate), Err(errors::not_executed("429 429")));
    let quota = json!({"error": "You exceeded your current quota", "status": "completed", "output": []});
    assert_eq!(read_answer(quota), Err(errors::unavailable("429 insufficient_quota")));
    let key = json!({"status": "failed", "error": {"code": 401, "message": "No auth"}});
    assert_eq!(
        read_answer(key),
        Err(RunError::Forbidden {
            what: "401 401".to_owned()
        })
    );
    let partial = json!({"status": "glowing", "error": {"code": "server_error"}, "output": [says("Hi.")]});
    assert_eq!(read_answer(partial), Err(errors::unknown("server_error")));
    for error in [
        json!(null),
        json!({}),
        json!(""),
        json!(false),
        json!({"code": "warning"}),
    ] {
        let body = json!({"status": "completed", "error": error, "output": [says("Hi.")]});
        assert_eq!(read_answer(body).unwrap().text, "Hi.", "{error}");
    }
}

#[test]
fn a_refusal_is_found_beside_text_and_on_the_message() {
    let part = json!({"type": "refusal", "refusal": "I will not."});
    for output in [
        json!([{"type": "message", "content": [{"type": "output_text", "text": "Well,"}, part]}]),
        json!([says("Well,"), {"type": "message", "content": null, "refusal": "I will not."}]),
    ] {
        let read = read_answer(json!({"status": "completed", "output": output})).unwrap();
        assert_eq!((read.text.as_str(), read.status), ("I will not.", RunStatus::Refused));
    }
}

#[test]
fn a_duplicate_tool_call_counts_once_and_a_call_needs_an_id() {
    let call = |call_id: &str| json!({"type": "function_call", "id": "fc_1", "call_id": call_id, "name": "report_gap", "arguments": null});
    let read = |output: Value| {
        read_answer(json!({"status": "completed", "output": output}))
            .unwrap()
            .calls
    };
    let calls = read(json!([call("call_1"), call("call_1"), call("")]));
    let ids: Vec<&str> = calls.iter().map(|call| call.call_id.as_str()).collect();
    assert_eq!(ids, ["call_1", "fc_1"]);
    assert_eq!(calls[0].arguments, "null");
}

#[test]
fn token_counts_are_read_in_every_format() {
    for (count, read) in [
        (json!(12), 12),
        (json!("12"), 12),
        (json!(12.7), 12),
        (json!(-5), 0),
        (json!(1e300), 10_000_000),
        (json!(u64::MAX), 10_000_000),
        (json!("NaN"), 0),
        (json!([]), 0),
    ] {
        let body = json!({"output": [says("Hi.")], "usage": {"input_tokens": count}});
        assert_eq!(read_answer(body).unwrap().usage.input_tokens, read, "{count}");
    }
}

/// The significant words of a response, far more frequent than by chance.
const WORDS: [&str; 24] = [
    "status",
    "output",
    "output_text",
    "error",
    "usage",
    "type",
    "message",
    "content",
    "text",
    "refusal",
    "function_call",
    "call_id",
    "name",
    "arguments",
    "completed",
    "incomplete",
    "failed",
    "queued",
    "role",
    "assistant",
    "phase",
    "code",
    "incomplete_details",
    "input_tokens",
];

fn any_answer() -> impl Strategy<Value = Value> {
    let word = || prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(word(), inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Nothing panics, the result can be used, and only an explicit error is final.
    #[test]
    fn any_json_is_an_answer_or_a_classified_error(body in any_answer()) {
        match read_answer(body) {
            Ok(answer) => {
                prop_assert!(answer.calls.iter().all(|call| !call.call_id.is_empty()));
                prop_assert!(answer.usage.input_tokens >= 0 && answer.usage.output_tokens >= 0);
            }
            Err(error) => {
                let is_retried = matches!(error, RunError::Unknown { .. } | RunError::NotExecuted { .. });
                prop_assert!(is_retried, "{error:?}");
            }
        }
    }
}
