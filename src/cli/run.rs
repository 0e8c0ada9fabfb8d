//! `frontdesk run`: runs the service until a signal. SIGTERM and Ctrl-C start a graceful shutdown; a second one ends the process
//! at once, and the next start continues the unfinished work.

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

/// Time limit for dropping the actors after a graceful shutdown.
const DROP_LIMIT: Duration = Duration::from_millis(500);
/// How long a panic waits until its log line is written.
const PANIC_PAUSE: Duration = Duration::from_millis(100);
/// Sent when a file would exceed the limit of the process (POSIX, setrlimit: `RLIMIT_FSIZE`); without a handler it ends the
/// process. The number is the same on Linux and macOS.
const SIGXFSZ: i32 = 25;

#[derive(Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    settings: Settings,
}

/// Runs until a signal, or until an actor exceeds its restart limit.
pub(super) fn run(args: &RunArgs, call: &Call) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(&args.settings, Requirements::Run, &variable)?;
    logging::init(&config.log, &config.secrets(), &config.limits)?;
    let events = match config.log.message_text {
        true => Events::default().with_texts(),
        false => Events::default(),
    };
    log_panics(events.clone());
    log_start(&events, &config, &call.notices());
    serve(&config, Runtime::new(Clock::system(), events, &config.limits))
}

/// Runs a service on this thread until a signal stops it, or an actor exceeds its restart limit. `run` passes a runtime with the
/// system clock and without injected failures; the torture also injects panics.
///
/// # Errors
/// The service cannot start or cannot continue.
pub fn serve(config: &Config, runtime: Runtime) -> anyhow::Result<ExitCode> {
    let system = ManuallyDrop::new(System::with_tokio_rt(|| {
        let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
        #[expect(clippy::expect_used, reason = "without threads nothing can run")]
        built.expect("threads for the runtime")
    }));
    let outcome = system.block_on(until_the_end(config, runtime));
    // After an error or a second signal, nothing is waited for.
    if matches!(&outcome, Ok(code) if *code == ExitCode::SUCCESS) {
        drop_actors(ManuallyDrop::into_inner(system));
    }
    logging::flush();
    outcome
}

/// Drops the actors, which log their stop, and the runtime. The runtime waits for every thread in a system call; a disk or a name
/// server that hangs would keep the process running for ever. The graceful shutdown has already waited for everything else.
#[expect(
    clippy::disallowed_methods,
    reason = "a separate thread, because the runtime may hang"
)]
fn drop_actors(system: SystemRunner) {
    std::thread::spawn(|| {
        std::thread::sleep(DROP_LIMIT);
        logging::flush();
        std::process::exit(0);
    });
    drop(system);
}

async fn until_the_end(config: &Config, runtime: Runtime) -> anyhow::Result<ExitCode> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // With a handler the process is not killed: the write fails instead and is retried.
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

fn log_start(events: &Events, config: &Config, notices: &[Notice]) {
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

/// Logs the location of a panic but not its message, which may contain customer text.
fn log_panics(events: Events) {
    std::panic::set_hook(Box::new(move |panic| {
        events.emit(Event::error("app", "panicked").with_some("location", panic.location()));
        // It may be the last line of the process. A caught panic pauses here only if the log is not read.
        logging::flush_within(PANIC_PAUSE);
    }));
}
