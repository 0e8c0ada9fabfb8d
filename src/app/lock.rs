//! One service a database: a lock on a file beside it, held as long as the process lives, whatever ends it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::StartError;

/// The lock; dropping it lets go.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file unlocks it as well, but not while a child of this process that is just being started has a copy of it.
        let _ = self.0.unlock();
    }
}

/// Locks a database for this process.
pub(super) fn lock(database: &Path) -> Result<Lock, StartError> {
    let path = beside(database);
    let trouble = |error: std::io::Error| StartError::NoLock {
        file: path.clone(),
        reason: error.to_string(),
    };
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(trouble)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(trouble)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(StartError::Locked(database.to_owned())),
        Err(TryLockError::Error(error)) => Err(trouble(error)),
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_service_may_start_while_a_child_still_has_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("frontdesk.db");
        let held = lock(&database).unwrap();
        assert!(matches!(lock(&database), Err(StartError::Locked(_))));
        let inherited = held.0.try_clone().unwrap();
        drop(held);
        lock(&database).unwrap();
        drop(inherited);
    }
}
