//! AssistantActor: one run per message. It waits for one of `OPENAI_CONCURRENCY` permits, asks the breaker, makes the
//! run as a task and returns the result. It keeps no data of a customer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base::Event;
use domain::TurnId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::breaker::{Breaker, Change, Pass};
use super::errors;
use super::messages::{RunAnswer, RunError, RunStatus, RunThread, StartRun};
use super::openai::{Caller, OpenAi};
use super::wire;
use crate::runtime::{Answer, Behaviour, Ctx, Receive, Runtime, offload};

/// The actor.
pub(crate) struct AssistantActor {
    openai: Arc<OpenAi>,
    runtime: Runtime,
    install: String,
    permits: Arc<Semaphore>,
    breaker: Breaker,
    /// Why the breaker was last opened.
    cause: String,
    requests: u64,
}

impl AssistantActor {
    /// Creates an assistant. `install` is unique to this installation and salts the hashes that identify customers to
    /// OpenAI.
    pub(crate) fn new(openai: OpenAi, runtime: Runtime, install: String) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(openai.concurrency())),
            openai: Arc::new(openai),
            runtime,
            install,
            breaker: Breaker::default(),
            cause: String::new(),
            requests: 0,
        }
    }

    fn begin(&mut self, started: Started, ctx: &mut Ctx<'_, Self>) {
        let Started {
            run,
            mut answer,
            permit,
        } = started;
        if !answer.is_wanted() {
            let abandoned = Event::debug(Self::NAME, "run_skipped");
            self.runtime.events.emit(about(&run, abandoned));
            return;
        }
        let Some(pass) = self.breaker.admit(self.runtime.clock.now()) else {
            return self.reject(&run, answer);
        };
        self.runtime.events.emit(begun(&run));
        let caller = self.caller(&run);
        let openai = Arc::clone(&self.openai);
        let steps = self.runtime.steps.clone();
        let (run, since) = (Arc::new(run), Instant::now());
        let work = {
            let run = Arc::clone(&run);
            async move { openai.run(&run, &caller, &steps).await }
        };
        let running = offload(work);
        let until_abandoned = async move {
            let outcome = tokio::select! {
                outcome = running => outcome,
                // The turn has ended: an abandoned run must not keep its permit.
                () = answer.abandoned() => Err(errors::unknown("cancelled")),
            };
            (outcome, answer)
        };
        ctx.spawn(until_abandoned, move |actor, (outcome, answer), _ctx| {
            let outcome = actor.record(&pass, outcome);
            actor.runtime.events.emit(ended(&run, &outcome, since.elapsed()));
            answer.give(outcome);
            // Not earlier: the next run must see the breaker's new state.
            drop(permit);
        });
    }

    fn caller(&mut self, run: &StartRun) -> Caller {
        self.requests += 1;
        Caller {
            safety_identifier: wire::safety_identifier(&self.install, run.chat),
            request_id: format!("turn-{}-{}", run.turn, self.requests),
        }
    }

    fn reject(&self, run: &StartRun, answer: Answer<Result<RunAnswer, RunError>>) {
        let outcome = Err(errors::unavailable(&format!("breaker, {}", self.cause)));
        self.runtime.events.emit(ended(run, &outcome, Duration::ZERO));
        answer.give(outcome);
    }

    /// Updates the breaker and returns the outcome for the caller; while the breaker is open, a retry is useless.
    fn record(&mut self, pass: &Pass, outcome: Result<RunAnswer, RunError>) -> Result<RunAnswer, RunError> {
        let change = self.breaker.record(pass, &outcome, self.runtime.clock.now());
        let outcome = match outcome {
            Err(RunError::Forbidden { what }) if self.breaker.is_open() => Err(RunError::Unavailable { what }),
            outcome => outcome,
        };
        if let Err(RunError::Unavailable { what }) = &outcome {
            self.cause.clone_from(what);
        }
        let event = match change {
            Some(Change::Opened) => Event::error(Self::NAME, "breaker_opened").with_some("cause", what(&outcome)),
            Some(Change::Closed) => Event::info(Self::NAME, "breaker_closed"),
            None => return outcome,
        };
        self.runtime.events.emit(event);
        outcome
    }
}

/// A run that has its permit.
struct Started {
    run: StartRun,
    answer: Answer<Result<RunAnswer, RunError>>,
    permit: OwnedSemaphorePermit,
}

impl Behaviour for AssistantActor {
    const NAME: &'static str = "assistant";
}

impl Receive<StartRun> for AssistantActor {
    fn receive(&mut self, run: StartRun, answer: Answer<Result<RunAnswer, RunError>>, ctx: &mut Ctx<'_, Self>) {
        if self.breaker.refuses(self.runtime.clock.now()) {
            return self.reject(&run, answer);
        }
        let permit = Arc::clone(&self.permits).acquire_owned();
        ctx.spawn(permit, move |actor, permit, ctx| {
            // The semaphore is never closed; if it were, the caller would get `PortError::NoAnswer`.
            if let Ok(permit) = permit {
                actor.begin(Started { run, answer, permit }, ctx);
            }
        });
    }
}

fn about(run: &StartRun, event: Event) -> Event {
    event.chat(run.chat).turn(TurnId(run.turn))
}

fn begun(run: &StartRun) -> Event {
    let event = about(run, Event::debug(AssistantActor::NAME, "run_started"));
    match &run.thread {
        RunThread::Existing(thread) => event.with("thread", thread),
        RunThread::New => event.with("thread", "new"),
    }
}

fn ended(run: &StartRun, outcome: &Result<RunAnswer, RunError>, took: Duration) -> Event {
    match outcome {
        Ok(answer) => about(run, Event::debug(AssistantActor::NAME, "run_finished"))
            .with("took_ms", took.as_millis())
            .with("thread", &answer.thread)
            .with("status", status(answer.status))
            .with("tool_calls", answer.calls.len())
            .with("input_tokens", answer.usage.input_tokens)
            .with("output_tokens", answer.usage.output_tokens),
        Err(error) => about(run, Event::debug(AssistantActor::NAME, "run_failed"))
            .with("took_ms", took.as_millis())
            .with("error", kind(error))
            .with_some("cause", what(outcome)),
    }
}

fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Completed => "completed",
        RunStatus::Incomplete => "incomplete",
        RunStatus::Refused => "refused",
    }
}

fn kind(error: &RunError) -> &'static str {
    match error {
        RunError::NotExecuted { .. } => "not_executed",
        RunError::Locked { .. } => "locked",
        RunError::Unknown { .. } => "unknown",
        RunError::ThreadLost { .. } => "thread_lost",
        RunError::Forbidden { .. } => "forbidden",
        RunError::Unavailable { .. } => "unavailable",
        RunError::Declined { .. } => "declined",
        RunError::Rejected { .. } => "rejected",
    }
}

fn what(outcome: &Result<RunAnswer, RunError>) -> Option<&str> {
    outcome.as_ref().err().and_then(RunError::what)
}
