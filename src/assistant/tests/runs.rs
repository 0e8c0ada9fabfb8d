//! Runs that are answered.

use domain::{HistoryLine, ThreadId};
use sandbox::{Answer, Fault, Run};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::super::check;
use super::super::messages::{RunError, RunInput, StartRun};
use super::{Bench, on, says};
use crate::assistant::messages::{RunStatus, ToolOutput};
use crate::config::Secret;

fn call_then_text(run: &Run) -> Answer {
    match run.tool_outputs.first() {
        Some((name, output)) => Answer::Text(format!("{name}: {}", output["said"])),
        None if run.tool_choice_none => Answer::Text("no tools".to_owned()),
        None => Answer::Call {
            name: "report_gap".to_owned(),
            arguments: json!({"question": "when?"}),
        },
    }
}

#[actix_rt::test]
async fn the_first_run_of_a_customer_makes_his_thread() {
    let bench = Bench::new();
    let answer = bench.run(says("hello")).await.unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.status),
        ("echo: hello", RunStatus::Completed)
    );
    assert_eq!(bench.sandbox.openai().conversations(), [answer.thread.0.as_str()]);
    assert!(answer.usage.input_tokens > 0 && answer.usage.output_tokens > 0);
    assert!(answer.calls.is_empty());
    assert_eq!(bench.sandbox.violations(), [""; 0]);
}

#[actix_rt::test]
async fn a_later_run_adds_only_what_is_new_to_the_thread() {
    let bench = Bench::new();
    let first = bench.run(says("one")).await.unwrap();
    let second = bench.run(on(&first.thread, says("two"))).await.unwrap();
    assert_eq!((second.text.as_str(), &second.thread), ("echo: two", &first.thread));
    let requests = bench.sandbox.openai().requests();
    let inputs: Vec<_> = requests.iter().map(|run| run.input.as_array().unwrap().len()).collect();
    assert_eq!(inputs, [1, 1]);
    assert_eq!(bench.sandbox.openai().items(&first.thread.0).len(), 4);
}

#[actix_rt::test]
async fn history_of_all_roles_is_accepted_on_a_new_thread() {
    let bench = Bench::new();
    let lines = [
        HistoryLine::user("earlier"),
        HistoryLine::assistant("indeed"),
        HistoryLine::developer("The contact is saved."),
        HistoryLine::user("now"),
    ];
    let run = StartRun {
        input: RunInput::Lines(lines.to_vec()),
        ..says("")
    };
    assert_eq!(bench.run(run).await.unwrap().text, "echo: now");
    assert_eq!(bench.sandbox.violations(), [""; 0]);
}

#[actix_rt::test]
async fn outputs_of_a_call_are_handed_in_by_its_id() {
    let bench = Bench::answering(call_then_text);
    let asked = bench.run(says("when?")).await.unwrap();
    let [call] = asked.calls.as_slice() else {
        panic!("{asked:?}");
    };
    assert_eq!(
        (call.name.as_str(), call.arguments.as_str()),
        ("report_gap", r#"{"question":"when?"}"#)
    );
    let output = ToolOutput {
        call_id: call.call_id.clone(),
        output: r#"{"said":"soon"}"#.to_owned(),
    };
    let outputs = StartRun {
        input: RunInput::Outputs(vec![output]),
        ..on(&asked.thread, says(""))
    };
    assert_eq!(bench.run(outputs).await.unwrap().text, r#"report_gap: "soon""#);
    assert_eq!(bench.sandbox.violations(), [""; 0]);
}

#[actix_rt::test]
async fn a_run_without_tools_is_answered_in_words() {
    let bench = Bench::answering(call_then_text);
    let run = StartRun {
        without_tools: true,
        ..says("when?")
    };
    assert_eq!(bench.run(run).await.unwrap().text, "no tools");
}

#[actix_rt::test]
async fn a_customer_stays_a_hash_on_the_wire() {
    let bench = Bench::new();
    let run = StartRun {
        chat: domain::ChatId(918_273_645),
        ..says("hello")
    };
    bench.run(run).await.unwrap();
    let [seen] = bench.sandbox.openai().requests().try_into().unwrap();
    assert!(!seen.body.to_string().contains("918273645"));
    assert_eq!(seen.body["safety_identifier"].as_str().map(str::len), Some(64));
}

#[actix_rt::test]
async fn each_request_carries_its_own_id_for_support() {
    let mut bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    bench.config.base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let assistant = bench.assistant();
    for n in 1..=2 {
        let run = assistant.command(on(&ThreadId("conv_1".to_owned()), says("hello")));
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.unwrap());
        }
        drop(socket);
        let head = String::from_utf8(head).unwrap().to_lowercase();
        assert!(head.contains(&format!("x-client-request-id: turn-7-{n}\r\n")), "{head}");
        assert!(!head.contains("openai-organization"), "{head}");
        assert!(run.await.unwrap().is_err());
    }
}

#[actix_rt::test]
async fn an_item_nobody_knows_is_passed_over() {
    let bench = Bench::new();
    bench.fault(Fault::UnknownItem);
    assert_eq!(bench.run(says("hello")).await.unwrap().text, "echo: hello");
}

#[actix_rt::test]
async fn incomplete_refused_and_empty_answers_are_answers() {
    let bench = Bench::new();
    for (fault, status, has_text) in [
        (Fault::Incomplete, RunStatus::Incomplete, false),
        (Fault::Refusal, RunStatus::Refused, true),
        (Fault::Empty, RunStatus::Completed, false),
    ] {
        bench.fault(fault);
        let answer = bench.run(says("hello")).await.unwrap();
        assert_eq!((answer.status, !answer.text.is_empty()), (status, has_text));
    }
}

#[actix_rt::test]
async fn a_check_asks_for_the_model_without_a_run() {
    let mut bench = Bench::new();
    let checked = check(&bench.config).await.unwrap();
    assert_eq!((checked.name.as_str(), checked.shutdown_date), ("gpt-x", None));
    assert!(bench.sandbox.openai().requests().is_empty());
    bench.config.api_key = Secret::new("sk-wrong");
    let refused = check(&bench.config).await;
    assert!(matches!(refused, Err(RunError::Forbidden { what }) if what == "401 invalid_api_key"));
}
