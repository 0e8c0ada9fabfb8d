//! Ports: typed access to one actor's mailbox with three verbs. `ask` waits for an answer, a `command` must not be lost, a `hint`
//! may be. Every message is in an envelope with its own reply channel, because actix removes a message whose sender stopped
//! waiting, and because its mailbox neither counts messages nor rejects them.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix::{Message, Recipient};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{Hints, PanicPlan};

/// Counters and injected faults of a mailbox, shared by all actors of one name.
pub struct Mailbox {
    name: &'static str,
    /// One clone per queued message.
    queued: Arc<()>,
    alive: Arc<()>,
    restarts: AtomicU64,
    permits: Arc<Semaphore>,
    hints: Hints,
    pub(super) panics: PanicPlan,
}

/// Counts until it is dropped.
pub(super) type Counted = Arc<()>;

impl Mailbox {
    pub(super) fn new(name: &'static str, permits: usize, hints: Hints, panics: PanicPlan) -> Self {
        Self {
            name,
            queued: Arc::default(),
            alive: Arc::default(),
            restarts: AtomicU64::new(0),
            permits: Arc::new(Semaphore::new(permits)),
            hints,
            panics,
        }
    }

    /// The actor's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Messages sent but not taken yet.
    pub fn queued(&self) -> usize {
        Arc::strong_count(&self.queued) - 1
    }

    /// Running actors of this name.
    pub fn alive(&self) -> usize {
        Arc::strong_count(&self.alive) - 1
    }

    /// Restarts of all actors of this name.
    pub fn restarts(&self) -> u64 {
        self.restarts.load(Ordering::Relaxed)
    }

    /// An envelope for a hint, unless a test drops hints.
    pub(super) fn hint<M: Request>(&self, message: M) -> Option<Envelope<M>> {
        self.hints.arrive().then(|| Envelope {
            message,
            answer: Answer {
                to: None,
                _permit: None,
            },
            queued: Arc::clone(&self.queued),
        })
    }

    pub(super) fn counted(&self) -> Counted {
        Arc::clone(&self.alive)
    }

    pub(super) fn restarted(&self) -> u64 {
        self.restarts.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// A message to an actor.
pub(crate) trait Request: Send + 'static {
    /// What the actor answers.
    type Answer: Send + 'static;
}

/// Declares messages, each with the type of its answer.
macro_rules! requests {
    ($($message:ty => $answer:ty,)+) => {
        $(impl $crate::runtime::Request for $message {
            type Answer = $answer;
        })+
    };
}
pub(crate) use requests;

/// A message with its reply channel. It counts as queued until it is taken.
pub(super) struct Envelope<M: Request> {
    pub(super) message: M,
    pub(super) answer: Answer<M::Answer>,
    pub(super) queued: Counted,
}

impl<M: Request> Message for Envelope<M> {
    type Result = ();
}

/// A reply channel. It may be kept and used later; if it is dropped, the caller gets an error.
pub(crate) struct Answer<R> {
    to: Option<oneshot::Sender<R>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl<R> Answer<R> {
    /// Answers. It is not an error if the caller stopped waiting.
    pub(crate) fn give(self, result: R) {
        if let Some(to) = self.to {
            let _ = to.send(result);
        }
    }

    /// Waits until the caller stops waiting; returns at once for a hint.
    pub(crate) async fn abandoned(&mut self) {
        if let Some(to) = &mut self.to {
            to.closed().await;
        }
    }

    /// Whether the caller still waits.
    pub(crate) fn is_wanted(&self) -> bool {
        self.to.as_ref().is_some_and(|to| !to.is_closed())
    }
}

/// Why a port gave no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PortError {
    /// The actor panicked over the message, or has stopped.
    #[error("the actor gave no answer")]
    NoAnswer,
    /// The deadline passed.
    #[error("the actor did not answer in time")]
    Late,
}

/// Access to an actor for messages of several types. For thousands of actors it needs less memory than a port per message type.
pub(crate) trait Reach<M: Request> {
    /// Its port for `M`.
    fn port(&self) -> Port<M>;

    /// Sends a hint, as [`Port::hint`] does.
    fn hint(&self, message: M);
}

/// Access to an actor for messages of one type.
pub(crate) struct Port<M: Request> {
    to: Recipient<Envelope<M>>,
    mailbox: Arc<Mailbox>,
}

impl<M: Request> Clone for Port<M> {
    fn clone(&self) -> Self {
        Self {
            to: self.to.clone(),
            mailbox: Arc::clone(&self.mailbox),
        }
    }
}

impl<M: Request> Port<M> {
    pub(super) fn new(to: Recipient<Envelope<M>>, mailbox: Arc<Mailbox>) -> Self {
        Self { to, mailbox }
    }

    fn post(&self, message: M, to: oneshot::Sender<M::Answer>, permit: Option<OwnedSemaphorePermit>) {
        self.to.do_send(Envelope {
            message,
            answer: Answer {
                to: Some(to),
                _permit: permit,
            },
            queued: Arc::clone(&self.mailbox.queued),
        });
    }

    /// Asks and waits at most `limit`. After that, the actor may skip the message.
    ///
    /// # Errors
    /// [`PortError::Late`] after `limit`, [`PortError::NoAnswer`] if the actor panicked or has stopped.
    pub(crate) async fn ask(&self, message: M, limit: Duration) -> Result<M::Answer, PortError> {
        let (to, answer) = oneshot::channel();
        self.post(message, to, None);
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(result)) => Ok(result),
            Ok(Err(_dropped)) => Err(PortError::NoAnswer),
            Err(_elapsed) => Err(PortError::Late),
        }
    }

    /// Sends a command. It is on its way when this returns; the future only waits for the answer and may be dropped. Beyond the
    /// mailbox's permits commands wait outside the mailbox, in order.
    pub(crate) fn command(&self, message: M) -> impl Future<Output = Result<M::Answer, PortError>> + Send + use<M> {
        let (to, answer) = oneshot::channel();
        match Arc::clone(&self.mailbox.permits).try_acquire_owned() {
            Ok(permit) => self.post(message, to, Some(permit)),
            Err(_full) => {
                let port = self.clone();
                tokio::spawn(async move {
                    if let Ok(permit) = Arc::clone(&port.mailbox.permits).acquire_owned().await {
                        port.post(message, to, Some(permit));
                    }
                });
            }
        }
        async move { answer.await.map_err(|_dropped| PortError::NoAnswer) }
    }

    /// Sends a hint. It may be lost, so nothing may depend on it.
    pub(crate) fn hint(&self, message: M) {
        if let Some(hint) = self.mailbox.hint(message) {
            self.to.do_send(hint);
        }
    }
}
