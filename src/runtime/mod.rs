//! The base of every actor. An actor is a plain struct: a [`Behaviour`] handles messages, a [`Loop`] runs a sequence. The actix
//! actor around it is the [`guard`], the one place that catches panics. Actors reach each other through [`Port`]s. The [`Clock`]
//! is a value, [`Events`] go to the log, and [`Steps`] are where tests inject faults. Each service has its own [`Runtime`], so
//! several services can run in one process.

mod behaviour;
pub(crate) mod descriptors;
mod guard;
#[cfg_attr(not(any(test, feature = "faults")), path = "no_hooks.rs")]
mod hooks;
pub(crate) mod issuer;
mod large;
mod port;
mod queue;
mod restarts;

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use base::{Clock, DiskPlan, Events, Steps};
use tokio::sync::SetOnce;

use crate::config::Limits;

pub(crate) use behaviour::{Address, Behaviour, Ctx, Receive, start};
pub(crate) use guard::{LoopAddress, start_loop};
pub use hooks::{Hints, PanicPlan};
pub(crate) use large::LargeWork;
pub(crate) use port::requests;
pub(crate) use port::{Answer, Mailbox, Port, PortError, Reach, Request};
pub(crate) use queue::{Loop, Queue, StartReason, Takes, offload};
pub(crate) use restarts::Restarts;

/// Shared by the actors of one service. A single pointer, because thousands of idle actors hold it.
#[derive(Clone)]
pub struct Runtime(Arc<Parts>);

/// The contents of a [`Runtime`].
#[derive(Clone)]
pub struct Parts {
    /// Wall time.
    pub clock: Clock,
    /// Events for the log and for listeners.
    pub events: Events,
    /// Before and after each commit and edge call.
    pub steps: Steps,
    /// Injected panics; none in `run`.
    pub panics: PanicPlan,
    /// Whether hints arrive; a test may drop all of them.
    pub hints: Hints,
    /// Injected disk faults; none in `run`.
    pub disk: DiskPlan,
    /// The thread on which reports are loaded and rendered.
    pub large: LargeWork,
    shared: Arc<Shared>,
}

struct Shared {
    restarts: Restarts,
    command_permits: usize,
    fatal: SetOnce<String>,
    mailboxes: Mutex<BTreeMap<&'static str, Arc<Mailbox>>>,
}

impl Runtime {
    /// A runtime without fault injection.
    pub fn new(clock: Clock, events: Events, limits: &Limits) -> Self {
        Self(Arc::new(Parts {
            clock,
            events,
            steps: Steps::default(),
            panics: PanicPlan::default(),
            hints: Hints::default(),
            disk: DiskPlan::default(),
            large: LargeWork::default(),
            shared: Arc::new(Shared {
                restarts: Restarts::new(limits.restarts, limits.restart_window),
                command_permits: limits.command_permits,
                fatal: SetOnce::new(),
                mailboxes: Mutex::default(),
            }),
        }))
    }

    /// The mailbox shared by all actors of this name, created at the first call.
    pub fn mailbox(&self, name: &'static str) -> Arc<Mailbox> {
        let mut all = self.shared.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Mailbox::new(name, self.shared.command_permits, self.hints, self.panics.clone());
        Arc::clone(all.entry(name).or_insert_with(|| Arc::new(make())))
    }

    /// All mailboxes, ordered by name.
    pub fn mailboxes(&self) -> Vec<Arc<Mailbox>> {
        let all = self.shared.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }

    /// The restart limit.
    pub fn restarts(&self) -> &Restarts {
        &self.shared.restarts
    }

    /// Ends the service because something essential cannot continue. The first reason counts; returns whether this one is it.
    pub fn fail(&self, reason: impl Into<String>) -> bool {
        self.shared.fatal.set(reason.into()).is_ok()
    }

    /// Whether [`Runtime::fail`] was called.
    pub fn is_failed(&self) -> bool {
        self.shared.fatal.initialized()
    }

    /// Waits for [`Runtime::fail`] and returns its reason.
    pub async fn failed(&self) -> String {
        self.shared.fatal.wait().await.clone()
    }
}

impl Deref for Runtime {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// For building a runtime: existing clones do not change.
impl DerefMut for Runtime {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

/// Runs a test on its own thread with a time limit.
#[cfg(test)]
fn in_time<T: Future<Output = ()>>(test: impl FnOnce() -> T + Send + 'static) {
    let (end, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix::System::new().block_on(test());
        let _ = end.send(());
    });
    let ended = ended.recv_timeout(std::time::Duration::from_secs(20));
    ended.expect("the test ends, and without a panic");
}
