//! `frontdesk run`: the service, until a signal ends it. SIGTERM and Ctrl-C stop it in order; a second one ends the
//! process at once, and whatever was open is found by the next start.

use std::process::ExitCode;

use actix_rt::System;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::call::{Call, variable};
use crate::app::Service;
use crate::config::{Config, DEFAULT_MODEL, DEFAULT_MODEL_CHOSEN, Notice, Requirements, Settings};
use crate::logging;
use crate::runtime::{Clock, Event, Events, Runtime};

/// Threads for network work; actors have one of their own, and so has the database.
const WORKERS: usize = 2;

/// Start the service
#[derive(Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    settings: Settings,
}

/// Runs until a signal, or until an actor cannot be kept alive.
pub(super) fn run(args: &RunArgs, call: &Call) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(&args.settings, Requirements::Run, &variable)?;
    logging::init(&config.log, &config.secrets())?;
    let events = match config.log.message_text {
        true => Events::default().with_texts(),
        false => Events::default(),
    };
    log_panics(events.clone());
    tell_beginning(&events, &config, &call.notices());
    let system = System::with_tokio_rt(|| {
        let built = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .enable_all()
            .build();
        #[expect(clippy::expect_used, reason = "a machine that gives no threads cannot run anything")]
        built.expect("threads for the runtime")
    });
    system.block_on(serve(&config, Runtime::new(Clock::system(), events, &config.limits)))
}

async fn serve(config: &Config, runtime: Runtime) -> anyhow::Result<ExitCode> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let service = tokio::select! {
        service = Service::start(config, runtime) => service?,
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
        let event = Event::warn("app", "old_name_ignored").with("name", &notice.name);
        events.emit(event.with("advice", notice.advice));
    }
    let starting = Event::info("app", "starting")
        .with("version", env!("CARGO_PKG_VERSION"))
        .with("model", &config.openai.model);
    let chosen = (config.openai.model == DEFAULT_MODEL).then_some(DEFAULT_MODEL_CHOSEN);
    let starting = starting
        .with_some("default_of", chosen)
        .with("database", config.storage.database.display())
        .with("time_zone", config.locale.time_zone);
    events.emit(starting);
}

/// The place of a panic goes to the log; its message may hold a piece of a customer's text and goes nowhere.
fn log_panics(events: Events) {
    std::panic::set_hook(Box::new(move |panic| {
        events.emit(Event::error("app", "panicked").with_some("place", panic.location()));
    }));
}
