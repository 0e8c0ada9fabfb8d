//! The actix actor around every behaviour, and the one place where a panic is caught: in a handler, in the
//! future it started, and in the continuation of that future. The asker gets an error, the log one line, the
//! actor is restarted in place with fresh state: its address and its queue survive, futures in flight do not.
//! (actix's own Supervisor restarts an actor that stopped, not one that panicked: DESIGN, "Actors on actix".)

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use actix::fut::wrap_future;
use actix::{Actor, ActorContext, ActorFutureExt, Addr, AsyncContext, Context, Handler, Message, SpawnHandle};
use actix::{Supervised, Supervisor};
use base::Event;
use futures_util::FutureExt;

use super::Runtime;
use super::port::{Answer, Envelope, Mailbox, Port};

/// An actor's state and life, without actix.
pub trait Behaviour: Sized + Unpin + 'static {
    /// The name in logs: `conversation`.
    const NAME: &'static str;
    /// It queues what it is handed: a message counts, also for a plan of panics, when it is taken from there.
    const QUEUES: bool = false;

    /// Called at birth and again after each restart in place, on fresh state.
    fn started(&mut self, _birth: Birth, _ctx: &mut Ctx<'_, Self>) {}
}

/// A behaviour that takes messages of type `M`.
pub trait Receive<M: Message>: Behaviour {
    /// Handles one message. The answer may be given now or kept until it is known.
    fn receive(&mut self, message: M, answer: Answer<M::Result>, ctx: &mut Ctx<'_, Self>);
}

/// Which life this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Birth {
    /// The first.
    First,
    /// After a panic: what was in memory is gone, what was under way was dropped.
    Again,
}

/// Panics raised on purpose: over the n-th message to actors of a name, or at their first birth. Empty in `run`.
#[derive(Clone, Default)]
pub struct PanicPlan {
    pub(super) left: Arc<Vec<(&'static str, AtomicI64)>>,
    births: Arc<Vec<(&'static str, AtomicI64)>>,
}

impl PanicPlan {
    /// The actor of that name panics when it is handed its n-th message, counted from 1; a name may stand more than once.
    pub fn at(messages: &[(&'static str, i64)]) -> Self {
        Self {
            left: counted(messages),
            births: Arc::default(),
        }
    }

    /// The first actor of each of these names panics when it is born: also one that nobody writes to.
    #[must_use]
    pub fn and_births(self, names: &[&'static str]) -> Self {
        let births: Vec<_> = names.iter().map(|name| (*name, 1)).collect();
        Self {
            births: counted(&births),
            ..self
        }
    }
}

fn counted(panics: &[(&'static str, i64)]) -> Arc<Vec<(&'static str, AtomicI64)>> {
    Arc::new(panics.iter().map(|(name, n)| (*name, AtomicI64::new(*n))).collect())
}

/// Counts one more of that name; whether it has to panic over it.
pub(super) fn is_due(panics: &[(&'static str, AtomicI64)], name: &str) -> bool {
    let own = panics.iter().filter(|(of, _)| *of == name);
    // Each is counted down, also behind one that is due.
    own.fold(false, |is_due, (_, left)| {
        left.fetch_sub(1, Ordering::Relaxed) == 1 || is_due
    })
}

/// The actix actor.
pub struct Guard<A: Behaviour> {
    make: Box<dyn Fn() -> A>,
    inner: A,
    runtime: Runtime,
    mailbox: Arc<Mailbox>,
    birth: Birth,
    is_given_up: bool,
}

/// An actor's address, from which ports are made.
pub struct Address<A: Behaviour> {
    addr: Addr<Guard<A>>,
    mailbox: Arc<Mailbox>,
    runtime: Runtime,
}

impl<A: Behaviour> Address<A> {
    /// A way in for messages of one type.
    pub fn port<M>(&self) -> Port<M>
    where
        A: Receive<M>,
        M: Message + Send + 'static,
        M::Result: Send + 'static,
    {
        Port::new(
            self.addr.clone().recipient(),
            Arc::clone(&self.mailbox),
            self.runtime.hints,
        )
    }
}

/// Starts an actor on this thread's arbiter. `make` builds its state, now and after every panic.
pub fn start<A: Behaviour>(runtime: &Runtime, make: impl Fn() -> A + 'static) -> Address<A> {
    let mailbox = runtime.mailbox(A::NAME);
    let guard = Guard {
        inner: make(),
        make: Box::new(make),
        runtime: runtime.clone(),
        mailbox: Arc::clone(&mailbox),
        birth: Birth::First,
        is_given_up: false,
    };
    Address {
        addr: Supervisor::start(|_| guard),
        mailbox,
        runtime: runtime.clone(),
    }
}

/// What a behaviour may do with its own actor while it handles something.
pub struct Ctx<'a, A: Behaviour> {
    actix: &'a mut Context<Guard<A>>,
    runtime: &'a Runtime,
}

/// Something an actor started and may call off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task(SpawnHandle);

impl<A: Behaviour> Ctx<'_, A> {
    /// Runs a future on the actor's own thread; `then` gets its output and the state. Dropped unfinished if the
    /// actor panics meanwhile.
    pub fn spawn<F>(&mut self, future: F, then: impl FnOnce(&mut A, F::Output, &mut Ctx<'_, A>) + 'static) -> Task
    where
        F: Future + 'static,
    {
        let guarded = wrap_future::<_, Guard<A>>(AssertUnwindSafe(future).catch_unwind());
        Task(self.actix.spawn(guarded.map(|outcome, guard, ctx| match outcome {
            Ok(output) => guard.protect(ctx, |inner, ctx| then(inner, output, ctx)),
            Err(panic) => guard.panicked(panic.as_ref(), ctx),
        })))
    }

    /// Calls a task off; it is dropped where it stands.
    pub fn cancel(&mut self, task: Task) {
        self.actix.cancel_future(task.0);
    }

    /// A way into this actor itself. Keep it in futures, not in state: an actor that holds its own address
    /// never ends.
    pub fn port<M>(&mut self) -> Port<M>
    where
        A: Receive<M>,
        M: Message + Send + 'static,
        M::Result: Send + 'static,
    {
        Port::new(
            self.actix.address().recipient(),
            self.runtime.mailbox(A::NAME),
            self.runtime.hints,
        )
    }
}

/// Runs network work on the runtime's workers; aborted if this is dropped before it ended.
pub fn offload<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> impl Future<Output = T> {
    AbortOnDrop(tokio::spawn(work)).output()
}

struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> AbortOnDrop<T> {
    /// What came of it; its panic goes on here.
    async fn output(mut self) -> T {
        match (&mut self.0).await {
            Ok(output) => output,
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Aborted with the runtime: nobody is left to be told.
                Err(_aborted) => std::future::pending().await,
            },
        }
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<A: Behaviour> Guard<A> {
    fn protect(&mut self, ctx: &mut Context<Self>, work: impl FnOnce(&mut A, &mut Ctx<'_, A>)) {
        // An actor that is dropped is polled once more by actix, also when its runtime has ended: what it would begin then is run
        // by nobody, and whoever asks is told that there is no answer.
        if self.is_given_up || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let inner = &mut self.inner;
        let runtime = &self.runtime;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(inner, &mut Ctx { actix: ctx, runtime })));
        if let Err(panic) = outcome {
            self.panicked(panic.as_ref(), ctx);
        }
    }

    fn panicked(&mut self, panic: &(dyn Any + Send), ctx: &mut Context<Self>) {
        self.count(panic);
        if !self.is_given_up {
            ctx.stop();
        }
    }

    /// Counts a restart, or gives up: restarting under the supervisor without end would spin on this thread and
    /// keep the end from being noticed.
    fn count(&mut self, panic: &(dyn Any + Send)) {
        let count = self.mailbox.restarted();
        let is_allowed = self.runtime.restarts().allow(std::time::Instant::now());
        let name = if is_allowed { "restarted" } else { "restart_refused" };
        let event = Event::error(A::NAME, name).with("count", count);
        self.runtime.events.emit(event.with("reason", reason_of(panic)));
        if !is_allowed {
            self.is_given_up = true;
            self.runtime.fail(format!("{} was restarted too often", A::NAME));
        }
    }
}

/// The reason as far as it may be logged: a composed message can hold a piece of a customer's text (a slice out
/// of bounds quotes the string), a literal cannot.
fn reason_of(panic: &(dyn Any + Send)) -> String {
    match panic.downcast_ref::<&'static str>() {
        Some(literal) => (*literal).to_owned(),
        None => "panicked, message withheld".to_owned(),
    }
}

impl<A: Behaviour> Actor for Guard<A> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.birth == Birth::First {
            self.mailbox.born();
            self.runtime.events.emit(Event::info(A::NAME, "started"));
        }
        let birth = std::mem::replace(&mut self.birth, Birth::Again);
        let is_due = birth == Birth::First && is_due(&self.runtime.panics.births, A::NAME);
        self.protect(ctx, |inner, ctx| {
            assert!(!is_due, "panic raised on purpose");
            inner.started(birth, ctx);
        });
    }
}

impl<A: Behaviour> Supervised for Guard<A> {
    fn restarting(&mut self, _ctx: &mut Self::Context) {
        // A constructor may panic as well; actix would let the actor die of it, and nobody would hear.
        while !self.is_given_up {
            match catch_unwind(AssertUnwindSafe(|| (self.make)())) {
                Ok(inner) => {
                    self.inner = inner;
                    return;
                }
                Err(panic) => self.count(panic.as_ref()),
            }
        }
    }
}

impl<A: Behaviour> Drop for Guard<A> {
    fn drop(&mut self) {
        self.mailbox.died();
        self.runtime.events.emit(Event::info(A::NAME, "stopped"));
    }
}

impl<A, M> Handler<Envelope<M>> for Guard<A>
where
    A: Receive<M>,
    M: Message + 'static,
{
    type Result = ();

    fn handle(&mut self, envelope: Envelope<M>, ctx: &mut Self::Context) {
        let (message, answer) = envelope.open();
        let is_due = !A::QUEUES && is_due(&self.runtime.panics.left, A::NAME);
        self.protect(ctx, |inner, ctx| {
            assert!(!is_due, "panic raised on purpose");
            inner.receive(message, answer, ctx);
        });
    }
}

#[cfg(test)]
mod tests;
