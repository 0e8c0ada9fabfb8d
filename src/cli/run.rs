//! `frontdesk run`: the service, until a signal ends it. SIGTERM and Ctrl-C stop it in order; a second one ends the
//! process at once, and whatever was open is found by the next start.

use std::mem::ManuallyDrop;
use std::process::ExitCode;
use std::time::Duration;

use actix_rt::{System, SystemRunner};
use base::{Clock, Event, Events};
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::call::{Call, Misconfigured, variable};
use crate::app::Service;
use crate::config::{Config, DEFAULT_MODEL, DEFAULT_MODEL_CHOSEN, Notice, Requirements, Settings};
use crate::logging;
use crate::runtime::Runtime;

/// What the end of a good stop may take.
const LET_GO: Duration = Duration::from_millis(500);
/// What a panic waits for its line to be written.
const PANIC_PAUSE: Duration = Duration::from_millis(100);
/// A file would grow beyond the limit of the process (POSIX, setrlimit: `RLIMIT_FSIZE`); it ends a process that does not
/// listen to it. The number is the same on Linux and macOS.
const SIGXFSZ: i32 = 25;

/// Start the service
#[derive(Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    settings: Settings,
}

/// Runs until a signal, or until an actor cannot be kept alive.
pub(super) fn run(args: &RunArgs, call: &Call) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(&args.settings, Requirements::Run, &variable)?;
    logging::init(&config.log, &config.secrets(), &config.limits)?;
    let events = match config.log.message_text {
        true => Events::default().with_texts(),
        false => Events::default(),
    };
    log_panics(events.clone());
    tell_beginning(&events, &config, &call.notices());
    serve(&config, Runtime::new(Clock::system(), events, &config.limits))
}

/// Runs a service on this thread until a signal ends it in order, or an actor cannot be kept alive. `run` gives it the
/// system's clock and nothing that fails on purpose; the torture gives it panics as well.
///
/// # Errors
/// What keeps the service from starting, or from going on.
pub fn serve(config: &Config, runtime: Runtime) -> anyhow::Result<ExitCode> {
    let system = ManuallyDrop::new(System::with_tokio_rt(|| {
        let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
        #[expect(clippy::expect_used, reason = "a machine that gives no threads cannot run anything")]
        built.expect("threads for the runtime")
    }));
    let outcome = system.block_on(until_the_end(config, runtime));
    // Whoever has trouble, or asked twice, waits for nothing more.
    if matches!(&outcome, Ok(code) if *code == ExitCode::SUCCESS) {
        let_go(ManuallyDrop::into_inner(system));
    }
    logging::flush();
    outcome
}

/// Lets the actors go, who say that they stopped. With them goes the runtime, and that waits for every thread that is in a call of
/// the system; a disk or a name server that hangs would keep the process for ever. What was to be waited for has had its time.
#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own, beside a runtime that may hang"
)]
fn let_go(system: SystemRunner) {
    std::thread::spawn(|| {
        std::thread::sleep(LET_GO);
        logging::flush();
        std::process::exit(0);
    });
    drop(system);
}

async fn until_the_end(config: &Config, runtime: Runtime) -> anyhow::Result<ExitCode> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Whoever listens to it is not killed by it: the write fails instead, and is made again like any other.
    let _file_too_big = signal(SignalKind::from_raw(SIGXFSZ))?;
    let service = tokio::select! {
        service = Service::start(config, runtime) => match service {
            Ok(service) => service,
            Err(error) if error.is_configuration() => return Err(Misconfigured(error.into()).into()),
            Err(error) => return Err(error.into()),
        },
        () = either(&mut term, &mut interrupt) => return Ok(ExitCode::SUCCESS),
    };
    let failure = tokio::select! {
        reason = service.failed() => Some(reason),
        () = either(&mut term, &mut interrupt) => None,
    };
    tokio::select! {
        () = service.stop() => {}
        () = either(&mut term, &mut interrupt) => return Ok(ExitCode::FAILURE),
    }
    match failure {
        Some(reason) => Err(anyhow::anyhow!(reason)),
        None => Ok(ExitCode::SUCCESS),
    }
}

async fn either(term: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn tell_beginning(events: &Events, config: &Config, notices: &[Notice]) {
    for notice in notices {
        let event = Event::warn("app", "old_setting_ignored").with("name", &notice.name);
        events.emit(event.with("advice", notice.advice));
    }
    let starting = Event::info("app", "starting")
        .with("version", env!("CARGO_PKG_VERSION"))
        .with("model", &config.openai.model);
    let chosen = (config.openai.model == DEFAULT_MODEL).then_some(DEFAULT_MODEL_CHOSEN);
    let starting = starting
        .with_some("default_since", chosen)
        .with("database", config.storage.database.display())
        .with("time_zone", config.locale.time_zone);
    events.emit(starting);
}

/// The place of a panic goes to the log; its message may hold a piece of a customer's text and goes nowhere.
fn log_panics(events: Events) {
    std::panic::set_hook(Box::new(move |panic| {
        events.emit(Event::error("app", "panicked").with_some("location", panic.location()));
        // It may be the last line of the process. One that is caught costs this pause only where nobody reads the log.
        logging::flush_within(PANIC_PAUSE);
    }));
}
