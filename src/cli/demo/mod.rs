//! `frontdesk demo`: the real service as a child process with a temporary database, between stand-ins of Telegram, OpenAI
//! and a mail server. In a terminal the visitor plays the customer; without one, or with `--autoplay`, a story plays. At
//! the end a verdict is computed from the traffic of the stand-ins and the rows in the database.

#![expect(clippy::disallowed_methods, reason = "a story is paced for its viewer")]

mod chat;
mod evidence;
mod feed;
mod interactive;
mod leads;
mod letter;
mod line;
mod owners;
mod report;
mod saw;
mod screen;
mod service;
mod settings;
mod stage;
mod story;
mod verdict;
mod words;
mod written;

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use self::screen::Screen;
use self::settings::Mode;
use self::stage::Stage;
use self::words::Lang;

/// The exit code after Ctrl-C.
const INTERRUPTED: u8 = 130;

#[derive(Args)]
pub(super) struct DemoArgs {
    /// Run the demo without waiting for input, even in a terminal
    #[arg(long)]
    autoplay: bool,
    /// Language of the demo text
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// Plays, and cleans up however it ends.
pub(super) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let is_story = args.autoplay || !std::io::stdin().is_terminal();
    let mode = if is_story { Mode::Story } else { Mode::Visitor };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(on_stage(mode, args.lang))
}

async fn on_stage(mode: Mode, lang: Lang) -> anyhow::Result<ExitCode> {
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .into_iter()
        .map(signal)
        .collect::<Result<Vec<_>, _>>()?;
    let screen = Arc::new(Screen::of_stdout());
    let mut stage = Stage::set(mode, lang, Arc::clone(&screen))?;
    let outcome = tokio::select! {
        outcome = play(&mut stage, mode) => outcome,
        // The reader is gone (`| head`): not an error.
        () = screen.closed() => Ok(ExitCode::SUCCESS),
        () = any(&mut signals) => Ok(ExitCode::from(INTERRUPTED)),
    };
    screen.end();
    stage.clean_up().await;
    outcome
}

async fn play(stage: &mut Stage, mode: Mode) -> anyhow::Result<ExitCode> {
    match mode {
        Mode::Story => story::play(stage).await?,
        Mode::Visitor => interactive::play(stage).await?,
    }
    let peak = stage.service.peak_memory();
    stage.end_service().await?;
    let evidence = evidence::Evidence::gather(stage)?;
    saw::show(stage, peak)?;
    Ok(match verdict::show(stage, &evidence) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

async fn any(signals: &mut [Signal]) {
    let waiting = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    futures_util::future::select_all(waiting).await;
}
