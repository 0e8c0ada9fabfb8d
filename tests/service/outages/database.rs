//! The disk and the database file in trouble: nothing confirmed is lost, nothing is sent twice, and work goes on when the
//! trouble is over.

use std::sync::Mutex;

use frontdesk::runtime::{Step, StepFault, StepHook};

use crate::harness::TestService;

/// Fails a commit on each side of its taking effect: what a disk may report whatever became of the bytes.
struct FailingCommits {
    every: u64,
    seen: Mutex<u64>,
}

impl FailingCommits {
    fn every(every: u64) -> Self {
        Self {
            every,
            seen: Mutex::default(),
        }
    }
}

impl StepHook for FailingCommits {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name != "commit" {
            return Ok(());
        }
        let mut seen = self.seen.lock().unwrap();
        *seen += 1;
        match *seen % self.every {
            0 => Err(StepFault),
            _ => Ok(()),
        }
    }
}

/// The locks of all processes, as the system lists them: `1: POSIX ADVISORY READ PID MAJOR:MINOR:INODE …`.
#[cfg(target_os = "linux")]
fn is_locked(file: &std::path::Path) -> bool {
    let inode = std::os::unix::fs::MetadataExt::ino(&file.metadata().unwrap());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    locks.lines().any(|lock| lock.contains(&format!(":{inode} ")))
}

/// A program that finds the database unlocked takes itself for the last one and removes the log of writes when it leaves.
#[cfg(target_os = "linux")]
#[actix_rt::test]
async fn the_database_stays_locked_against_others_through_all_trouble() {
    let service = TestService::builder().steps(FailingCommits::every(3)).start().await;
    for n in 1..=4 {
        service.ask(1, &format!("message {n} in the trouble")).await;
        service.settles().await;
        assert!(is_locked(&service.database()), "after message {n}");
    }
}
