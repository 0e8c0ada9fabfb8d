//! Lines on their way to stderr. The service never waits for the reader of its log: lines go into a bounded queue and a
//! thread of its own writes them. When the queue is full the oldest lines are lost, and their count is written in their
//! place: what happened last is the more useful part.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Bytes that are written with one call of the system.
const AT_ONCE: usize = 64 * 1024;

/// The lines, for those who log and for the thread that writes.
#[derive(Clone)]
pub(super) struct Queue {
    shared: Arc<Shared>,
    max_bytes: usize,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// Lines lost before the first of `lines`.
    lost: u64,
    is_writing: bool,
}

impl Queue {
    /// Starts the thread. `lost_line` makes the line that says how many were lost at its place.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(super) fn start(
        sink: Box<dyn Write + Send>,
        max_bytes: usize,
        lost_line: impl Fn(u64) -> String + Send + 'static,
    ) -> io::Result<Self> {
        let queue = Self {
            shared: Arc::new(Shared {
                state: Mutex::default(),
                changed: Condvar::new(),
            }),
            max_bytes,
        };
        let shared = Arc::clone(&queue.shared);
        let writer = std::thread::Builder::new().name("log".to_owned());
        writer.spawn(move || shared.write_all(sink, lost_line))?;
        Ok(queue)
    }

    /// Takes a line; never waits.
    pub(super) fn push(&self, line: Vec<u8>) {
        let mut state = self.shared.lock();
        state.bytes += line.len();
        state.lines.push_back(line);
        while state.bytes > self.max_bytes && state.lines.len() > 1 {
            let oldest = state.lines.pop_front().map_or(0, |line| line.len());
            state.bytes -= oldest;
            state.lost += 1;
        }
        self.shared.changed.notify_all();
    }

    /// Waits until every line is written, at most `limit`; whether that was enough.
    pub(super) fn flush(&self, limit: Duration) -> bool {
        let until = Instant::now() + limit;
        let mut state = self.shared.lock();
        while !state.lines.is_empty() || state.is_writing {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

/// One call is one line, as `env_logger` does it.
impl Write for Queue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Some lines, how many they are, and how many were lost before them.
    fn next(&self) -> (Vec<u8>, u64, u64) {
        let mut state = self.lock();
        state.is_writing = false;
        self.changed.notify_all();
        while state.lines.is_empty() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_writing = true;
        let (mut batch, mut count) = (Vec::new(), 0);
        while batch.len() < AT_ONCE
            && let Some(line) = state.lines.pop_front()
        {
            state.bytes -= line.len();
            batch.extend_from_slice(&line);
            count += 1;
        }
        (batch, count, std::mem::take(&mut state.lost))
    }

    fn write_all(&self, mut sink: Box<dyn Write + Send>, lost_line: impl Fn(u64) -> String) {
        loop {
            let (lines, count, lost) = self.next();
            let batch = match lost {
                0 => lines,
                lost => [format!("{}\n", lost_line(lost)).into_bytes(), lines].concat(),
            };
            if sink.write_all(&batch).and_then(|()| sink.flush()).is_err() {
                // A full disk, a reader that went away: told when lines are written again.
                self.lock().lost += lost + count;
            }
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
