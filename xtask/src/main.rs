//! `cargo xtask …`: developer tasks that start processes.

#![expect(
    clippy::disallowed_methods,
    reason = "it watches processes from outside, in their time"
)]

mod bench;
mod process;
mod screenshots;
mod service;
mod torture;

use std::process::ExitCode;

use clap::Parser;

/// Developer tasks that start processes
#[derive(Parser)]
#[command(name = "cargo xtask")]
enum Task {
    /// Kill the service repeatedly between failing stand-ins, and count lost and repeated messages (must be 0)
    Torture(torture::TortureArgs),
    /// Render letters in headless Chromium and measure the rendered page
    Screenshots(screenshots::ScreenshotsArgs),
    /// Measure the shop's release binary: messages per second, its own delay, CPU, memory, start and stop
    Bench(bench::BenchArgs),
    /// Run a bot that only receives, asks and sends: the ceiling of `bench`
    #[command(hide = true)]
    BenchNull,
    /// Run the service like `frontdesk run`, with injected faults: one process of the torture
    #[command(hide = true)]
    Service(Box<service::ServiceArgs>),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Torture(args) => torture::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::BenchNull => bench::null(),
        Task::Screenshots(args) => screenshots::run(&args),
        Task::Service(args) => service::run(&args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}
