//! The log: `log` and `env_logger` with a form of our own. One record is one line whatever its values hold,
//! secrets are struck out as a last line of defence, and libraries are kept from telling customers' words.

mod format;
mod logger;
mod queue;
mod redact;

pub use logger::{LogError, build, flush, flush_within, init, last_words};
pub use redact::Redactor;
