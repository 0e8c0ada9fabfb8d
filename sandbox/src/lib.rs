//! Local stand-ins for the Telegram Bot API, the OpenAI API and a mail server that use the real wire formats on loopback, for
//! tests and demonstrations of any bot.
//!
//! A test plays the customers ([`Telegram::say`]) and reads what they see ([`Telegram::replies`]);
//! a [`Script`] answers in place of a model; [`Smtp`] keeps the letters; [`Faults`] make any side fail on purpose. The
//! [`Journal`] records all events in one order, and tests wait for its entries. A call that violates the contract of an
//! interface is answered as the real one would and kept as a violation.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! let sandbox = sandbox::Sandbox::start(sandbox::Options::default())?;
//! // Start the bot against sandbox.telegram().url() and sandbox.openai().url(), then:
//! sandbox.telegram().say(42, "hello");
//! let replies = sandbox.telegram().await_replies(42, 1, Duration::from_secs(5)).await?;
//! assert_eq!(replies.len(), 1);
//! assert_eq!(sandbox.violations(), Vec::<String>::new());
//! # Ok(()) }
//! ```

#![expect(clippy::disallowed_methods, reason = "stand-in servers sleep on purpose")]

mod control;
mod fault;
mod faults;
mod ids;
mod items;
mod journal;
mod lock;
mod openai;
mod play;
mod script;
mod seen;
mod server;
mod smtp;
mod start;
mod strike;
mod telegram;

pub use fault::Fault;
pub use faults::{Edge, Faults, Rule, RuleId};
pub use journal::{Entry, Event, Journal, Listener, Timeout};
pub use openai::{Oddity, OpenAi, RunSeen};
pub use play::{Figures, Play};
pub use script::{Answer, Consultant, Echo, Forgetful, Liar, Run, Script};
pub use smtp::{Attachment, Letter, Smtp};
pub use start::{Options, Sandbox};
pub use telegram::{Profile, Reply, Said, Telegram};

/// Lets many customers send at once, waits until every message is answered or the limit is
/// reached. Replies must contain the text they answer: those of [`Echo`] and [`Consultant`] do.
pub async fn play(sandbox: &Sandbox, play: Play) -> Figures {
    play::play_on(sandbox.telegram(), sandbox.openai(), sandbox.journal(), play).await
}

/// Keeps the example of the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
