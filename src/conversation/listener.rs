//! Receives a conversation's messages, also while the conversation waits for other work.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use super::chat::Chat;
use super::messages::{CheckRows, TakeRow};
use super::shared::Shared;
use crate::runtime::{Answer, Queue};

/// A conversation's messages.
pub(crate) enum Incoming {
    /// See [`TakeRow`].
    Take(Box<TakeRow>),
    /// See [`CheckRows`].
    CheckRows(CheckRows, Answer<()>),
    /// See [`Retire`](super::messages::Retire).
    Retire(Answer<bool>),
    /// See [`StopTurns`](super::messages::StopTurns).
    Stop(Answer<()>),
}

/// A conversation's queue, and the pending answer to a stop.
pub(super) struct Listener {
    queue: Queue<Incoming>,
    shared: Arc<Shared>,
    stop: Option<Box<Answer<()>>>,
}

impl Listener {
    pub(super) fn new(queue: Queue<Incoming>, shared: &Arc<Shared>) -> Self {
        Self {
            queue,
            shared: Arc::clone(shared),
            stop: None,
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop.is_some()
    }

    /// Answers the stop and waits for the process to end.
    pub(super) async fn stopped(&mut self) {
        if let Some(answer) = self.stop.take() {
            answer.give(());
        }
        pending::<()>().await;
    }

    /// Handles all queued messages.
    pub(super) fn catch_up(&mut self, chat: &mut Chat) {
        while let Some(message) = self.queue.try_next() {
            self.on_message(message, chat);
        }
    }

    /// The queue to wait on while idle. Thousands of conversations wait here, so spare capacity is freed first.
    pub(super) fn idle_queue(&mut self, chat: &mut Chat) -> &mut Queue<Incoming> {
        chat.shrink();
        self.queue.shrink();
        &mut self.queue
    }

    /// Handles a message that arrived while idle; `false` if the conversation retires.
    pub(super) fn on_message_when_idle(&mut self, message: Incoming, chat: &mut Chat) -> bool {
        match message {
            Incoming::Retire(answer) => {
                answer.give(true);
                false
            }
            message => {
                self.on_message(message, chat);
                true
            }
        }
    }

    /// Waits for `work` and handles messages meanwhile; `None` as soon as `enough` is true after a message.
    pub(super) async fn during<W: Future>(
        &mut self,
        work: Pin<&mut W>,
        chat: &mut Chat,
        enough: impl Fn(&Chat, bool) -> bool,
    ) -> Option<W::Output> {
        let Self { queue, shared, stop } = self;
        let output = queue.during(work, |message| {
            on_message(message, chat, stop, shared);
            enough(chat, stop.is_some())
        });
        output.await
    }

    /// Waits until the rows are read; `None` if the service stops. The rows may be older than messages that arrive meanwhile, so
    /// these are returned too.
    pub(super) async fn reading<R: Future>(&mut self, read: Pin<&mut R>) -> Option<(R::Output, Vec<Incoming>)> {
        let (mut later, stop) = (Vec::new(), &mut self.stop);
        let read = self.queue.during(read, |message| {
            match message {
                Incoming::Stop(answer) => *stop = Some(Box::new(answer)),
                Incoming::Retire(answer) => answer.give(false),
                message => later.push(message),
            }
            stop.is_some()
        });
        let output = read.await?;
        Some((output, later))
    }

    pub(super) fn on_message(&mut self, message: Incoming, chat: &mut Chat) {
        on_message(message, chat, &mut self.stop, &self.shared);
    }
}

fn on_message(message: Incoming, chat: &mut Chat, stop: &mut Option<Box<Answer<()>>>, shared: &Shared) {
    match message {
        Incoming::Take(take) => chat.take(*take, shared.runtime.clock.now()),
        Incoming::CheckRows(check, answer) => {
            chat.check(check);
            answer.give(());
        }
        Incoming::Retire(answer) => answer.give(false),
        Incoming::Stop(answer) => *stop = Some(Box::new(answer)),
    }
}
