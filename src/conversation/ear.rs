//! What a conversation is told, and how it listens while it waits for something.

use std::future::{Future, pending};

use base::Clock;

use super::chat::Chat;
use super::messages::{LookForWork, TakeTurn};
use crate::runtime::{Answer, Queue};

/// What a conversation is told.
pub enum Told {
    /// A row was stored.
    Take(Box<TakeTurn>),
    /// A row waits.
    Look(LookForWork, Answer<()>),
    /// Is there nothing to do?
    Retire(Answer<bool>),
    /// Begin nothing more.
    Stop(Answer<()>),
}

/// Its queue, and who waits for its end.
pub(super) struct Ear {
    queue: Queue<Told>,
    clock: Clock,
    stop: Option<Answer<()>>,
}

impl Ear {
    pub(super) fn new(queue: Queue<Told>, clock: &Clock) -> Self {
        Self {
            queue,
            clock: clock.clone(),
            stop: None,
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop.is_some()
    }

    /// Nothing is open, and nothing begins any more.
    pub(super) async fn stopped(self) {
        if let Some(answer) = self.stop {
            answer.give(());
        }
        pending::<()>().await;
    }

    /// Takes in all that has arrived.
    pub(super) fn catch_up(&mut self, chat: &mut Chat) {
        while let Some(told) = self.queue.try_next() {
            self.hear(told, chat);
        }
    }

    /// Waits for anything to arrive while there is nothing to do; `false`: it may retire.
    pub(super) async fn idle(&mut self, chat: &mut Chat) -> bool {
        match self.queue.next().await {
            Told::Retire(answer) => {
                answer.give(true);
                false
            }
            told => {
                self.hear(told, chat);
                true
            }
        }
    }

    /// Waits for `work` and takes in what arrives meanwhile; `None` as soon as that is `enough` to leave the work.
    pub(super) async fn during<W: Future>(
        &mut self,
        work: W,
        chat: &mut Chat,
        enough: impl Fn(&Chat, bool) -> bool,
    ) -> Option<W::Output> {
        let Self { queue, clock, stop } = self;
        let output = queue.during(work, |told| {
            hear(told, chat, stop, clock);
            enough(chat, stop.is_some())
        });
        output.await
    }

    /// Waits for the rows to be read; `None`: the service stops. They may be those of before what arrives meanwhile, which is
    /// therefore given along.
    pub(super) async fn reading<R: Future>(&mut self, read: R) -> Option<(R::Output, Vec<Told>)> {
        let (mut later, stop) = (Vec::new(), &mut self.stop);
        let read = self.queue.during(read, |told| {
            match told {
                Told::Stop(answer) => *stop = Some(answer),
                Told::Retire(answer) => answer.give(false),
                told => later.push(told),
            }
            stop.is_some()
        });
        let output = read.await?;
        Some((output, later))
    }

    pub(super) fn hear(&mut self, told: Told, chat: &mut Chat) {
        hear(told, chat, &mut self.stop, &self.clock);
    }
}

fn hear(told: Told, chat: &mut Chat, stop: &mut Option<Answer<()>>, clock: &Clock) {
    match told {
        Told::Take(take) => chat.take(*take, clock.now()),
        Told::Look(look, answer) => {
            chat.look(look);
            answer.give(());
        }
        Told::Retire(answer) => answer.give(false),
        Told::Stop(answer) => *stop = Some(answer),
    }
}
