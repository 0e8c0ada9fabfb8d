//! Actors that nothing is done to: `hooks.rs` without the feature `faults`.

/// No panic is raised on purpose.
#[derive(Clone, Default)]
pub struct PanicPlan {}

impl PanicPlan {
    pub(super) fn message_is_taken(&self, _: &str) {}

    pub(super) fn actor_starts(&self, _: &str) {}
}

/// All of them arrive.
#[derive(Clone, Copy, Default)]
pub struct Hints {}

impl Hints {
    pub(super) fn arrive(self) -> bool {
        true
    }
}
