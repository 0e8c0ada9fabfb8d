//! `hooks.rs` without the feature `faults`: steps and disk without fault injection.

use crate::steps::{Disk, Moment, StepName};

/// Steps without a hook.
#[derive(Clone, Default)]
pub struct Steps {}

impl Steps {
    /// Runs the call.
    ///
    /// # Errors
    /// The call's own.
    pub fn call<T, E, C: Future<Output = Result<T, E>>>(&self, _: StepName, _: impl Fn(Moment) -> E, call: C) -> C {
        call
    }

    /// Runs the act.
    ///
    /// # Errors
    /// The act's own.
    pub fn act<T, E>(&self, _: StepName, _: impl Fn(Moment) -> E, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        act()
    }
}

/// The real disk.
#[derive(Debug, Clone, Default)]
pub struct DiskPlan {}

impl DiskPlan {
    /// Does nothing.
    ///
    /// # Errors
    /// None.
    pub fn apply<E>(&self, _: &mut Disk, _: impl FnOnce(Disk) -> Result<(), E>) -> Result<(), E> {
        Ok(())
    }
}
