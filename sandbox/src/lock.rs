//! Takes locks even if poisoned: a script that panicked in one test must not turn every later access to the sandbox into a
//! second panic that hides the first.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes the lock even after a thread panicked while it held it.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
