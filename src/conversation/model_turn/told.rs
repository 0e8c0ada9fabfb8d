//! What the log hears of a turn with the model: that it waits, that it is repeated on a new thread, how it ended.

use base::Event;
use chrono::{DateTime, Utc};

use super::super::actor::{ConversationActor, Work};
use super::super::turn::{Conclusion, Request};
use super::ModelTurn;
use crate::runtime::Behaviour;

impl ConversationActor {
    pub(super) fn tell_anew(&self, request: &Request) {
        let (Work::Model(open), true) = (&self.work, request.is_anew) else {
            return;
        };
        let event = Event::info(Self::NAME, "turn_repeated")
            .chat(self.chat)
            .upd(open.update);
        let event = event.turn(open.id).with_some("what", open.turn.trouble());
        self.shared.runtime.events.emit(event);
    }

    pub(super) fn tell_wait(&self, due: DateTime<Utc>) {
        let Work::Model(open) = &self.work else { return };
        let wait = (due - self.shared.runtime.clock.now()).num_milliseconds();
        let event = Event::debug(Self::NAME, "turn_waits").chat(self.chat).upd(open.update);
        let event = event.turn(open.id).with("wait_ms", wait);
        let event = event.with_some("what", open.turn.trouble());
        self.shared.runtime.events.emit(event);
    }

    pub(super) fn tell_end(&self, open: &ModelTurn, conclusion: &Conclusion, parts: usize) {
        let figures = open.turn.figures();
        let took = figures
            .started_at
            .map(|at| (self.shared.runtime.clock.now() - at).num_milliseconds());
        let event = match conclusion {
            Conclusion::Answered { .. } => Event::info(Self::NAME, "turn_answered"),
            Conclusion::Failed(_) => Event::warn(Self::NAME, "turn_failed"),
        };
        let event = event.chat(self.chat).upd(open.update).turn(open.id);
        let event = match conclusion {
            Conclusion::Failed(reason) => event
                .with("reason", reason.word())
                .with_some("what", open.turn.trouble()),
            Conclusion::Answered { text, .. } => {
                let event = event.with("parts", parts);
                self.shared.runtime.events.quote(event, || text.clone())
            }
        };
        let event = event
            .with_some("ms", took)
            .with("runs", figures.runs)
            .with("tools", figures.tool_calls)
            .with("input_tokens", figures.input_tokens)
            .with("output_tokens", figures.output_tokens);
        self.shared.runtime.events.emit(event);
    }
}
