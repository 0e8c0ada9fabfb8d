//! The joints of the service: before and after every commit and every call of an edge. In `run` nobody looks;
//! a test hands in a hook and may fail a step there, to see that a commit that took effect but reported an
//! error, or a call that never returned, loses nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which side of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Nothing has happened yet.
    Before,
    /// It took effect, and nobody has been told.
    After,
}

/// One joint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Counted from 1 over all steps of the service.
    pub n: u64,
    /// What is about to happen or has happened: `commit`, `send_reply`, `run`, `get_updates`.
    pub name: &'static str,
    /// Which side of it.
    pub moment: Moment,
}

/// The hook failed the step on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the step was made to fail")]
pub struct StepFault;

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

    /// A step begins; its number belongs to [`Steps::after`].
    ///
    /// # Errors
    /// If the hook fails it: then it must not take effect.
    pub fn before(&self, name: &'static str) -> Result<u64, StepFault> {
        let Some(hook) = &self.hook else {
            return Ok(0);
        };
        let n = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        hook.at(Step {
            n,
            name,
            moment: Moment::Before,
        })?;
        Ok(n)
    }

    /// The step took effect.
    ///
    /// # Errors
    /// If the hook fails it: then its outcome must be treated as unknown.
    pub fn after(&self, n: u64, name: &'static str) -> Result<(), StepFault> {
        match &self.hook {
            Some(hook) => hook.at(Step {
                n,
                name,
                moment: Moment::After,
            }),
            None => Ok(()),
        }
    }
}
