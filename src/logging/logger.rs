//! Which records are written, and where to. Libraries are held at `warn` whatever `RUST_LOG` says: their
//! debug and trace lines hold whole requests, and with them customers' words.

use std::io::{self, IsTerminal as _, Write};

use chrono::Utc;
use env_logger::Target;
use log::{LevelFilter, Log, Metadata, Record};

use super::Redactor;
use super::format::{json, pretty};
use crate::config::{LogConfig, LogFormat, Secret};

/// Our own target and what stands below it.
const OURS: &str = "frontdesk";

/// Prints the whole body of an answer it cannot read, at `error`: a customer's dialog.
const SILENCED: &str = "async_openai";

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// There is one already; a process has one log.
    #[error("the log is already set up")]
    AlreadySet(#[from] log::SetLoggerError),
}

/// Sets up the process's log on stderr; in colour on a terminal, unless `NO_COLOR` is set.
///
/// # Errors
/// [`LogError::AlreadySet`] if the process has a log.
pub fn init(config: &LogConfig, secrets: &[Secret]) -> Result<(), LogError> {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colours = io::stderr().is_terminal() && !no_color;
    let logger = assemble(config, secrets, Box::new(io::stderr()), colours);
    log::set_max_level(logger.inner.filter());
    log::set_boxed_logger(Box::new(logger))?;
    Ok(())
}

/// A logger of its own that writes plain lines into `sink`, without being the process's log: for tests.
pub fn build(config: &LogConfig, secrets: &[Secret], sink: Box<dyn Write + Send>) -> impl Log + use<> {
    assemble(config, secrets, sink, false)
}

fn assemble(config: &LogConfig, secrets: &[Secret], sink: Box<dyn Write + Send>, colours: bool) -> Held {
    let redactor = Redactor::new(secrets);
    let form = config.format;
    let inner = env_logger::Builder::new()
        // `RUST_LOG=conversation=debug` shall add to the log, not silence everything else.
        .filter_level(LevelFilter::Info)
        .parse_filters(&with_own_targets(&config.filter))
        .target(Target::Pipe(sink))
        .format(move |out, record| {
            let line = match form {
                LogFormat::Pretty => pretty(Utc::now(), record, &redactor, colours),
                LogFormat::Json => json(Utc::now(), record, &redactor),
            };
            writeln!(out, "{line}")
        })
        .build();
    Held { inner }
}

/// Lines name `conversation`, records `frontdesk::conversation`: a filter may use either.
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

/// An `env_logger` that libraries cannot talk through.
struct Held {
    inner: env_logger::Logger,
}

fn is_within(target: &str, root: &str) -> bool {
    target
        .strip_prefix(root)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn is_held_back(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    is_within(target, SILENCED) || (metadata.level() > LevelFilter::Warn && !is_within(target, OURS))
}

impl Log for Held {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !is_held_back(metadata) && self.inner.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !is_held_back(record.metadata()) {
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
