//! ConversationActor: one chat, from its first row to its retirement. It reads its rows, decides what comes next, waits, answers directly or runs a turn of
//! the model, writes the end, and decides again: one turn at a time. What arrives meanwhile is taken in wherever it waits.

use std::pin::pin;
use std::sync::Arc;

use base::Event;
use chrono::{DateTime, Utc};
use domain::ChatId;
use store::{FinishTurn, FinishedTurn};
use tokio::sync::OwnedSemaphorePermit;

use super::agenda::{self, Next};
use super::chat::Chat;
use super::direct_turn::{answer_directly, give_up, without_model};
use super::listener::{Incoming, Listener};
use super::messages::{LookForWork, Retire, StopTurns, TakeRow, ThreadsChanged};
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
    /// A conversation that knows nothing yet.
    pub(crate) fn new(chat: ChatId, shared: Arc<Shared>) -> Self {
        Self { chat, shared }
    }
}

impl Loop for ConversationActor {
    const NAME: &'static str = "conversation";
    type Incoming = Incoming;

    /// What it waits for in the middle of its work is boxed, and so is the chat: thousands of conversations are at rest, and a future
    /// keeps room for the largest of its waits.
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
                    self.shared.report_rest(self.chat);
                    let message = listener.at_rest(&mut chat).next().await;
                    if !listener.wakes(message, &mut chat) {
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
    /// The chat as its rows tell it; `None`: the service stops.
    async fn read(&self, reason: StartReason, album: Option<String>, listener: &mut Listener) -> Option<Box<Chat>> {
        let rows = pin!(load(&self.shared, self.chat, reason));
        let (state, later) = listener.reading(rows).await?;
        let mut chat = Box::new(Chat::read(state, album, self.shared.local_now()));
        for message in later {
            listener.hear(message, &mut chat);
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
            Next::GiveUp(reason) => give_up(&self.shared, chat, 1, reason),
            _ => answer_directly(&self.shared, chat, 0),
        };
        match finish {
            Some(finish) => self.finish(finish, chat, listener).await,
            None => chat.mark_stale(),
        }
    }

    /// Answers the first rows, by the model if it is asked.
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
            // What arrives until there is a place joins the turn: the rows are looked at again then, with the place in hand.
            // Given back and taken anew it would have gone to the next who waits, who would do the same, and so on for ever.
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

    /// A turn of the model about the first `count` rows. `/reset` acts at once: whatever the model was about to say belongs to the
    /// thread that ends.
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

    /// Writes the end of a turn; whatever happens to this actor meanwhile, it is written.
    async fn finish(&self, finish: FinishTurn, chat: &mut Chat, listener: &mut Listener) {
        let finish = Arc::new(finish);
        let writing = pin!(persist(&self.shared.ports.finish, &finish));
        match listener.during(writing, chat, |_, _| false).await {
            Some(Ok(finished)) if finished.is_written => self.finished(&finish, finished, chat),
            Some(Err(error)) => {
                let event = Event::warn(Self::NAME, "turn_save_failed").chat(self.chat);
                self.shared.runtime.events.emit(event.with("reason", error));
                // A write that was refused will be refused again at once.
                let pause = pin!(self.shared.runtime.clock.after(self.shared.config.limits.sweep));
                listener.during(pause, chat, |_, is_stopping| is_stopping).await;
                chat.mark_stale();
            }
            // Somebody else ended these rows.
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
        if chat.remember(written, now) {
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

impl Takes<LookForWork> for ConversationActor {
    fn incoming(look: LookForWork, answer: Answer<()>) -> Incoming {
        Incoming::Look(look, answer)
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
    fn a_conversation_at_rest_keeps_no_room_for_its_work() {
        let bytes = bytes_of(ConversationActor::run);
        assert!(bytes <= 512, "{bytes} bytes");
    }
}
