//! The request as it stands on the wire, and answers of all shapes a server may find.

use serde_json::json;

use super::*;
use crate::assistant::messages::RunThread;
use crate::domain::{HistoryLine, ToolDefinition, ToolOutput};

fn run() -> StartRun {
    StartRun {
        chat: ChatId(42),
        turn: 7,
        thread: RunThread::New,
        input: RunInput::Lines(vec![
            HistoryLine::user("Hello"),
            HistoryLine::assistant("Good day"),
            HistoryLine::developer("It is Monday"),
        ]),
        instructions: "Be brief.".to_owned(),
        tools: vec![ToolDefinition {
            name: "report_gap",
            description: "A question without an answer.",
            parameters: json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false}),
        }],
        without_tools: false,
        max_output_tokens: 2000,
    }
}

fn on_wire(run: &StartRun, effort: Option<&'static str>) -> Value {
    let setting = Setting {
        model: "gpt-x",
        effort,
        safety_identifier: "hash",
    };
    let thread = ThreadId("conv_1".to_owned());
    serde_json::to_value(RunRequest::new(run, &thread, &setting)).unwrap()
}

fn read_answer(body: Value) -> Result<RunAnswer, RunError> {
    answer(ThreadId("conv_1".to_owned()), body)
}

#[test]
fn a_request_says_all_that_was_agreed_and_nothing_else() {
    let run = run();
    let mut body = on_wire(&run, None);
    let key = body["prompt_cache_key"].take();
    assert_eq!(key.as_str().map(str::len), Some(64));
    let expected = json!({
        "model": "gpt-x",
        "conversation": "conv_1",
        "instructions": "Be brief.",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Good day"}]},
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "It is Monday"}]},
        ],
        "tools": [{
            "type": "function",
            "name": "report_gap",
            "description": "A question without an answer.",
            "parameters": run.tools[0].parameters,
            "strict": true,
        }],
        "parallel_tool_calls": false,
        "max_output_tokens": 2000,
        "store": true,
        "safety_identifier": "hash",
        "prompt_cache_key": null,
    });
    assert_eq!(body, expected);
}

#[test]
fn the_last_run_still_names_the_tools_it_may_not_call() {
    let mut run = run();
    run.without_tools = true;
    run.input = RunInput::Outputs(vec![ToolOutput {
        call_id: "call_1".to_owned(),
        output: "{}".to_owned(),
    }]);
    let body = on_wire(&run, Some("low"));
    assert_eq!(body["tool_choice"], "none");
    assert_eq!(body["tools"][0]["name"], "report_gap");
    assert_eq!(body["reasoning"], json!({"effort": "low"}));
    let output = json!([{"type": "function_call_output", "call_id": "call_1", "output": "{}"}]);
    assert_eq!(body["input"], output);
    run.tools.clear();
    let body = on_wire(&run, None);
    assert_eq!((body.get("tools"), body.get("tool_choice")), (None, None));
}

#[test]
fn the_cache_key_changes_with_instructions_and_tools_alone() {
    let key = |run: &StartRun| on_wire(run, None)["prompt_cache_key"].clone();
    let base = run();
    let mut other_customer = run();
    other_customer.chat = ChatId(43);
    other_customer.input = RunInput::Lines(vec![]);
    assert_eq!(key(&base), key(&other_customer));
    let (mut instructed, mut equipped) = (run(), run());
    instructed.instructions.push('!');
    equipped.tools.clear();
    assert_ne!(key(&base), key(&instructed));
    assert_ne!(key(&base), key(&equipped));
}

#[test]
fn a_customer_is_known_by_a_salted_hash() {
    let id = safety_identifier("shop", ChatId(42));
    assert_eq!(id.len(), 64);
    assert_eq!(id, safety_identifier("shop", ChatId(42)));
    assert_ne!(id, safety_identifier("shop", ChatId(43)));
    assert_ne!(id, safety_identifier("other", ChatId(42)));
}

#[test]
fn text_of_all_parts_and_tool_calls_are_kept_in_order() {
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
fn an_answer_is_its_text_without_the_models_thoughts() {
    let read = |text: &str| {
        let content = json!([{"type": "output_text", "text": text}]);
        read_answer(json!({"output": [{"type": "message", "content": content}]}))
            .unwrap()
            .text
    };
    assert_eq!(read("<think>Anna asks.</think>\n\nGood day"), "Good day");
    assert_eq!(read("<think>Anna asks."), "");
}

#[test]
fn missing_or_foreign_fields_never_fail_an_answer() {
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
fn a_refusal_is_the_text_of_a_refused_answer() {
    let read = read_answer(json!({"status": "completed", "output": [
        {"type": "message", "content": [{"type": "refusal", "refusal": "I will not."}]},
    ]}))
    .unwrap();
    assert_eq!((read.text.as_str(), read.status), ("I will not.", RunStatus::Refused));
}

#[test]
fn an_incomplete_answer_is_no_failure_and_a_filtered_one_refused() {
    let read = |reason: &str| {
        read_answer(json!({"status": "incomplete", "incomplete_details": {"reason": reason}, "output": []})).unwrap()
    };
    assert_eq!(read("max_output_tokens").status, RunStatus::Incomplete);
    assert_eq!(read("something_new").status, RunStatus::Incomplete);
    assert_eq!(read("content_filter").status, RunStatus::Refused);
}

#[test]
fn a_response_that_failed_is_sorted_by_its_code() {
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
fn an_answer_that_says_nothing_readable_is_unknown() {
    let nameless = json!([{"type": "function_call", "name": "report_gap", "arguments": "{}"}]);
    for body in [
        json!({}),
        json!([]),
        json!("hi"),
        json!({"output": 5}),
        json!({"output": nameless}),
    ] {
        assert_eq!(read_answer(body), Err(errors::unknown("unreadable")));
    }
    for body in [json!({}), json!({"id": ""}), json!({"id": 5}), json!([])] {
        assert_eq!(conversation(&body), Err(errors::unknown("unreadable")));
    }
    assert_eq!(
        conversation(&json!({"id": "conv_1"})),
        Ok(ThreadId("conv_1".to_owned()))
    );
}
