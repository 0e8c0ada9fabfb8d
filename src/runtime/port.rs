//! How actors reach each other. A port is a typed way into one actor's mailbox with three verbs: `ask` a
//! question, give a `command` that must not be lost, drop a `hint` that may be. Every message travels in an
//! envelope with its own reply channel, because actix removes a message whose sender stopped waiting, and its
//! mailbox neither counts nor refuses.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use actix::{Message, Recipient, WeakRecipient};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Figures of a mailbox, shared by all actors of one name.
#[derive(Debug)]
pub struct Mailbox {
    name: &'static str,
    queued: AtomicUsize,
    alive: AtomicUsize,
    restarts: AtomicU64,
    permits: Arc<Semaphore>,
}

impl Mailbox {
    pub(super) fn new(name: &'static str, permits: usize) -> Self {
        Self {
            name,
            queued: AtomicUsize::new(0),
            alive: AtomicUsize::new(0),
            restarts: AtomicU64::new(0),
            permits: Arc::new(Semaphore::new(permits)),
        }
    }

    /// The actor's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Messages sent and not yet handled.
    pub fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// Actors of this name that live.
    pub fn alive(&self) -> usize {
        self.alive.load(Ordering::Relaxed)
    }

    /// How often they were restarted.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    pub(super) fn born(&self) {
        self.alive.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn died(&self) {
        self.alive.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn restarted(&self) -> u64 {
        self.restarts.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Counts one queued message for as long as it lives.
pub(super) struct Queued(Arc<Mailbox>);

impl Queued {
    pub(super) fn new(mailbox: &Arc<Mailbox>) -> Self {
        mailbox.queued.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(mailbox))
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A message on its way, with where its answer goes.
pub struct Envelope<M: Message> {
    message: M,
    answer: Answer<M::Result>,
    _queued: Queued,
}

impl<M: Message> Message for Envelope<M> {
    type Result = ();
}

impl<M: Message> Envelope<M> {
    /// Takes it out; from here on it no longer counts as queued.
    pub(super) fn open(self) -> (M, Answer<M::Result>) {
        (self.message, self.answer)
    }
}

/// Where an answer goes. It may be kept and given later; dropping it tells the asker that none will come.
pub struct Answer<R> {
    to: Option<oneshot::Sender<R>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl<R> Answer<R> {
    /// Answers; an asker who no longer listens is not an error.
    pub fn give(self, result: R) {
        if let Some(to) = self.to {
            let _ = to.send(result);
        }
    }

    /// Waits until nobody waits for it any more; at once if nobody ever did.
    pub async fn abandoned(&mut self) {
        if let Some(to) = &mut self.to {
            to.closed().await;
        }
    }

    /// Whether anybody still waits for it.
    pub fn is_wanted(&self) -> bool {
        self.to.as_ref().is_some_and(|to| !to.is_closed())
    }
}

/// Whether hints arrive. A test drops them all to show that rows, not hints, carry the messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hints {
    /// As in `run`.
    #[default]
    Delivered,
    /// Every hint is lost.
    Dropped,
}

/// Why a port gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// The actor panicked over it, or is gone.
    #[error("the actor gave no answer")]
    NoAnswer,
    /// The deadline passed.
    #[error("the actor did not answer in time")]
    Late,
}

/// A way into one actor, that keeps it alive or does not.
#[derive(Clone)]
pub struct Way<T> {
    to: T,
    mailbox: Arc<Mailbox>,
    hints: Hints,
}

/// A typed way into one actor.
pub type Port<M> = Way<Recipient<Envelope<M>>>;

/// A port that does not keep its actor alive: for an actor that is told something by those it holds itself.
pub type WeakPort<M> = Way<WeakRecipient<Envelope<M>>>;

impl<M> Port<M>
where
    M: Message + Send + 'static,
    M::Result: Send + 'static,
{
    pub(super) fn new(to: Recipient<Envelope<M>>, mailbox: Arc<Mailbox>, hints: Hints) -> Self {
        Self { to, mailbox, hints }
    }

    fn post(&self, message: M, to: Option<oneshot::Sender<M::Result>>, permit: Option<OwnedSemaphorePermit>) {
        self.to.do_send(Envelope {
            message,
            answer: Answer { to, _permit: permit },
            _queued: Queued::new(&self.mailbox),
        });
    }

    /// Asks and waits at most `limit`. The actor may find that nobody waits any more and not begin.
    ///
    /// # Errors
    /// [`PortError::Late`] after `limit`, [`PortError::NoAnswer`] if the actor panicked or is gone.
    pub async fn ask(&self, message: M, limit: Duration) -> Result<M::Result, PortError> {
        let (to, answer) = oneshot::channel();
        self.post(message, Some(to), None);
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_dropped)) => Err(PortError::NoAnswer),
            Err(_elapsed) => Err(PortError::Late),
        }
    }

    /// Gives a command. It is on its way when this returns, whatever becomes of the future; the future only
    /// waits for the answer. Beyond the mailbox's permits a command queues outside, in order.
    pub fn command(&self, message: M) -> impl Future<Output = Result<M::Result, PortError>> + Send + use<M> {
        let (to, answer) = oneshot::channel();
        match Arc::clone(&self.mailbox.permits).try_acquire_owned() {
            Ok(permit) => self.post(message, Some(to), Some(permit)),
            Err(_full) => {
                let port = self.clone();
                tokio::spawn(async move {
                    if let Ok(permit) = Arc::clone(&port.mailbox.permits).acquire_owned().await {
                        port.post(message, Some(to), Some(permit));
                    }
                });
            }
        }
        async move { answer.await.map_err(|_dropped| PortError::NoAnswer) }
    }

    /// The same way without holding the actor.
    pub fn weak(&self) -> WeakPort<M> {
        Way {
            to: self.to.downgrade(),
            mailbox: Arc::clone(&self.mailbox),
            hints: self.hints,
        }
    }

    /// Drops a hint. It may be lost, and nothing may depend on it.
    pub fn hint(&self, message: M) {
        if self.hints == Hints::Delivered {
            self.post(message, None, None);
        }
    }
}

impl<M> WeakPort<M>
where
    M: Message + Send + 'static,
    M::Result: Send + 'static,
{
    /// Drops a hint, as [`Port::hint`]; lost if the actor is gone.
    pub fn hint(&self, message: M) {
        if let Some(to) = self.to.upgrade() {
            Port::new(to, Arc::clone(&self.mailbox), self.hints).hint(message);
        }
    }
}
