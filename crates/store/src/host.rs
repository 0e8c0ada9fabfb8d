//! What a database gets from the program that runs it.

use std::sync::Arc;

use base::{Clock, DiskPlan, Events, Steps};

/// Time, the log, and the way to an end. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    pub(super) clock: Clock,
    pub(super) events: Events,
    /// Before and after each commit.
    pub steps: Steps,
    /// What a test makes of the disk.
    pub disk: DiskPlan,
    pub(super) fail: Arc<dyn Fn(String) -> bool + Send + Sync>,
}

impl Host {
    /// `fail` ends the program: no retry mends a damaged file. It gets the reason, and answers whether that is the first one.
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
