//! What a test does to a service on purpose: a hook that kills the process at a step, or fails the step as that call's own
//! failure would, and so sees that a commit that took effect but reported an error, or a call that never returned, loses
//! nothing; a disk without room, about which SQLite itself complains.

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

/// One side of one joint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Counted from 1 over all steps of the service.
    pub n: u64,
    /// What is about to happen or has happened.
    pub name: StepName,
    /// Which side of it.
    pub moment: Moment,
}

/// Looks at each step.
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
    /// Steps that a hook looks at.
    pub fn watched_by(hook: Arc<dyn StepHook>) -> Self {
        Self {
            hook: Some(hook),
            count: Arc::default(),
        }
    }

    /// Makes a call of an edge as a step. `failed` says what a failure of this call looks like: surely not executed
    /// before it, of unknown outcome after it.
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

    /// The same for what blocks its thread. An error of its own took no effect: there is nothing behind it.
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

/// Says what the disk is to be. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct DiskPlan {
    disk: Arc<Mutex<Disk>>,
}

impl DiskPlan {
    /// From the next transaction on.
    pub fn make(&self, disk: Disk) {
        *self.disk.lock().unwrap_or_else(PoisonError::into_inner) = disk;
    }

    /// Makes a connection's disk what it is to be, if it is not.
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
    async fn a_step_that_fails_before_is_not_made_and_one_that_fails_after_is() {
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
