//! One service a database: a lock on a file beside it, held as long as the process lives, whatever ends it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::StartError;

/// The lock; dropping it lets go.
pub(super) struct Lock(#[expect(dead_code, reason = "held, never read: closing the file unlocks it")] File);

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
