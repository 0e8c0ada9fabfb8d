//! The daily report: when it is due, and how long nobody fetched updates. What it tells is read when its letter leaves
//! (`db/queries/report_page.rs`), counted in `domain/figures.rs` and written in `mailer/`.

mod actor;
mod schedule;

pub(crate) use actor::{Ports, ReportSchedulerActor, Settings};
