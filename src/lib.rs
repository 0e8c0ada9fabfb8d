//! frontdesk is an AI consultant in Telegram for the customers of a small business. It stores every message.
//!
//! Folders from the bottom up: each may import only folders of the rows above its own.

mod config;

mod logging;
mod runtime;

mod assistant;
mod db;
pub mod mailer;
mod telegram;

mod outbox;
mod tools;

mod conversation;
mod reports;

mod inbox;

mod app;

mod cli;

pub use app::{ACTORS, Service, StartError};
pub use cli::{main, serve};
pub use config::{Config, Limits, ReportCron, Requirements, Settings};
pub use logging::{build as build_log, init as init_log};
pub use runtime::{Hints, PanicPlan, Runtime};
