//! The base of all other crates: time as a value, events for the log, delays between attempts, the steps at which a test makes
//! the service fail, and tolerant readers for text encodings and JSON.
//!
//! ```
//! use base::backoff::Backoff;
//! use base::{Clock, Event, Events};
//!
//! let (clock, hand) = Clock::by_hand("2026-11-22T09:00:00Z".parse().unwrap());
//! let retry_at = clock.now() + Backoff::REPLY.span(1);
//! hand.advance(chrono::TimeDelta::minutes(1));
//! assert!(clock.now() > retry_at);
//! Events::default().emit(Event::info("outbox", "retried").with("attempt", 2));
//! assert!(base::json::read::<serde_json::Value>(br#"{"text":"half an emoji \ud83d"}"#).is_some());
//! ```

pub mod backoff;
mod clock;
pub mod encoding;
mod events;
#[cfg_attr(not(any(test, feature = "faults")), path = "no_hooks.rs")]
mod hooks;
pub mod json;
mod steps;
mod words;

pub use clock::{Clock, ClockHand};
pub use events::{Event, Events};
pub use hooks::*;
pub use steps::{Disk, Moment, StepFault, StepName};
