//! The log: `log` and `env_logger` with a form of our own. One record is one line whatever its values hold,
//! secrets are struck out as a last line of defence, and libraries are kept from telling customers' words.

mod format;
mod logger;
mod queue;
mod redact;

pub use logger::{build, init};
pub(crate) use logger::{flush, flush_within, last_words};
pub(crate) use redact::Redactor;
