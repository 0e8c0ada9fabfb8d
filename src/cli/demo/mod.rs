//! `frontdesk demo`: the real service as a child process between stand-ins of Telegram, OpenAI and a mail server, on
//! a throw-away database. In a terminal the visitor is the customer; elsewhere, and with `--autoplay`, a story plays and ends by
//! itself. The last word is a verdict read from what the stand-ins saw and from the rows.

#![expect(clippy::disallowed_methods, reason = "a story is paced for who watches it")]

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

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[derive(Args)]
pub(super) struct DemoArgs {
    /// Play the story by itself, also in a terminal
    #[arg(long)]
    autoplay: bool,
    /// Language of the narration
    #[arg(long, value_enum, default_value_t = Lang::En)]
    lang: Lang,
}

/// Plays to its end, and leaves nothing behind, whatever ends it.
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
        // Nobody reads on (`| head`): that is no failure.
        () = screen.gone() => Ok(ExitCode::SUCCESS),
        () = any(&mut signals) => Ok(ExitCode::from(INTERRUPTED)),
    };
    screen.end();
    stage.strike().await;
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
    saw::tell(stage, peak)?;
    Ok(match verdict::tell(stage, &evidence) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

async fn any(signals: &mut [Signal]) {
    let waiting = signals.iter_mut().map(|signal| Box::pin(signal.recv()));
    futures_util::future::select_all(waiting).await;
}
