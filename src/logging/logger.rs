//! Decides which records are written, and where. Libraries are capped at `warn` whatever `RUST_LOG` says: their debug and trace
//! lines contain whole requests, and with them customers' texts.

use std::io::{self, IsTerminal as _, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Utc;
use env_logger::Target;
use log::{Level, LevelFilter, Log, Metadata, Record};

use super::Redactor;
use super::format::{json, pretty};
use super::queue::Queue;
use crate::config::{Limits, LogConfig, LogFormat, Secret};

/// The root of this crate's targets.
const OURS: &str = "frontdesk";

/// Target of the lines that the log itself writes.
const LOG: &str = "frontdesk::log";

/// How long an ending process waits for its last lines to be written.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Logs the whole body of an answer it cannot parse, at `error`: a customer's dialog.
const SILENCED: &str = "async_openai";

/// The process's queue to stderr.
static QUEUE: OnceLock<Queue> = OnceLock::new();

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A process has one log.
    #[error("the log is already set up")]
    AlreadySet(#[from] log::SetLoggerError),
    /// The thread that writes cannot be started.
    #[error("the log cannot be written")]
    NoThread(#[from] io::Error),
}

/// Sets up the process's log on stderr; in colour on a terminal, unless `NO_COLOR` is set. Logging never waits for the reader:
/// beyond [`Limits::log_bytes`] the oldest unread lines are dropped and counted.
///
/// # Errors
/// [`LogError::AlreadySet`] if the process has a log, [`LogError::NoThread`] if the writing thread cannot start.
pub fn init(config: &LogConfig, secrets: &[Secret], limits: &Limits) -> Result<(), LogError> {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let form = Form {
        format: config.format,
        redactor: Redactor::new(secrets),
        colours: io::stderr().is_terminal() && !no_color,
    };
    let own = form.clone();
    let queue = Queue::start(Box::new(io::stderr()), limits.log_bytes, move |count| {
        own.dropped(count)
    })?;
    let logger = assemble(config, form, Box::new(queue.clone()));
    let level = logger.inner.filter();
    log::set_boxed_logger(Box::new(logger))?;
    log::set_max_level(level);
    let _ = QUEUE.set(queue);
    Ok(())
}

/// Builds a logger for tests: it writes plain lines to `sink` and is not the process's log.
pub fn build(config: &LogConfig, secrets: &[Secret], sink: Box<dyn Write + Send>) -> impl Log + use<> {
    let form = Form {
        format: config.format,
        redactor: Redactor::new(secrets),
        colours: false,
    };
    assemble(config, form, sink)
}

/// Waits until the log is written, at most [`LAST_LINES`]. After one timeout it does not wait again.
pub(crate) fn flush() {
    static IS_UNREAD: AtomicBool = AtomicBool::new(false);
    if let Some(queue) = QUEUE.get()
        && !IS_UNREAD.load(Ordering::Relaxed)
    {
        IS_UNREAD.store(!queue.flush(LAST_LINES), Ordering::Relaxed);
    }
}

/// Waits until the log is written, at most `limit`; used while the process goes on.
pub(crate) fn flush_within(limit: Duration) {
    if let Some(queue) = QUEUE.get() {
        queue.flush(limit);
    }
}

/// Writes a line to stderr after the log, if there is one, and waits for it as [`flush`] does: a blocked stderr must not keep the
/// process from ending.
pub(crate) fn last_words(line: &str) {
    let line = format!("{line}\n");
    if let Some(queue) = QUEUE.get() {
        queue.push(line.into_bytes());
        flush();
        return;
    }
    match Queue::start(Box::new(io::stderr()), line.len(), |_| String::new()) {
        Ok(queue) => {
            queue.push(line.into_bytes());
            queue.flush(LAST_LINES);
        }
        // Without a thread this waits. If it fails, there is nothing else to write to.
        Err(_) => {
            let _ = io::stderr().write_all(line.as_bytes());
        }
    }
}

/// How records are formatted.
#[derive(Clone)]
struct Form {
    format: LogFormat,
    redactor: Redactor,
    colours: bool,
}

impl Form {
    #[expect(clippy::disallowed_methods, reason = "a log line carries the system time")]
    fn line(&self, record: &Record<'_>) -> String {
        match self.format {
            LogFormat::Pretty => pretty(Utc::now(), record, &self.redactor, self.colours),
            LogFormat::Json => json(Utc::now(), record, &self.redactor),
        }
    }

    /// The line that replaces `count` dropped lines.
    fn dropped(&self, count: u64) -> String {
        self.line(
            &Record::builder()
                .target(LOG)
                .level(Level::Warn)
                .args(format_args!("lines_dropped"))
                .key_values(&[("count", count)])
                .build(),
        )
    }
}

fn assemble(config: &LogConfig, form: Form, sink: Box<dyn Write + Send>) -> Capped {
    let inner = env_logger::Builder::new()
        // `RUST_LOG=conversation=debug` must add to the log, not silence everything else.
        .filter_level(LevelFilter::Info)
        .parse_filters(&with_own_targets(&config.filter))
        .target(Target::Pipe(sink))
        .format(move |out, record| writeln!(out, "{}", form.line(record)))
        .build();
    Capped { inner }
}

/// A filter may use the target as in lines (`conversation`) or as in records (`frontdesk::conversation`).
fn with_own_targets(filter: &str) -> String {
    let (directives, text) = match filter.split_once('/') {
        Some((directives, text)) => (directives, Some(text)),
        None => (filter, None),
    };
    let mut all: Vec<String> = Vec::new();
    for directive in directives.split(',').map(str::trim) {
        all.push(directive.to_owned());
        if directive.contains('=') && !directive.starts_with(OURS) {
            all.push(format!("{OURS}::{directive}"));
        }
    }
    let directives = all.join(",");
    text.map_or(directives.clone(), |text| format!("{directives}/{text}"))
}

/// An `env_logger` that caps the level of libraries.
struct Capped {
    inner: env_logger::Logger,
}

fn is_within(target: &str, root: &str) -> bool {
    target
        .strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_suppressed(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    is_within(target, SILENCED) || (metadata.level() > LevelFilter::Warn && !is_within(target, OURS))
}

impl Log for Capped {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !is_suppressed(metadata) && self.inner.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !is_suppressed(record.metadata()) {
            self.inner.log(record);
        }
    }

    fn flush(&self) {
        self.inner.flush();
    }
}

#[cfg(test)]
#[path = "logger_tests.rs"]
mod tests;
