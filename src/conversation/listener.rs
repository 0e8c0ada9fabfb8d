//! What a conversation receives, and how it goes on receiving while it waits for something.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use super::chat::Chat;
use super::messages::{LookForWork, TakeRow};
use super::shared::Shared;
use crate::runtime::{Answer, Queue};

/// What a conversation receives.
pub(crate) enum Incoming {
    /// A row was stored.
    Take(Box<TakeRow>),
    /// A row waits.
    Look(LookForWork, Answer<()>),
    /// Retire, unless there is work.
    Retire(Answer<bool>),
    /// Begin nothing more.
    Stop(Answer<()>),
}

/// Its queue, and the answer to a stop.
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

    /// Nothing is open, and nothing begins any more.
    pub(super) async fn stopped(&mut self) {
        if let Some(answer) = self.stop.take() {
            answer.give(());
        }
        pending::<()>().await;
    }

    /// Takes in all that has arrived.
    pub(super) fn catch_up(&mut self, chat: &mut Chat) {
        while let Some(message) = self.queue.try_next() {
            self.hear(message, chat);
        }
    }

    /// The queue to wait on while there is nothing to do. Thousands of conversations wait here, so spare capacity is freed first.
    pub(super) fn at_rest(&mut self, chat: &mut Chat) -> &mut Queue<Incoming> {
        chat.shrink();
        self.queue.shrink();
        &mut self.queue
    }

    /// Takes in what arrived at rest; `false`: it may retire.
    pub(super) fn wakes(&mut self, message: Incoming, chat: &mut Chat) -> bool {
        match message {
            Incoming::Retire(answer) => {
                answer.give(true);
                false
            }
            message => {
                self.hear(message, chat);
                true
            }
        }
    }

    /// Waits for `work` and takes in what arrives meanwhile; `None` as soon as that is `enough` to leave the work.
    pub(super) async fn during<W: Future>(
        &mut self,
        work: Pin<&mut W>,
        chat: &mut Chat,
        enough: impl Fn(&Chat, bool) -> bool,
    ) -> Option<W::Output> {
        let Self { queue, shared, stop } = self;
        let output = queue.during(work, |message| {
            hear(message, chat, stop, shared);
            enough(chat, stop.is_some())
        });
        output.await
    }

    /// Waits for the rows to be read; `None`: the service stops. They may be those of before what arrives meanwhile, which is
    /// therefore given along.
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

    pub(super) fn hear(&mut self, message: Incoming, chat: &mut Chat) {
        hear(message, chat, &mut self.stop, &self.shared);
    }
}

fn hear(message: Incoming, chat: &mut Chat, stop: &mut Option<Box<Answer<()>>>, shared: &Shared) {
    match message {
        Incoming::Take(take) => chat.take(*take, shared.runtime.clock.now()),
        Incoming::Look(look, answer) => {
            chat.look(look);
            answer.give(());
        }
        Incoming::Retire(answer) => answer.give(false),
        Incoming::Stop(answer) => *stop = Some(Box::new(answer)),
    }
}
