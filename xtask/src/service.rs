//! The service with injected faults: the same library and settings as `frontdesk run`, with actors that panic on their n-th
//! message, commits that fail, and a clock that may be ahead.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use base::{Clock, Events, Step, StepFault, StepHook, StepName, Steps};
use chrono::{TimeDelta, Utc};
use clap::Args;
use fastrand::Rng;
use frontdesk::{Config, Requirements, Settings};
use frontdesk::{PanicPlan, Runtime};

/// Interval at which a clock that is ahead advances.
const TICK: Duration = Duration::from_millis(50);

/// Settings come from the environment, as for `frontdesk run`
#[derive(Args)]
pub(crate) struct ServiceArgs {
    #[command(flatten)]
    settings: Settings,
    /// `ACTOR:N`: this actor panics on its n-th message
    #[arg(long = "panic", value_name = "ACTOR:N")]
    panics: Vec<String>,
    /// Share of commits that fail before they take effect, and the same share after
    #[arg(long, default_value_t = 0.0)]
    commit_faults: f64,
    /// Seed for these faults
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How far the clock is ahead
    #[arg(long, default_value_t = 0)]
    ahead_minutes: i64,
}

pub(crate) fn run(args: &ServiceArgs) -> anyhow::Result<ExitCode> {
    let config = Config::resolve(&args.settings, Requirements::Run, &|name| std::env::var(name).ok())?;
    frontdesk::init_log(&config.log, &config.secrets(), &config.limits)?;
    let clock = match args.ahead_minutes {
        0 => Clock::system(),
        minutes => ahead(TimeDelta::minutes(minutes)),
    };
    let mut runtime = Runtime::new(clock, Events::default(), &config.limits);
    runtime.panics = plan(&args.panics)?;
    if args.commit_faults > 0.0 {
        let dice = Mutex::new(Rng::with_seed(args.seed));
        let share = args.commit_faults;
        runtime.steps = Steps::watched_by(Arc::new(FailingCommits { dice, share }));
    }
    frontdesk::serve(&config, runtime)
}

/// Leaks the names: there are only as many as actors.
fn plan(panics: &[String]) -> anyhow::Result<PanicPlan> {
    let mut plan: Vec<(&'static str, i64)> = Vec::new();
    for panic in panics {
        let (actor, n) = panic.split_once(':').context("--panic wants ACTOR:N")?;
        plan.push((actor.to_owned().leak(), n.parse().context("--panic wants ACTOR:N")?));
    }
    Ok(PanicPlan::at(&plan))
}

fn ahead(by: TimeDelta) -> Clock {
    let (clock, hand) = Clock::by_hand(Utc::now() + by);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(TICK);
            hand.advance(Utc::now() + by - hand.now());
        }
    });
    clock
}

struct FailingCommits {
    dice: Mutex<Rng>,
    share: f64,
}

impl StepHook for FailingCommits {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        match step.name == StepName::Commit && dice.f64() < self.share {
            true => Err(StepFault),
            false => Ok(()),
        }
    }
}
