//! The log: `log` and `env_logger` with our own line format. One record is one line whatever its values contain. Secrets are
//! redacted as a last defence, and libraries cannot log customers' texts.

mod format;
mod logger;
mod queue;
mod redact;

pub use logger::{build, init};
pub(crate) use logger::{flush, flush_within, last_words};
pub(crate) use redact::Redactor;
