//! Settings of the log.

use clap::ValueEnum;

use super::entry::value;
use super::group::settings;
use super::values::{boolean, log_filter, word};

settings! {
    /// The log.
    pub struct LogConfig in "Log" {
        /// Log format: pretty (time LEVEL target event key=value) or json (one object per line)
        format: LogFormat = value("LOG_FORMAT", "FORMAT", "pretty", word),
        /// Log level: off, error, warn, info, debug or trace, optionally followed by comma-separated
        /// target=level pairs; libraries log only warn and error, because their debug lines contain customer text
        filter: String = value("RUST_LOG", "FILTER", "info", log_filter),
        /// Log the text of messages and replies: true or false
        message_text: bool = value("LOG_MESSAGE_TEXT", "BOOL", "false", boolean),
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lowercase")]
pub enum LogFormat {
    /// For reading and grep: `time LEVEL target event key=value`.
    Pretty,
    /// For log collectors: one JSON object per line.
    Json,
}
