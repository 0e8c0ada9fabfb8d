//! One way to take a lock: a script that panicked in one test must not turn every later look
//! at the sandbox into a second panic that hides the first.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock, also after a thread died while it held it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
