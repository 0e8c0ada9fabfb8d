//! AssistantActor over real sockets, against the stand-in of OpenAI.

mod failures;
mod limits;
mod runs;

use std::time::Duration;

use base::{Clock, Event, Events};
use chrono::DateTime;
use domain::{ChatId, HistoryLine, ThreadId};
use sandbox::{Edge, Fault, Rule, RuleId, Sandbox};
use tokio::sync::broadcast::Receiver;

use super::messages::{RunAnswer, RunError, RunInput, RunThread, StartRun};
use super::{AssistantActor, OpenAi};
use crate::config::{Config, Limits, OpenAiConfig, Secret};
use crate::runtime::{Port, Runtime, start};

const LIMIT: Duration = Duration::from_secs(20);

/// A sandbox and the parts of an assistant.
struct Bench {
    sandbox: Sandbox,
    config: OpenAiConfig,
    runtime: Runtime,
    events: Receiver<Event>,
}

impl Bench {
    fn new() -> Self {
        // Fails in all tests of the process but the first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sandbox = Sandbox::answering(sandbox::Echo).unwrap();
        let (clock, _hand) = Clock::by_hand(DateTime::UNIX_EPOCH);
        let runtime = Runtime::new(clock, Events::default(), &Limits::default());
        Self {
            config: OpenAiConfig {
                api_key: Secret::new(sandbox.openai().api_key()),
                base_url: sandbox.openai().url(),
                model: "gpt-x".to_owned(),
                timeout: Duration::from_secs(10),
                concurrency: 4,
                ..Config::defaults().openai
            },
            events: runtime.events.listen(),
            sandbox,
            runtime,
        }
    }

    /// A new assistant with its own breaker and permits.
    fn assistant(&self) -> Port<StartRun> {
        let openai = OpenAi::new(&self.config, self.runtime.clock.clone()).unwrap();
        let runtime = self.runtime.clone();
        start(&self.runtime, move || {
            AssistantActor::new(openai.clone(), runtime.clone(), "install".to_owned())
        })
        .port()
    }

    fn fault(&self, fault: Fault) -> RuleId {
        self.sandbox
            .faults()
            .add(Rule::on(Edge::OpenAi, "responses").times(1).with(fault))
    }

    /// Makes one run with a new assistant.
    async fn run(&self, run: StartRun) -> Result<RunAnswer, RunError> {
        self.assistant().ask(run, LIMIT).await.unwrap()
    }

    /// The assistant's events so far.
    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok())
            .filter(|event| !matches!(event.name, "started" | "stopped"))
            .collect()
    }

    fn names(&mut self) -> Vec<&'static str> {
        self.events().iter().map(|event| event.name).collect()
    }

    async fn wait_for(&mut self, name: &str) -> Event {
        let found = async {
            loop {
                let event = self.events.recv().await.unwrap();
                if event.name == name {
                    return event;
                }
            }
        };
        tokio::time::timeout(LIMIT, found).await.expect("no such event in time")
    }
}

/// A run on a new thread with this message.
fn says(text: &str) -> StartRun {
    StartRun {
        chat: ChatId(42),
        turn: 7,
        thread: RunThread::New,
        input: RunInput::Lines([HistoryLine::user(text)].into()),
        instructions: "Be brief.".into(),
        tools: [].into(),
        without_tools: false,
        max_output_tokens: 500,
    }
}

fn on(thread: &ThreadId, run: StartRun) -> StartRun {
    StartRun {
        thread: RunThread::Existing(thread.clone()),
        ..run
    }
}
