//! `hooks.rs` without the feature `faults`: actors without fault injection.

/// No injected panics.
#[derive(Clone, Default)]
pub struct PanicPlan {}

impl PanicPlan {
    pub(super) fn message_is_taken(&self, _: &str) {}

    pub(super) fn actor_starts(&self, _: &str) {}
}

/// All hints arrive.
#[derive(Clone, Copy, Default)]
pub struct Hints {}

impl Hints {
    pub(super) fn arrive(self) -> bool {
        true
    }
}
