//! Settings of the log.

use clap::ValueEnum;

use super::entry::value;
use super::group::settings;
use super::values::{boolean, log_filter, word};

settings! {
    /// The log.
    pub struct LogConfig in "Log" {
        /// pretty (time LEVEL target event key=value) or json (one object a line)
        format: LogFormat = value("LOG_FORMAT", "FORMAT", "pretty", word),
        /// What is logged: a level (off, error, warn, info, debug, trace) and, after commas, target=level;
        /// libraries are held at warn, because their debug lines hold customers' words
        filter: String = value("RUST_LOG", "FILTER", "info", log_filter),
        /// Log the words of customers and replies: true or false
        message_text: bool = value("LOG_MESSAGE_TEXT", "BOOL", "false", boolean),
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum LogFormat {
    /// For eyes and grep: `time LEVEL target event key=value`.
    Pretty,
    /// For collectors: one JSON object a line.
    Json,
}
