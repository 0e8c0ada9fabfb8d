//! One service per database: a lock on a file next to it, held until the process ends for any reason.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::StartError;

/// The lock; dropping it unlocks.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file also unlocks it, but not while a child process that is being started has a copy of the handle.
        let _ = self.0.unlock();
    }
}

/// Locks a database for this process.
pub(super) fn lock(database: &Path) -> Result<Lock, StartError> {
    let path = beside(database);
    let unusable = |error: std::io::Error| StartError::NoLock {
        file: path.clone(),
        reason: error.to_string(),
    };
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(unusable)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(StartError::Locked(database.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
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
    fn the_lock_is_released_even_if_a_child_process_holds_the_file() {
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
