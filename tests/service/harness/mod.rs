//! A service under test: the real one, on a thread of its own, between the stand-ins and a database file. Dropping it
//! stops it in order and fails the test if a row is unfinished, if the stand-ins were spoken to wrongly, or if the log
//! holds a secret or a word of a customer.

pub(crate) mod asked;
mod builder;
mod checks;
mod command;
mod faults;
mod journal;
mod log;
mod memory;
mod process;
pub(crate) mod saving;
mod service;
pub(crate) mod suite;

pub(crate) use builder::Builder;
pub(crate) use checks::{rows, without_apology};
pub(crate) use command::{alone, frontdesk, printed};
pub(crate) use journal::{becomes, deliveries, seen};
pub(crate) use log::leak;
pub(crate) use memory::Memory;
pub(crate) use process::ServiceProcess;
pub(crate) use service::TestService;

use std::time::Duration;

/// The one owner of the service under test.
pub(crate) const OWNER: &str = "owner@example.org";
/// Who gets its alerts.
pub(crate) const OPERATOR: &str = "operator@example.org";

/// A `REPORT_CRON` that comes once in four years.
pub(crate) const NEVER: &str = "0 9 29 2 *";

/// How long something that must happen is waited for. Far beyond what it takes: it bounds a failing test, nothing else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
