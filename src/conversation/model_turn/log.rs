//! The log events of a turn of the model: a wait, a repetition on a new thread, and the end.

use base::Event;
use chrono::{DateTime, Utc};

use super::super::shared::Shared;
use super::super::turn::{Conclusion, NextRun};
use super::ModelTurn;

impl ModelTurn {
    pub(super) fn log_repeat(&self, shared: &Shared, request: &NextRun) {
        if request.replaces_thread {
            let event = self.about(Event::info("conversation", "thread_replaced"));
            shared
                .runtime
                .events
                .emit(event.with_some("cause", self.turn.failure()));
        }
    }

    pub(super) fn log_wait(&self, shared: &Shared, due: DateTime<Utc>) {
        let wait = (due - shared.runtime.clock.now()).num_milliseconds();
        let event = self
            .about(Event::debug("conversation", "turn_retry_scheduled"))
            .with("wait_ms", wait);
        shared
            .runtime
            .events
            .emit(event.with_some("cause", self.turn.failure()));
    }

    pub(super) fn log_end(&self, shared: &Shared, conclusion: &Conclusion, parts: usize) {
        let figures = self.turn.figures();
        let took = figures
            .started_at
            .map(|at| (shared.runtime.clock.now() - at).num_milliseconds());
        let event = match conclusion {
            Conclusion::Answered { text, .. } => {
                let event = self
                    .about(Event::info("conversation", "turn_answered"))
                    .with("parts", parts);
                shared.runtime.events.quote(event, || text.clone())
            }
            Conclusion::Failed(reason) => self
                .about(Event::warn("conversation", "turn_failed"))
                .with("reason", reason.word())
                .with_some("cause", self.turn.failure()),
        };
        let event = event
            .with_some("took_ms", took)
            .with("runs", figures.runs)
            .with("tool_calls", figures.tool_calls)
            .with("input_tokens", figures.input_tokens)
            .with("output_tokens", figures.output_tokens);
        shared.runtime.events.emit(event);
    }

    fn about(&self, event: Event) -> Event {
        event.chat(self.chat).upd(self.update).turn(self.id)
    }
}
