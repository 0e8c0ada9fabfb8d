//! `cargo xtask …`: what starts processes for developers.

#![expect(
    clippy::disallowed_methods,
    reason = "it watches processes from outside, in their time"
)]

mod screenshots;
mod service;
mod torture;

use std::process::ExitCode;

use clap::Parser;

/// What starts processes for developers
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Kill the service again and again between stand-ins that fail, and count what was lost: nothing
    Torture(torture::TortureArgs),
    /// Render letters in headless Chromium, and measure them on the rendered page
    Screenshots(screenshots::ScreenshotsArgs),
    /// The service as `frontdesk run` starts it, with what fails on purpose: one life of the torture
    #[command(hide = true)]
    Service(Box<service::ServiceArgs>),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Torture(args) => torture::run(&args),
        Task::Screenshots(args) => screenshots::run(&args),
        Task::Service(args) => service::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}
