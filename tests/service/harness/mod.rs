//! A service under test: the real service on its own thread, between the stand-ins and a database file. Dropping it stops it
//! cleanly and fails the test if a row is unfinished, if a call violated the contract of a stand-in, or if the log contains
//! a secret or customer text.

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
/// The recipient of alerts.
pub(crate) const OPERATOR: &str = "operator@example.org";

/// A `REPORT_CRON` that is due once in four years.
pub(crate) const NEVER: &str = "0 9 29 2 *";

/// Timeout for events that must happen. Much longer than they take: it only bounds a failing test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
