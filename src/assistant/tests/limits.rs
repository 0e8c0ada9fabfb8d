//! The breaker, the permits, the steps, the guard, and their log events.

use std::sync::Arc;
use std::time::Duration;

use base::{Moment, Step, StepFault, StepHook, StepName, Steps};
use sandbox::Fault;

use super::super::errors::{unavailable, unknown};
use super::super::messages::{RunError, StartRun};
use super::{Bench, LIMIT, says};
use crate::runtime::PortError;

#[actix_rt::test]
async fn queued_runs_are_not_made_once_the_quota_is_exhausted() {
    let mut bench = Bench::new();
    bench.config.concurrency = 1;
    bench.fault(Fault::Quota);
    let assistant = bench.assistant();
    let runs: Vec<_> = (0..4).map(|_| assistant.command(says("hello"))).collect();
    let mut refused = 0;
    for run in runs {
        refused += usize::from(run.await.unwrap() == Err(unavailable("breaker, 429 insufficient_quota")));
    }
    assert_eq!((refused, bench.sandbox.openai().requests().len()), (3, 1));
}

#[actix_rt::test]
async fn beyond_the_concurrency_a_run_waits_and_can_be_cancelled() {
    let mut bench = Bench::new();
    bench.config.concurrency = 1;
    let assistant = bench.assistant();
    let hold = bench.fault(Fault::Hold);
    let first = assistant.command(says("first"));
    bench.sandbox.struck(hold, 1, LIMIT).await.unwrap();
    let second = assistant.command(says("second"));
    let forgotten = assistant.ask(says("forgotten"), Duration::from_millis(20)).await;
    assert_eq!(forgotten, Err(PortError::Late));
    assert_eq!(bench.names(), ["run_started"]);

    bench.sandbox.faults().remove(hold);
    assert_eq!(first.await.unwrap().unwrap().text, "echo: first");
    assert_eq!(second.await.unwrap().unwrap().text, "echo: second");
    bench.wait_for("run_skipped").await;
    assert_eq!(bench.sandbox.openai().requests().len(), 2);
}

#[actix_rt::test]
async fn waiting_for_a_permit_does_not_count_towards_the_timeout() {
    let mut bench = Bench::new();
    bench.config.concurrency = 1;
    bench.config.timeout = Duration::from_millis(500);
    bench.fault(Fault::Hang);
    let assistant = bench.assistant();
    let first = assistant.command(says("first"));
    let second = assistant.command(says("second"));
    assert_eq!(first.await.unwrap(), Err(unknown("timeout")));
    // If the timeout had begun with the request, it would have expired by now.
    assert_eq!(second.await.unwrap().unwrap().text, "echo: second");
}

struct FailAt(StepName, Moment);

impl StepHook for FailAt {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        match (step.name, step.moment) == (self.0, self.1) {
            true => Err(StepFault),
            false => Ok(()),
        }
    }
}

#[actix_rt::test]
async fn a_fault_before_a_step_has_no_effect_and_after_it_is_unknown() {
    let mut bench = Bench::new();
    let not_executed = RunError::NotExecuted {
        what: "step".to_owned(),
        retry_after: None,
    };
    // Requests made by then: conversations and runs.
    for (name, moment, error, made) in [
        (StepName::Conversation, Moment::Before, not_executed.clone(), (0, 0)),
        (StepName::Conversation, Moment::After, unknown("step"), (1, 0)),
        (StepName::Run, Moment::Before, not_executed, (2, 0)),
        (StepName::Run, Moment::After, unknown("step"), (3, 1)),
    ] {
        bench.runtime.steps = Steps::watched_by(Arc::new(FailAt(name, moment)));
        assert_eq!(bench.run(says("hello")).await, Err(error));
        let openai = bench.sandbox.openai();
        assert_eq!(
            (openai.conversations().len(), openai.requests().len()),
            made,
            "{name:?} {moment:?}"
        );
    }
    assert!(bench.sandbox.openai().requests()[0].completed);
}

struct PanicOnce(std::sync::atomic::AtomicBool);

impl StepHook for PanicOnce {
    fn at(&self, _step: Step) -> Result<(), StepFault> {
        let is_first = !self.0.swap(true, std::sync::atomic::Ordering::Relaxed);
        assert!(!is_first, "panic inside the network future");
        Ok(())
    }
}

#[actix_rt::test]
async fn a_panic_in_the_network_future_is_answered_and_survived() {
    let mut bench = Bench::new();
    bench.config.concurrency = 1;
    bench.runtime.steps = Steps::watched_by(Arc::new(PanicOnce(false.into())));
    let assistant = bench.assistant();
    assert_eq!(assistant.ask(says("one"), LIMIT).await, Err(PortError::NoAnswer));
    assert_eq!(
        assistant.ask(says("two"), LIMIT).await.unwrap().unwrap().text,
        "echo: two"
    );
    assert_eq!(bench.runtime.mailbox("assistant").restarts(), 1);
}

#[actix_rt::test]
async fn the_log_contains_the_figures_of_a_run_but_no_text() {
    let mut bench = Bench::new();
    let run = StartRun {
        turn: 31,
        ..says("my phone is 555-0100")
    };
    let answer = bench.run(run.clone()).await.unwrap();
    bench.fault(Fault::ContextTooLong);
    bench.run(run).await.unwrap_err();
    let events = bench.events();
    let names: Vec<_> = events.iter().map(|event| event.name).collect();
    assert_eq!(names, ["run_started", "run_finished", "run_started", "run_failed"]);
    for event in &events {
        assert_eq!((event.field("chat"), event.field("turn")), (Some("42"), Some("31")));
        assert!(!format!("{event:?}").contains("555"));
    }
    let figure = |n: usize, key| events[n].field(key).map(str::to_owned);
    assert_eq!(figure(0, "thread"), Some("new".to_owned()));
    assert_eq!(figure(1, "output_tokens"), Some(answer.usage.output_tokens.to_string()));
    assert_eq!(figure(1, "status"), Some("completed".to_owned()));
    assert!(figure(1, "took_ms").is_some());
    assert_eq!(figure(3, "error"), Some("thread_lost".to_owned()));
    assert_eq!(figure(3, "cause"), Some("400 context_length_exceeded".to_owned()));
}

#[actix_rt::test]
async fn an_abandoned_run_frees_its_permit() {
    let mut bench = Bench::new();
    bench.config.concurrency = 1;
    let assistant = bench.assistant();
    let hold = bench.fault(Fault::Hold);
    let forgotten = assistant.command(says("forgotten"));
    bench.sandbox.struck(hold, 1, LIMIT).await.unwrap();
    drop(forgotten);
    let dropped = bench.wait_for("run_failed").await;
    assert_eq!(dropped.field("cause"), Some("cancelled"));
    let answer = assistant.ask(says("hello"), LIMIT).await.unwrap();
    assert_eq!(answer.unwrap().text, "echo: hello");
    bench.sandbox.faults().remove(hold);
}
