//! Steps and disk of a service that nothing is done to: `hooks.rs` without the feature `faults`.

use crate::steps::{Disk, Moment, StepName};

/// Nobody looks at them.
#[derive(Clone, Default)]
pub struct Steps {}

impl Steps {
    /// The call.
    ///
    /// # Errors
    /// The call's own.
    pub fn call<T, E, C: Future<Output = Result<T, E>>>(&self, _: StepName, _: impl Fn(Moment) -> E, call: C) -> C {
        call
    }

    /// The act.
    ///
    /// # Errors
    /// The act's own.
    pub fn act<T, E>(&self, _: StepName, _: impl Fn(Moment) -> E, act: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        act()
    }
}

/// The disk is what it is.
#[derive(Debug, Clone, Default)]
pub struct DiskPlan {}

impl DiskPlan {
    /// Nothing.
    ///
    /// # Errors
    /// None.
    pub fn apply<E>(&self, _: &mut Disk, _: impl FnOnce(Disk) -> Result<(), E>) -> Result<(), E> {
        Ok(())
    }
}
