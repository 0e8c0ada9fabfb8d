//! A bounded queue of log lines, written to stderr by a dedicated thread, so that the service never waits for the reader of its
//! log. When the queue is full, the oldest lines are dropped and replaced by their count: the newest lines are more useful.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Maximum bytes per system call.
const AT_ONCE: usize = 64 * 1024;

/// The queue, shared by loggers and the writing thread.
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
    /// Lines dropped before the first of `lines`.
    dropped: u64,
    is_writing: bool,
}

impl Queue {
    /// Starts the thread. `dropped_line` formats the line that replaces a number of dropped lines.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(super) fn start(
        sink: Box<dyn Write + Send>,
        max_bytes: usize,
        dropped_line: impl Fn(u64) -> String + Send + 'static,
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
        writer.spawn(move || shared.write_all(sink, dropped_line))?;
        Ok(queue)
    }

    /// Adds a line without waiting.
    pub(super) fn push(&self, line: Vec<u8>) {
        let mut state = self.shared.lock();
        state.bytes += line.len();
        state.lines.push_back(line);
        while state.bytes > self.max_bytes && state.lines.len() > 1 {
            let oldest = state.lines.pop_front().map_or(0, |line| line.len());
            state.bytes -= oldest;
            state.dropped += 1;
        }
        self.shared.changed.notify_all();
    }

    /// Waits until every line is written, at most `limit`. `false` on timeout.
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

/// `env_logger` makes one call per line.
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

    /// A batch, the number of its lines, and the number of lines dropped before it.
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
        (batch, count, std::mem::take(&mut state.dropped))
    }

    fn write_all(&self, mut sink: Box<dyn Write + Send>, dropped_line: impl Fn(u64) -> String) {
        loop {
            let (lines, count, dropped) = self.next();
            let batch = match dropped {
                0 => lines,
                dropped => [format!("{}\n", dropped_line(dropped)).into_bytes(), lines].concat(),
            };
            if sink.write_all(&batch).and_then(|()| sink.flush()).is_err() {
                // A full disk or a closed pipe: counted, and reported once lines can be written again.
                self.lock().dropped += dropped + count;
            }
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
