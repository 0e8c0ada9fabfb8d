//! What the database needs from the program.

use std::sync::Arc;

use base::{Clock, DiskPlan, Events, Steps};

/// The clock, the log, and the way to end the program. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    pub(super) clock: Clock,
    pub(super) events: Events,
    /// Before and after each commit.
    pub steps: Steps,
    /// Disk faults that a test injects.
    pub disk: DiskPlan,
    pub(super) fail: Arc<dyn Fn(String) -> bool + Send + Sync>,
}

impl Host {
    /// `fail` ends the program, because no retry repairs a damaged file. It gets the reason and returns whether it is the first.
    pub fn new(clock: Clock, events: Events, fail: impl Fn(String) -> bool + Send + Sync + 'static) -> Self {
        Self {
            clock,
            events,
            steps: Steps::default(),
            disk: DiskPlan::default(),
            fail: Arc::new(fail),
        }
    }
}
