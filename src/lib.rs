//! frontdesk answers a small business's customers in Telegram with an AI consultant and keeps every word.

mod config;
mod logging;
mod runtime;

mod assistant;
pub mod db;
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
pub use config::{
    Authorities, Config, Limits, ReportCron, Requirements, Secret, Settings, SmtpConfig, SmtpSecurity, env_example,
    markdown_table,
};
pub use logging::{build as build_log, init as init_log};
pub use runtime::{Hints, PanicPlan, Runtime};
