//! What every actor is built with. An actor here is a plain struct: one that answers questions has a [`Behaviour`], one whose work is
//! a sequence is a [`Loop`]. The [`guard`] is the actix actor around it, so that a panic is caught in one place; [`Port`]s are how
//! actors reach each other; the [`Clock`] is a value, the [`Events`] are what an operator reads, the [`Steps`] are where a test may
//! cut in. One [`Runtime`] belongs to one service: several services run in one process without touching each other.

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

/// What the actors of one service share. One pointer: every actor has it, and thousands of them are at rest.
#[derive(Clone)]
pub struct Runtime(Arc<Parts>);

/// What is in a [`Runtime`].
#[derive(Clone)]
pub struct Parts {
    /// Wall time.
    pub clock: Clock,
    /// What happens, for the log and for whoever listens.
    pub events: Events,
    /// Before and after each commit and edge call.
    pub steps: Steps,
    /// Panics to be raised on purpose; empty in `run`.
    pub panics: PanicPlan,
    /// Whether hints arrive; a test may drop them all.
    pub hints: Hints,
    /// What the database's disk is made to be; nothing in `run`.
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
    /// A runtime with nothing switched on but the given clock and events.
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

    /// The mailbox figures of all actors of that name, made at the first call.
    pub fn mailbox(&self, name: &'static str) -> Arc<Mailbox> {
        let mut all = self.shared.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Mailbox::new(name, self.shared.command_permits, self.hints, self.panics.clone());
        Arc::clone(all.entry(name).or_insert_with(|| Arc::new(make())))
    }

    /// The figures of every actor, by name.
    pub fn mailboxes(&self) -> Vec<Arc<Mailbox>> {
        let all = self.shared.mailboxes.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }

    /// How often actors were restarted.
    pub fn restarts(&self) -> &Restarts {
        &self.shared.restarts
    }

    /// Ends the service: something essential cannot go on. The first reason counts; answers whether this was it.
    pub fn fail(&self, reason: impl Into<String>) -> bool {
        self.shared.fatal.set(reason.into()).is_ok()
    }

    /// Whether [`Runtime::fail`] was called.
    pub fn is_failed(&self) -> bool {
        self.shared.fatal.initialized()
    }

    /// Waits until somebody called [`Runtime::fail`].
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

/// Runs a test on a thread of its own: one that waits or spins for ever fails.
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
