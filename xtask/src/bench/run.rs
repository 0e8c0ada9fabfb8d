//! One run: a bot is started between stand-ins, customers write to it, and it is stopped.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use sandbox::{Echo, Options, Sandbox};

use super::case::Case;
use super::customers::Customers;
use super::figures::{Figures, ms};
use super::usage::{Cpu, memory_mb};
use crate::process::Process;

/// Interval of checks during the run.
const TICK: Duration = Duration::from_millis(10);
/// Interval of checks for the end of the process.
const STOP_TICK: Duration = Duration::from_millis(1);
/// Timeout of a start, a stop, or the next answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Idle time before the idle memory is read.
const REST: Duration = Duration::from_secs(2);
/// Warm-up: customers write for this share of the length, and until there are as many answers as customers.
const WARM_UP: u32 = 5;
/// In the folder of the run.
const LOG: &str = "run.log";
/// No pacing and no merging, and enough concurrent runs of the model for all customers.
const SETTINGS: [(&str, &str); 10] = [
    ("OPENAI_MODEL", "gpt-test"),
    ("OPENAI_CONCURRENCY", "4096"),
    ("OWNER_EMAIL", "owner@example.org"),
    ("TELEGRAM_RATE_PER_SECOND", "0"),
    ("TELEGRAM_CHAT_RATE_PER_SECOND", "0"),
    ("RATE_LIMIT_PER_MINUTE", "0"),
    ("TURNS_PER_CUSTOMER_PER_DAY", "0"),
    ("MERGE_WAIT_MS", "0"),
    ("TIME_ZONE", "UTC"),
    ("RUST_LOG", "warn"),
];

/// A bot to measure.
pub(super) struct Bot {
    pub(super) name: &'static str,
    pub(super) program: PathBuf,
    /// The command that starts serving.
    pub(super) command: String,
    pub(super) version: Option<String>,
}

impl Bot {
    fn start(&self, folder: &Path, sandbox: &Sandbox) -> anyhow::Result<Process> {
        let mut command = Command::new(&self.program);
        command
            .arg(&self.command)
            .current_dir(folder)
            .env_clear()
            .envs(sandbox.environment())
            .envs(SETTINGS)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.join(LOG))?);
        Process::start(&mut command)
    }
}

/// Settings of all runs.
pub(super) struct Plan {
    pub(super) customers: u32,
    pub(super) length: Length,
    /// Folder of the databases.
    pub(super) folder: PathBuf,
}

/// How long customers write.
#[derive(Clone, Copy)]
pub(super) enum Length {
    Time(Duration),
    Messages(u64),
}

/// A running bot.
struct Running<'a> {
    folder: &'a Path,
    customers: Arc<Customers>,
    process: Process,
}

pub(super) fn live(bot: &Bot, case: Case, plan: &Plan) -> anyhow::Result<Figures> {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(&plan.folder)?;
    let (crowd, turns) = Customers::new(case);
    let sandbox = Sandbox::start(Options {
        script: Arc::new(Echo),
        listener: Some(crowd.listener()),
        ..Options::default()
    })?;
    sandbox.openai().latency(case.model());
    crowd.first_message(sandbox.telegram());
    let started_at = Instant::now();
    let mut running = Running {
        folder: folder.path(),
        process: bot.start(folder.path(), &sandbox)?,
        customers: crowd,
    };
    running.lasts_until(|customers| customers.answered() == 1)?;
    let first_poll = running
        .customers
        .first_poll()
        .context("an answer follows a request for updates")?;
    let mut figures = Figures::new(case, bot.name);
    figures.set("start_ms", ms(first_poll.duration_since(started_at)));
    let count = case.at_once(plan.customers);
    let pid = running.process.id();
    if count == 0 {
        std::thread::sleep(REST);
        figures.set("idle_mb", memory_mb(pid, "VmRSS"));
    } else {
        running.customers.begin(&sandbox, turns, count, case.model());
        running.passes(plan.length, WARM_UP, u64::from(count))?;
        running.counts(plan.length, &mut figures)?;
        running.customers.close();
        // Unanswered messages become surprises.
        let _ = running.lasts_until(|customers| customers.unanswered() == 0);
    }
    figures.count("customers", u64::from(count));
    figures.set("model_ms", ms(case.model()));
    figures.set("peak_mb", memory_mb(pid, "VmHWM"));
    figures.set("stop_ms", ms(running.stops()?));
    figures.surprises = running.customers.surprises();
    Ok(figures)
}

impl Running<'_> {
    /// Waits while answers arrive.
    fn lasts_until(&mut self, mut is_over: impl FnMut(&Customers) -> bool) -> anyhow::Result<()> {
        let (mut answered, mut moved_at) = (0, Instant::now());
        while !is_over(&self.customers) {
            if let Some(status) = self.process.ended()? {
                bail!("the bot ended by itself ({status}): {}", self.last_words());
            }
            let now = self.customers.answered();
            if now != answered {
                (answered, moved_at) = (now, Instant::now());
            }
            if moved_at.elapsed() > PATIENCE {
                bail!("no answer for {} s: {}", PATIENCE.as_secs(), self.last_words());
            }
            std::thread::sleep(TICK);
        }
        Ok(())
    }

    /// Runs one of `parts` parts of the length, and until `least` answers.
    fn passes(&mut self, length: Length, parts: u32, least: u64) -> anyhow::Result<()> {
        let (began, before) = (Instant::now(), self.customers.answered());
        self.lasts_until(|customers| {
            let answered = customers.answered() - before;
            let is_long_enough = match length {
                Length::Time(time) => began.elapsed() >= time / parts,
                Length::Messages(messages) => answered * u64::from(parts) >= messages,
            };
            is_long_enough && answered >= least
        })
    }

    /// Measures the load.
    fn counts(&mut self, length: Length, figures: &mut Figures) -> anyhow::Result<()> {
        let pid = self.process.id();
        self.customers.take_delays();
        let (began, cpu, before) = (Instant::now(), Cpu::with_bot(pid), self.customers.answered());
        self.passes(length, 1, 0)?;
        let (seconds, now) = (began.elapsed().as_secs_f64(), Cpu::with_bot(pid));
        let messages = self.customers.answered() - before;
        let count = f64::from(u32::try_from(messages)?);
        let cores = f64::from(u32::try_from(std::thread::available_parallelism()?.get())?);
        let used = |now: Option<f64>, then: Option<f64>| Some((now? - then?).max(0.0));
        let share = |now, then| Some(used(now, then)? / seconds / cores);
        figures.set("seconds", seconds);
        figures.count("messages", messages);
        figures.set("messages_per_second", count / seconds);
        figures.delays(self.customers.take_delays());
        figures.set(
            "cpu_ms_per_message",
            used(now.bot, cpu.bot).map(|cpu| cpu * 1_000.0 / count.max(1.0)),
        );
        figures.set("stand_ins_cpu_share", share(now.own, cpu.own));
        figures.set("other_cpu_share", share(now.others, cpu.others));
        Ok(())
    }

    fn stops(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.process.ask_to_stop()?;
        while self.process.ended()?.is_none() {
            if began.elapsed() > PATIENCE {
                bail!("it does not stop: {}", self.last_words());
            }
            std::thread::sleep(STOP_TICK);
        }
        Ok(began.elapsed())
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join(LOG)).unwrap_or_default();
        let last = log.lines().rev().take(5).collect::<Vec<_>>();
        last.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
