//! One run of the service in the sweep: the real service in a separate process, with a hook that makes the trouble and a
//! clock that the parent moves. Only a real process dies with its threads in the middle of their work, and with nothing
//! dropped or flushed.

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use actix_rt::System;
use base::{Clock, ClockHand, Events, Moment, Step, StepFault, StepHook, Steps};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Command, FromArgMatches};
use frontdesk::Runtime;
use frontdesk::Service;
use frontdesk::{Config, Requirements, Settings};
use tokio::sync::oneshot;

use super::plan::{Plan, Trouble, VARIABLE};

/// The full name of the test below.
pub(super) const TEST: &str = "crashes::sweep::child::a_run_to_be_killed";
/// The file that records that the trouble happened, and when by the clock.
pub(super) const HIT: &str = "hit";
/// The line that stops the service cleanly; any other line is the time.
pub(super) const STOP: &str = "stop";
/// The file with the count of each step, written at a clean end.
const BEGUN: &str = "begun";
/// How long lasting trouble lasts.
const LASTS: TimeDelta = TimeDelta::minutes(2);
/// No trouble so far.
const NEVER: i64 = i64::MAX;

/// Makes the trouble. The file survives the process, so that a later run does not repeat the trouble.
struct Troublemaker {
    plan: Plan,
    clock: Clock,
    met: AtomicU64,
    hit_at: AtomicI64,
    begun: Mutex<BTreeMap<&'static str, u64>>,
}

impl Troublemaker {
    fn new(plan: Plan, clock: Clock) -> Self {
        let hit_at = std::fs::read_to_string(HIT).map_or(NEVER, |at| at.parse().unwrap());
        Self {
            plan,
            clock,
            met: AtomicU64::new(0),
            hit_at: AtomicI64::new(hit_at),
            begun: Mutex::default(),
        }
    }

    fn begin(&self) -> Result<(), StepFault> {
        let now = self.clock.now().timestamp_micros();
        self.hit_at.store(now, Ordering::SeqCst);
        std::fs::write(HIT, now.to_string()).unwrap();
        if self.plan.trouble == Trouble::Kill {
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
            // This thread must not execute one more instruction of the service.
            loop {
                std::thread::park();
            }
        }
        Err(StepFault)
    }
}

impl StepHook for Troublemaker {
    fn at(&self, Step { name, moment, .. }: Step) -> Result<(), StepFault> {
        if moment == Moment::Before {
            *self.begun.lock().unwrap().entry(name.word()).or_default() += 1;
        }
        if (name, moment) != (self.plan.name, self.plan.moment) {
            return Ok(());
        }
        let hit_at = self.hit_at.load(Ordering::SeqCst);
        if hit_at == NEVER {
            let n = self.met.fetch_add(1, Ordering::SeqCst) + 1;
            return if n == self.plan.n { self.begin() } else { Ok(()) };
        }
        let over_at = hit_at + LASTS.num_microseconds().unwrap();
        match self.plan.trouble == Trouble::Lasting && self.clock.now().timestamp_micros() < over_at {
            true => Err(StepFault),
            false => Ok(()),
        }
    }
}

/// Not a test: the process the sweep starts. A test binary can start only its own tests. Without the variable it does
/// nothing.
#[test]
fn a_run_to_be_killed() {
    let Ok(plan) = std::env::var(VARIABLE) else {
        return;
    };
    let (clock, stopped) = listen();
    let config = config();
    frontdesk::init_log(&config.log, &[], &config.limits).unwrap();
    let mut runtime = Runtime::new(clock.clone(), Events::default(), &config.limits);
    let troublemaker = Arc::new(Troublemaker::new(Plan::read(&plan), clock));
    runtime.steps = Steps::watched_by(troublemaker.clone());
    System::new().block_on(async move {
        let service = Service::start(&config, runtime).await.unwrap();
        tokio::select! {
            stopped = stopped => stopped.unwrap(),
            reason = service.failed() => panic!("{reason}"),
        }
        service.stop().await;
    });
    let begun = serde_json::to_string(&*troublemaker.begun.lock().unwrap()).unwrap();
    std::fs::write(BEGUN, begun).unwrap();
}

/// The settings, from the same variables as those of the real binary.
fn config() -> Config {
    let matches = Settings::augment_args(Command::new("life")).get_matches_from(["life"]);
    let settings = Settings::from_arg_matches(&matches).unwrap();
    let mut config = Config::resolve(&settings, Requirements::Run, &|name| std::env::var(name).ok()).unwrap();
    // The clock may advance for hours during a wait; no turn may reach its deadline because of that.
    config.conversation.turn_deadline = TimeDelta::hours(12);
    config
}

/// The clock that the parent moves, after it sent the first time; and its request to stop.
fn listen() -> (Clock, oneshot::Receiver<()>) {
    let mut lines = std::io::stdin().lock().lines().map_while(Result::ok);
    let first = lines.next().expect("the parent sends the time");
    let (clock, hand) = Clock::by_hand(time(&first));
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || obey(&hand, stop));
    (clock, stopped)
}

fn obey(hand: &ClockHand, stop: oneshot::Sender<()>) {
    let mut stop = Some(stop);
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match (line.as_str(), stop.take()) {
            (STOP, Some(stop)) => {
                let _ = stop.send(());
            }
            (line, kept) => {
                hand.advance(time(line) - hand.now());
                stop = kept;
            }
        }
    }
    // Without a parent nothing else would end this process.
    std::process::exit(0);
}

fn time(line: &str) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(line.parse().unwrap()).unwrap()
}

/// Whether the trouble of the story in this folder happened.
pub(super) fn was_hit(folder: &Path) -> bool {
    folder.join(HIT).exists()
}

/// How often each step was begun in the last run that ended.
pub(super) fn begun(folder: &Path) -> BTreeMap<String, u64> {
    serde_json::from_str(&std::fs::read_to_string(folder.join(BEGUN)).unwrap()).unwrap()
}
