//! The daily report: when it is due, and how long nobody fetched updates. What it tells is read when its letter leaves
//! (`db/queries/report_page.rs`), counted in `crates/pages` and written in `crates/letters`.

mod actor;
mod schedule;

pub(crate) use actor::{Ports, ReportSchedulerActor, Settings};
