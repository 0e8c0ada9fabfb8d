//! An actor with a handler per message and with futures whose outputs return to its state. Its loop handles whichever is ready
//! next.

use std::future::Future;
use std::pin::Pin;

use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::Runtime;
use super::guard::{LoopAddress, start_loop};
use super::port::{Answer, Request};
use super::queue::{Loop, Queue, StartReason, Takes};

/// An actor's state and its handlers.
pub(crate) trait Behaviour: Sized + 'static {
    /// The name in logs: `outbox`.
    const NAME: &'static str;

    /// Called at the start and after each restart, on fresh state.
    fn started(&mut self, _reason: StartReason, _ctx: &mut Ctx<'_, Self>) {}
}

/// A behaviour that takes messages of type `M`.
pub(crate) trait Receive<M: Request>: Behaviour {
    /// Handles one message. The answer may be given now or later.
    fn receive(&mut self, message: M, answer: Answer<M::Answer>, ctx: &mut Ctx<'_, Self>);
}

/// The address of a behaviour.
pub(crate) type Address<A> = LoopAddress<Handling<A>>;

/// Starts a behaviour, as [`start_loop`] starts a loop.
pub(crate) fn start<A: Behaviour>(runtime: &Runtime, make: impl Fn() -> A + 'static) -> Address<A> {
    start_loop(runtime, move || Handling(make()))
}

/// Lets a handler spawn work on its own actor.
pub(crate) struct Ctx<'a, A> {
    tasks: &'a mut Tasks<A>,
}

type Step<A> = Box<dyn FnOnce(&mut A, &mut Ctx<'_, A>)>;
type Tasks<A> = FuturesUnordered<Pin<Box<dyn Future<Output = Step<A>>>>>;

impl<A: 'static> Ctx<'_, A> {
    /// Runs a future on the actor's thread; `then` gets its output and the state. Dropped if the actor panics meanwhile.
    pub(crate) fn spawn<F>(&mut self, future: F, then: impl FnOnce(&mut A, F::Output, &mut Ctx<'_, A>) + 'static)
    where
        F: Future + 'static,
    {
        self.tasks.push(Box::pin(
            future.map(|output| -> Step<A> { Box::new(move |actor, ctx| then(actor, output, ctx)) }),
        ));
    }
}

/// The loop of a behaviour.
pub(crate) struct Handling<A>(A);

impl<A: Behaviour> Loop for Handling<A> {
    const NAME: &'static str = A::NAME;
    type Incoming = Step<A>;

    async fn run(self, reason: StartReason, mut queue: Queue<Step<A>>) {
        let (mut actor, mut tasks) = (self.0, Tasks::new());
        actor.started(reason, &mut Ctx { tasks: &mut tasks });
        loop {
            let step = tokio::select! {
                biased;
                step = queue.next() => step,
                Some(step) = tasks.next() => step,
            };
            step(&mut actor, &mut Ctx { tasks: &mut tasks });
        }
    }
}

impl<A: Receive<M>, M: Request> Takes<M> for Handling<A> {
    fn incoming(message: M, answer: Answer<M::Answer>) -> Step<A> {
        Box::new(move |actor, ctx| actor.receive(message, answer, ctx))
    }
}
