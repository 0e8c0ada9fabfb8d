//! The actix actor around every loop, and the one place that catches panics. After a panic the caller gets an error, the log gets
//! one line, and the loop restarts in place: its address and queue survive, work in progress does not. (actix's own Supervisor
//! restarts an actor that stopped, not one that panicked: docs/decisions/0001.)

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;

use actix::fut::wrap_future;
use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler};
use actix::{Supervised, Supervisor};
use base::Event;
use futures_util::FutureExt;

use super::Runtime;
use super::port::{Counted, Envelope, Mailbox, Port, Reach, Request};
use super::queue::{Loop, Queue, StartReason, Takes};

/// The actix actor.
pub(super) struct Guard<L: Loop> {
    make: Rc<dyn Fn() -> L>,
    queue: Queue<L::Incoming>,
    runtime: Runtime,
    /// Set at the first start.
    counted: Option<Counted>,
    is_running: bool,
    is_given_up: bool,
}

/// An actor's address, from which ports are made.
pub(crate) struct LoopAddress<L: Loop> {
    addr: Addr<Guard<L>>,
    mailbox: Arc<Mailbox>,
}

impl<L: Loop> LoopAddress<L> {
    /// A port for messages of one type.
    pub(crate) fn port<M>(&self) -> Port<M>
    where
        L: Takes<M>,
        M: Request,
    {
        Port::new(self.addr.clone().recipient(), Arc::clone(&self.mailbox))
    }
}

impl<L, M> Reach<M> for LoopAddress<L>
where
    L: Takes<M>,
    M: Request,
{
    fn port(&self) -> Port<M> {
        Self::port(self)
    }

    fn hint(&self, message: M) {
        if let Some(hint) = self.mailbox.hint(message) {
            self.addr.do_send(hint);
        }
    }
}

/// Starts an actor on this thread's arbiter. `make` builds its state at the start and after every panic.
pub(crate) fn start_loop<L: Loop>(runtime: &Runtime, make: impl Fn() -> L + 'static) -> LoopAddress<L> {
    let mailbox = runtime.mailbox(L::NAME);
    let guard = Guard {
        make: Rc::new(make),
        queue: Queue::new(&mailbox),
        runtime: runtime.clone(),
        counted: None,
        is_running: false,
        is_given_up: false,
    };
    LoopAddress {
        addr: Supervisor::start(|_| guard),
        mailbox,
    }
}

impl<L: Loop> Guard<L> {
    fn begin(&mut self, reason: StartReason, ctx: &mut Context<Self>) {
        // actix polls an actor once more when it is dropped, even after its runtime ended, which could not run the loop.
        if self.is_given_up || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        self.is_running = true;
        let (make, queue) = (Rc::clone(&self.make), self.queue.same());
        let run = async move {
            if reason == StartReason::Initial {
                queue.mailbox().panics.actor_starts(L::NAME);
            }
            make().run(reason, queue).await;
        };
        let run = wrap_future::<_, Self>(AssertUnwindSafe(run).catch_unwind());
        ctx.spawn(run.map(|outcome, guard, ctx| match outcome {
            Ok(()) => guard.ended(ctx),
            Err(panic) => guard.panicked(panic.as_ref(), ctx),
        }));
    }

    fn ended(&mut self, ctx: &mut Context<Self>) {
        self.is_running = false;
        if !self.queue.is_empty() {
            self.begin(StartReason::Initial, ctx);
        }
    }

    /// Restarts, or gives up at the limit: endless restarts would spin on this thread, and the service would never end.
    fn panicked(&mut self, panic: &(dyn Any + Send), ctx: &mut Context<Self>) {
        let count = self.queue.mailbox().restarted();
        let is_allowed = self.runtime.restarts().allow(std::time::Instant::now());
        let event = match is_allowed {
            true => Event::error(L::NAME, "restarted"),
            false => Event::error(L::NAME, "restart_limit_reached"),
        };
        let event = event.with("restarts", count).with("reason", reason_of(panic));
        self.runtime.events.emit(event);
        if is_allowed {
            ctx.stop();
        } else {
            self.is_given_up = true;
            self.queue.clear();
            self.runtime.fail(format!("{} was restarted too often", L::NAME));
        }
    }
}

/// The reason, if it may be logged: a formatted message can contain a customer's text (a slice out of bounds quotes the string),
/// a literal cannot.
fn reason_of(panic: &(dyn Any + Send)) -> String {
    match panic.downcast_ref::<&'static str>() {
        Some(literal) => (*literal).to_owned(),
        None => "panicked, message withheld".to_owned(),
    }
}

impl<L: Loop> Actor for Guard<L> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.counted.is_some() {
            return self.begin(StartReason::AfterPanic, ctx);
        }
        self.counted = Some(self.queue.mailbox().counted());
        self.runtime.events.emit(Event::info(L::NAME, "started"));
        self.begin(StartReason::Initial, ctx);
    }
}

impl<L: Loop> Supervised for Guard<L> {}

impl<L: Loop> Drop for Guard<L> {
    fn drop(&mut self) {
        self.runtime.events.emit(Event::info(L::NAME, "stopped"));
    }
}

impl<L, M> Handler<Envelope<M>> for Guard<L>
where
    L: Takes<M>,
    M: Request,
{
    type Result = ();

    fn handle(&mut self, envelope: Envelope<M>, ctx: &mut Self::Context) {
        if self.is_given_up {
            return;
        }
        self.queue
            .push(L::incoming(envelope.message, envelope.answer), envelope.queued);
        if !self.is_running {
            self.begin(StartReason::Initial, ctx);
        }
    }
}

#[cfg(test)]
mod tests;
