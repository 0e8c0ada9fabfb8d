//! A disk in trouble, made so on purpose while the service runs: SQLite itself then refuses, in its own words. In `run`
//! nobody holds the plan and the disk is what it is.

use std::sync::{Arc, Mutex, PoisonError};

/// What the writer's disk is made to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Disk {
    /// As it is.
    #[default]
    AsItIs,
    /// No room for another page of the database.
    Full,
    /// Nothing may be written.
    ReadOnly,
}

/// Says what the disk is. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct DiskPlan {
    disk: Arc<Mutex<Disk>>,
}

impl DiskPlan {
    /// From the next transaction on.
    pub fn make(&self, disk: Disk) {
        *self.disk.lock().unwrap_or_else(PoisonError::into_inner) = disk;
    }

    /// What it is now.
    pub fn now(&self) -> Disk {
        *self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
