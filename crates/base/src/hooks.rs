//! Fault injection for tests. A hook kills the process at a step, or fails the step as that call would fail. Tests use it to show
//! that nothing is lost by a commit that took effect but reported an error, or by a call that never returned. A [`DiskPlan`]
//! makes the disk full or read-only, so that SQLite itself reports the error.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::steps::{Disk, Moment, StepFault, StepName};

crate::words! { StepName {
    Open = "open",
    Migrate = "migrate",
    Identify = "identify",
    Webhook = "webhook",
    Menu = "menu",
    Poll = "poll",
    Commit = "commit",
    Typing = "typing",
    Conversation = "conversation",
    Run = "run",
    Send = "send",
    Mail = "mail",
    Mirror = "mirror",
    Confirm = "confirm",
    Checkpoint = "checkpoint",
} }

/// One side of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Counted from 1 over all steps of the service.
    pub n: u64,
    /// The kind of step.
    pub name: StepName,
    /// Before or after it.
    pub moment: Moment,
}

/// Called at each step.
pub trait StepHook: Send + Sync {
    /// Lets the step pass or fails it. Called on the thread that makes the step.
    ///
    /// # Errors
    /// [`StepFault`] makes the step fail as its own kind of failure would.
    fn at(&self, step: Step) -> Result<(), StepFault>;
}

/// The steps of one service.
#[derive(Clone, Default)]
pub struct Steps {
    hook: Option<Arc<dyn StepHook>>,
    count: Arc<AtomicU64>,
}

impl Steps {
    /// Steps with a hook.
    pub fn watched_by(hook: Arc<dyn StepHook>) -> Self {
        Self {
            hook: Some(hook),
            count: Arc::default(),
        }
    }

    /// Runs a call of an edge as a step. `failed` makes the error that the hook wants: certainly not executed before the call, of
    /// unknown outcome after it.
    ///
    /// # Errors
    /// The call's own, or the one the hook wants.
    pub async fn call<T, E>(
        &self,
        name: StepName,
        failed: impl Fn(Moment) -> E + Send,
        call: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, E> {
        let n = self.before(name, &failed)?;
        let outcome = call.await;
        self.at((n, name), Moment::After, &failed)?;
        outcome
    }

    /// [`Steps::call`] for a blocking act. If the act fails, it had no effect, so there is no step after it.
    ///
    /// # Errors
    /// The act's own, or the one the hook wants.
    pub fn act<T, E>(
        &self,
        name: StepName,
        failed: impl Fn(Moment) -> E,
        act: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let n = self.before(name, &failed)?;
        let outcome = act()?;
        self.at((n, name), Moment::After, &failed)?;
        Ok(outcome)
    }

    fn before<E>(&self, name: StepName, failed: impl Fn(Moment) -> E) -> Result<u64, E> {
        if self.hook.is_none() {
            return Ok(0);
        }
        let n = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        self.at((n, name), Moment::Before, failed)?;
        Ok(n)
    }

    fn at<E>(&self, (n, name): (u64, StepName), moment: Moment, failed: impl Fn(Moment) -> E) -> Result<(), E> {
        match &self.hook {
            Some(hook) => hook.at(Step { n, name, moment }).map_err(|StepFault| failed(moment)),
            None => Ok(()),
        }
    }
}

/// The planned state of the disk. Shared by clones.
#[derive(Debug, Clone, Default)]
pub struct DiskPlan {
    disk: Arc<Mutex<Disk>>,
}

impl DiskPlan {
    /// Changes the disk from the next transaction on.
    pub fn make(&self, disk: Disk) {
        *self.disk.lock().unwrap_or_else(PoisonError::into_inner) = disk;
    }

    /// Brings a connection's disk into the planned state, if it is in another.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn apply<E>(&self, disk: &mut Disk, make: impl FnOnce(Disk) -> Result<(), E>) -> Result<(), E> {
        let planned = *self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        if planned != *disk {
            make(planned)?;
            *disk = planned;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct FailAt(Moment);

    impl StepHook for FailAt {
        fn at(&self, step: Step) -> Result<(), StepFault> {
            if step.moment == self.0 { Err(StepFault) } else { Ok(()) }
        }
    }

    #[tokio::test]
    async fn a_step_failed_before_does_not_run_and_one_failed_after_does() {
        for (moment, made) in [(Moment::Before, 0), (Moment::After, 2)] {
            let steps = Steps::watched_by(Arc::new(FailAt(moment)));
            let count = std::sync::atomic::AtomicU64::new(0);
            let count_one = || count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let called = steps.call(StepName::Run, |at| at, async { Ok(count_one()) }).await;
            let acted = steps.act(StepName::Commit, |at| at, || Ok(count_one()));
            assert_eq!((called, acted), (Err(moment), Err(moment)));
            assert_eq!(count.into_inner(), made);
        }
    }
}
