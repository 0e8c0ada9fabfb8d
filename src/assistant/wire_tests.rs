//! Requests as serialised.

use domain::HistoryLine;
use serde_json::json;

use super::*;
use crate::assistant::messages::RunThread;
use crate::assistant::messages::{ToolDefinition, ToolOutput};

fn run() -> StartRun {
    StartRun {
        chat: ChatId(42),
        turn: 7,
        thread: RunThread::New,
        input: RunInput::Lines(
            [
                HistoryLine::user("Hello"),
                HistoryLine::assistant("Good day"),
                HistoryLine::developer("It is Monday"),
            ]
            .into(),
        ),
        instructions: "Be brief.".into(),
        tools: [ToolDefinition {
            name: "report_gap",
            description: "A question without an answer.",
            parameters: json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false}),
        }]
        .into(),
        without_tools: false,
        max_output_tokens: 2000,
    }
}

fn on_wire(run: &StartRun, effort: Option<&'static str>) -> Value {
    let setting = Setting {
        model: "gpt-x",
        effort,
        safety_identifier: "hash",
        standing: &Standing::new(&run.instructions, &run.tools).unwrap(),
    };
    let thread = ThreadId("conv_1".to_owned());
    serde_json::to_value(RunRequest::new(run, &thread, &setting)).unwrap()
}

#[test]
fn a_request_contains_exactly_the_expected_fields() {
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
            {"type": "message", "role": "assistant", "content": "Good day"},
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
fn the_last_run_lists_the_tools_but_may_not_call_them() {
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
    run.tools = [].into();
    let body = on_wire(&run, None);
    assert_eq!((body.get("tools"), body.get("tool_choice")), (None, None));
}

#[test]
fn the_cache_key_changes_only_with_instructions_and_tools() {
    let key = |run: &StartRun| on_wire(run, None)["prompt_cache_key"].clone();
    let base = run();
    let mut other_customer = run();
    other_customer.chat = ChatId(43);
    other_customer.input = RunInput::Lines([].into());
    assert_eq!(key(&base), key(&other_customer));
    let (mut instructed, mut equipped) = (run(), run());
    instructed.instructions = "Be brief!".into();
    equipped.tools = [].into();
    assert_ne!(key(&base), key(&instructed));
    assert_ne!(key(&base), key(&equipped));
}

#[test]
fn a_customer_is_identified_by_a_salted_hash() {
    let id = safety_identifier("shop", ChatId(42));
    assert_eq!(id.len(), 64);
    assert_eq!(id, safety_identifier("shop", ChatId(42)));
    assert_ne!(id, safety_identifier("shop", ChatId(43)));
    assert_ne!(id, safety_identifier("other", ChatId(42)));
}
