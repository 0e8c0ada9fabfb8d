//! ConversationActor: one chat, from its first row to its retirement. It reads its rows, decides the next step, waits, answers directly or runs
//! a turn of the model, saves the result, and decides again, one turn at a time. It handles new messages during every wait.

use std::pin::pin;
use std::sync::Arc;

use base::Event;
use chrono::{DateTime, Utc};
use domain::ChatId;
use store::{FinishTurn, FinishedTurn};
use tokio::sync::OwnedSemaphorePermit;

use super::agenda::{self, Next};
use super::chat::Chat;
use super::direct_turn::{answer_directly, fail_rows, without_model};
use super::listener::{Incoming, Listener};
use super::messages::{CheckRows, Retire, StopTurns, TakeRow, ThreadsChanged};
use super::model_turn::ModelTurn;
use super::rows::load;
use super::shared::Shared;
use crate::db::messages::persist;
use crate::outbox::messages::DeliveriesQueued;
use crate::runtime::{Answer, Loop, Queue, StartReason, Takes};

/// The actor.
pub(crate) struct ConversationActor {
    chat: ChatId,
    shared: Arc<Shared>,
}

impl ConversationActor {
    pub(crate) fn new(chat: ChatId, shared: Arc<Shared>) -> Self {
        Self { chat, shared }
    }
}

impl Loop for ConversationActor {
    const NAME: &'static str = "conversation";
    type Incoming = Incoming;

    /// The futures of its work are boxed, and so is the chat: thousands of conversations are idle, and a future is as large as the
    /// largest one it awaits.
    async fn run(self, reason: StartReason, queue: Queue<Incoming>) {
        let mut listener = Listener::new(queue, &self.shared);
        let Some(mut chat) = Box::pin(self.read(reason, None, &mut listener)).await else {
            return listener.stopped().await;
        };
        loop {
            listener.catch_up(&mut chat);
            if listener.is_stopping() {
                return listener.stopped().await;
            }
            if chat.is_stale() {
                let Some(read) = Box::pin(self.read(StartReason::Initial, chat.media.album, &mut listener)).await
                else {
                    return listener.stopped().await;
                };
                chat = read;
                continue;
            }
            match self.next(&chat) {
                Next::Nothing => {
                    self.shared.report_idle(self.chat);
                    let message = listener.idle_queue(&mut chat).next().await;
                    if !listener.on_message_when_idle(message, &mut chat) {
                        return;
                    }
                }
                Next::WaitUntil(due) => Box::pin(self.pause(due, &mut chat, &mut listener)).await,
                Next::Model(_) => Box::pin(self.answer(&mut chat, &mut listener)).await,
                next => Box::pin(self.end(next, &mut chat, &mut listener)).await,
            }
        }
    }
}

impl ConversationActor {
    /// The chat's state, read from its rows; `None` if the service stops.
    async fn read(&self, reason: StartReason, album: Option<String>, listener: &mut Listener) -> Option<Box<Chat>> {
        let rows = pin!(load(&self.shared, self.chat, reason));
        let (state, later) = listener.reading(rows).await?;
        let mut chat = Box::new(Chat::read(state, album, self.shared.local_now()));
        for message in later {
            listener.on_message(message, &mut chat);
        }
        Some(chat)
    }

    fn next(&self, chat: &Chat) -> Next {
        let now = self.shared.runtime.clock.now();
        let is_for_model = |row: &_| self.shared.is_for_model(row);
        agenda::next(&chat.waiting, is_for_model, self.shared.pace, now)
    }

    async fn pause(&self, due: DateTime<Utc>, chat: &mut Chat, listener: &mut Listener) {
        let pause = pin!(self.shared.runtime.clock.until(due));
        listener.during(pause, chat, |_, _| true).await;
    }

    /// Ends the first rows without the model.
    async fn end(&self, next: Next, chat: &mut Chat, listener: &mut Listener) {
        let finish = match next {
            Next::Reset(place) => answer_directly(&self.shared, chat, place),
            Next::Fail(reason) => fail_rows(&self.shared, chat, 1, reason),
            _ => answer_directly(&self.shared, chat, 0),
        };
        match finish {
            Some(finish) => self.finish(finish, chat, listener).await,
            None => chat.mark_stale(),
        }
    }

    /// Answers the first rows, with the model unless a form or a daily limit prevents it.
    async fn answer(&self, chat: &mut Chat, listener: &mut Listener) {
        let mut place = None;
        while let Next::Model(count) = self.next(chat) {
            if let Some(finish) = without_model(&self.shared, chat, count) {
                drop(place);
                return self.finish(finish, chat, listener).await;
            }
            if let Some(place) = place {
                return self.turn(count, place, chat, listener).await;
            }
            // Rows that arrive while it waits for a permit join the turn, so the rows are checked again while it holds the permit.
            // Releasing the permit for that would pass it to the next waiting conversation, which would do the same, and so on.
            let waiting = pin!(Arc::clone(&self.shared.open_turns).acquire_owned());
            let waiting = listener.during(waiting, chat, |chat, is_stopping| {
                is_stopping || chat.is_stale() || chat.has_reset()
            });
            match waiting.await {
                Some(Ok(free)) => place = Some(free),
                _ => return,
            }
        }
    }

    /// A turn of the model about the first `count` rows. A `/reset` cancels it at once, because the answer would belong to the old
    /// thread.
    async fn turn(&self, count: usize, place: OwnedSemaphorePermit, chat: &mut Chat, listener: &mut Listener) {
        let Some(mut turn) = ModelTurn::open(&self.shared, chat, count) else {
            return chat.mark_stale();
        };
        let conclusion = {
            let mut running = pin!(turn.run(&self.shared));
            loop {
                if chat.has_reset() {
                    break None;
                }
                if chat.is_stale() {
                    tokio::select! {
                        conclusion = &mut running => break Some(conclusion),
                        state = load(&self.shared, self.chat, StartReason::Initial) => chat.merge(state),
                    }
                    continue;
                }
                let running = running.as_mut();
                let running = listener.during(running, chat, |chat, _| chat.is_stale() || chat.has_reset());
                if let Some(conclusion) = running.await {
                    break Some(conclusion);
                }
            }
        };
        drop(place);
        if turn.is_contact_saved() {
            chat.customer.lead_at = Some(self.shared.runtime.clock.now());
        }
        let Some(conclusion) = conclusion else {
            let event = Event::info(Self::NAME, "turn_cancelled").chat(self.chat).turn(turn.id);
            return self.shared.runtime.events.emit(event.with("reason", "reset"));
        };
        match turn.end(&self.shared, chat, &conclusion) {
            Some(finish) => self.finish(finish, chat, listener).await,
            None => chat.mark_stale(),
        }
    }

    /// Saves the end of a turn. The write is made even if this actor ends meanwhile.
    async fn finish(&self, finish: FinishTurn, chat: &mut Chat, listener: &mut Listener) {
        let finish = Arc::new(finish);
        let writing = pin!(persist(&self.shared.ports.finish, &finish));
        match listener.during(writing, chat, |_, _| false).await {
            Some(Ok(finished)) if finished.is_written => self.finished(&finish, finished, chat),
            Some(Err(error)) => {
                let event = Event::warn(Self::NAME, "turn_save_failed").chat(self.chat);
                self.shared.runtime.events.emit(event.with("reason", error));
                // An immediate retry would fail again.
                let pause = pin!(self.shared.runtime.clock.after(self.shared.config.limits.sweep));
                listener.during(pause, chat, |_, is_stopping| is_stopping).await;
                chat.mark_stale();
            }
            // These rows have already been ended.
            _ => chat.mark_stale(),
        }
    }

    fn finished(&self, written: &FinishTurn, finished: FinishedTurn, chat: &mut Chat) {
        let (ports, events) = (&self.shared.ports, &self.shared.runtime.events);
        if !finished.deliveries.is_empty() {
            let deliveries = finished.deliveries;
            ports.deliveries.hint(DeliveriesQueued { deliveries });
        }
        if let Some(lead) = &finished.lead {
            let event = Event::info(Self::NAME, "lead_recorded").chat(self.chat);
            let event = event.with("lead", lead.lead).with("source", lead.source.word());
            events.emit(event.with("outcome", lead.outcome.word()));
        }
        if let (true, Some(alert)) = (finished.is_alert_raised, &written.alert) {
            let event = Event::error(Self::NAME, "alert_raised").with("kind", alert.kind.word());
            events.emit(event.with("reason", &alert.reason));
        }
        let now = self.shared.runtime.clock.now();
        if chat.apply(written, now) {
            ports.threads.hint(ThreadsChanged);
        }
        chat.note_lead(finished.lead.map(|lead| lead.source), now);
    }
}

impl Takes<TakeRow> for ConversationActor {
    fn incoming(take: TakeRow, _answer: Answer<()>) -> Incoming {
        Incoming::Take(Box::new(take))
    }
}

impl Takes<CheckRows> for ConversationActor {
    fn incoming(check: CheckRows, answer: Answer<()>) -> Incoming {
        Incoming::CheckRows(check, answer)
    }
}

impl Takes<Retire> for ConversationActor {
    fn incoming(_retire: Retire, answer: Answer<bool>) -> Incoming {
        Incoming::Retire(answer)
    }
}

impl Takes<StopTurns> for ConversationActor {
    fn incoming(_stop: StopTurns, answer: Answer<()>) -> Incoming {
        Incoming::Stop(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes_of<F>(_: impl FnOnce(ConversationActor, StartReason, Queue<Incoming>) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_conversation_needs_at_most_512_bytes() {
        let bytes = bytes_of(ConversationActor::run);
        assert!(bytes <= 512, "{bytes} bytes");
    }
}
