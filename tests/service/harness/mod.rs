//! A service under test: the real one, on a thread of its own, between the stand-ins and a database file. Dropping it
//! stops it in order and fails the test if a row is unfinished, if the stand-ins were spoken to wrongly, or if the log
//! holds a secret or a word of a customer.

pub mod asked;
mod builder;
mod checks;
mod command;
mod journal;
mod log;
mod memory;
mod process;
pub mod saving;
mod service;
pub mod suite;

pub use builder::Builder;
pub use checks::{rows, without_apology};
pub use command::{frontdesk, printed};
pub use journal::{deliveries, seen};
pub use log::leak;
pub use memory::Memory;
pub use process::ServiceProcess;
pub use service::TestService;

use std::time::Duration;

/// The one owner of the service under test.
pub const OWNER: &str = "owner@example.org";
/// Who gets its alerts.
pub const OPERATOR: &str = "operator@example.org";

/// A `REPORT_CRON` that comes once in four years.
pub const NEVER: &str = "0 9 29 2 *";

/// How long something that must happen is waited for. Far beyond what it takes: it bounds a failing test, nothing else.
pub const PATIENCE: Duration = Duration::from_secs(120);
