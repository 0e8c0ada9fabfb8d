//! frontdesk answers a small business's customers in Telegram with an AI consultant and keeps every word.
//!
//! Folders from the bottom up: each names only those in rows above its own.

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
