//! The daily report: when it is due, and the polling gaps. Its content is read when its letter is sent, counted in
//! `crates/pages` and rendered in `crates/letters`.

mod actor;
mod schedule;

pub(crate) use actor::{Ports, ReportSchedulerActor, Settings};
