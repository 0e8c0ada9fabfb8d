//! Runs that succeed.

use domain::{HistoryLine, ThreadId};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::super::check;
use super::super::messages::{RunError, RunInput, StartRun};
use super::{Bench, on, says};
use crate::assistant::messages::RunStatus;
use crate::config::Secret;

#[actix_rt::test]
async fn the_first_run_of_a_customer_creates_their_thread() {
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
async fn a_later_run_adds_only_new_lines_to_the_thread() {
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
        input: RunInput::Lines(lines.into()),
        ..says("")
    };
    assert_eq!(bench.run(run).await.unwrap().text, "echo: now");
    assert_eq!(bench.sandbox.violations(), [""; 0]);
}

#[actix_rt::test]
async fn each_request_has_its_own_id_for_support() {
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
async fn a_check_loads_the_model_without_a_run() {
    let mut bench = Bench::new();
    let checked = check(&bench.config).await.unwrap();
    assert_eq!((checked.name.as_str(), checked.shutdown_date), ("gpt-x", None));
    assert!(bench.sandbox.openai().requests().is_empty());
    bench.config.api_key = Secret::new("sk-wrong");
    let refused = check(&bench.config).await;
    assert!(matches!(refused, Err(RunError::Forbidden { what }) if what == "401 invalid_api_key"));
}
