//! Process after process: each runs for some seconds under injected faults and is killed or stopped, at a random moment or right
//! after one of its external effects.

use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use fastrand::Rng;
use frontdesk::ACTORS;
use sandbox::{Event, Sandbox};
use store::read_only::{Cell, query};

use super::customers::Customers;
use super::faults::FaultPlan;
use super::process::{Program, Setup};
use crate::process::Process;

/// Polling interval.
const TICK: Duration = Duration::from_millis(2);
/// Duration of a run.
const RUN_MS: std::ops::Range<u64> = 500..16_000;
/// Maximum downtime between runs.
const DOWN_MS: u64 = 1_500;
/// Interval between customer messages.
const WRITES: Duration = Duration::from_millis(60);
/// Timeout of a clean stop on a busy machine (its own limit is eight seconds).
const STOP: Duration = Duration::from_secs(20);
/// SIGTERM (POSIX).
const TERM: i32 = 15;
/// Timeout of the last run without progress, and in total: new reports become due meanwhile, so that the remaining work may also
/// grow. The duration depends on the machine.
const STANDSTILL: Duration = Duration::from_mins(3);
const SETTLE: Duration = Duration::from_mins(30);

/// Everything done to the service.
#[derive(Debug, Default, Clone)]
pub(super) struct Done {
    pub(super) lives: u32,
    pub(super) kills: u32,
    pub(super) stops: u32,
    /// How often the disk was full.
    pub(super) full_disks: u32,
    /// Exit codes of unexpected ends; must be empty.
    pub(super) own_ends: Vec<String>,
    /// Clean stops with another exit code than 0.
    pub(super) bad_stops: Vec<String>,
}

/// The environment of the service.
pub(super) struct World {
    pub(super) sandbox: Sandbox,
    pub(super) setup: Setup,
    pub(super) customers: Customers,
    pub(super) faults: FaultPlan,
    pub(super) dice: Rng,
    pub(super) done: Done,
    is_calm: bool,
    wrote_at: Instant,
}

impl World {
    pub(super) fn new(sandbox: &Sandbox, setup: Setup, seed: u64, is_calm: bool) -> Self {
        Self {
            sandbox: sandbox.clone(),
            setup,
            customers: Customers::new(sandbox, seed),
            faults: FaultPlan::start(sandbox, seed.wrapping_add(1), is_calm),
            dice: Rng::with_seed(seed.wrapping_add(2)),
            done: Done::default(),
            is_calm,
            wrote_at: Instant::now(),
        }
    }

    /// Runs until the time is over.
    pub(super) fn run_until(&mut self, until: Instant) -> anyhow::Result<()> {
        while Instant::now() < until {
            let program = self.random_program();
            let process = self.setup.start(&program)?;
            self.done.lives += 1;
            self.one_run(process)?;
            let pause = Duration::from_millis(self.dice.u64(0..DOWN_MS));
            self.pass(Instant::now() + pause, |_, _| Ok(false))?;
        }
        Ok(())
    }

    /// One run in three has panics and failing commits.
    fn random_program(&mut self) -> Program {
        if self.is_calm || self.dice.u32(0..3) > 0 {
            return Program::Real;
        }
        let mut args = vec![
            "--commit-faults=0.005".to_owned(),
            format!("--seed={}", self.dice.u32(..)),
        ];
        for _ in 0..self.dice.u32(1..=3) {
            let actor = ACTORS[self.dice.usize(..ACTORS.len())];
            args.push(format!("--panic={actor}:{}", self.dice.u32(1..40)));
        }
        Program::Failing(args)
    }

    fn one_run(&mut self, mut process: Process) -> anyhow::Result<()> {
        let until = Instant::now() + Duration::from_millis(self.dice.u64(RUN_MS));
        let mut disk = self.disk(until);
        let has_ended = self.pass(until, |world, events| {
            disk.plan(events);
            world.watch(&mut process, &mut disk)
        })?;
        if has_ended {
            return Ok(());
        }
        if self.dice.u32(0..5) == 0 {
            return self.stop(process);
        }
        // Half of the kills happen right after an external effect, before its commit.
        if self.dice.bool() {
            let soon = Instant::now() + Duration::from_secs(2);
            self.pass(soon, |_, events| Ok(events.iter().any(is_effect)))?;
        }
        process.kill()?;
        self.done.kills += 1;
        Ok(())
    }

    /// Whether the disk is full in this run, for how long, and with how much free space.
    fn disk(&mut self, until: Instant) -> Disk {
        let remaining = until.saturating_duration_since(Instant::now());
        let is_planned = !self.is_calm && self.dice.u32(0..4) == 0 && remaining > Duration::from_secs(4);
        Disk {
            is_planned,
            lasts: Duration::from_millis(self.dice.u64(500..4_000)),
            bytes: 4_096 * self.dice.u64(1..64),
            full_at: None,
            room_at: None,
        }
    }

    /// Checks for an unexpected end, and moves the limit of its files.
    fn watch(&mut self, process: &mut Process, disk: &mut Disk) -> anyhow::Result<bool> {
        if let Some(status) = process.ended()? {
            self.done.own_ends.push(status.to_string());
            return Ok(true);
        }
        if disk.full_at.is_some_and(|at| Instant::now() >= at) {
            disk.full_at = None;
            process.limit_files(Some(disk.bytes))?;
            self.done.full_disks += 1;
        }
        if disk.full_at.is_none() && disk.room_at.is_some_and(|at| Instant::now() >= at) {
            disk.room_at = None;
            process.limit_files(None)?;
        }
        Ok(false)
    }

    fn stop(&mut self, mut process: Process) -> anyhow::Result<()> {
        process.ask_to_stop()?;
        self.done.stops += 1;
        let mut status = None;
        self.pass(Instant::now() + STOP, |_, _| {
            status = process.ended()?;
            Ok(status.is_some())
        })?;
        match status {
            Some(status) if status.success() => {}
            // The stop arrived before its handler was installed.
            Some(status) if status.signal() == Some(TERM) => {}
            Some(status) => self.done.bad_stops.push(status.to_string()),
            None => self.done.bad_stops.push("did not end".to_owned()),
        }
        Ok(())
    }

    /// Customers write and faults change until `until`, or until `is_over`.
    fn pass(
        &mut self,
        until: Instant,
        mut is_over: impl FnMut(&mut Self, &[Event]) -> anyhow::Result<bool>,
    ) -> anyhow::Result<bool> {
        while Instant::now() < until {
            if self.wrote_at.elapsed() >= WRITES {
                self.wrote_at = Instant::now();
                self.customers.a_customer_writes();
            }
            self.faults.advance()?;
            let entries = self.customers.listen();
            let events: Vec<Event> = entries.into_iter().map(|entry| entry.event).collect();
            if is_over(self, &events)? {
                return Ok(true);
            }
            std::thread::sleep(TICK);
        }
        Ok(false)
    }

    /// The last runs, without faults: one answers every customer, and one has a clock far enough ahead for every letter that waits for
    /// its hour.
    pub(super) fn settles(&mut self) -> anyhow::Result<()> {
        for (program, open) in [
            (Program::Real, UNANSWERED),
            (Program::Failing(vec!["--ahead-minutes=75".to_owned()]), UNFINISHED),
        ] {
            let mut process = self.setup.start(&program)?;
            self.done.lives += 1;
            let began = Instant::now();
            let (mut finished, mut moved_at) = (0, began);
            while began.elapsed() < SETTLE && moved_at.elapsed() < STANDSTILL && !self.is_settled(open) {
                std::thread::sleep(Duration::from_millis(200));
                ensure!(process.ended()?.is_none(), "the last run ended by itself");
                // Rows cannot be counted before the migration.
                let now = count(&self.setup, FINISHED).unwrap_or(finished);
                if now != finished {
                    (finished, moved_at) = (now, Instant::now());
                }
            }
            process.ask_to_stop()?;
            let late = Instant::now() + STOP;
            let status = loop {
                match process.ended()? {
                    Some(status) => break status,
                    None => std::thread::sleep(TICK),
                }
                ensure!(Instant::now() < late, "the last run did not end");
            };
            ensure!(status.success(), "the last run ended with {status}");
        }
        Ok(())
    }

    fn is_settled(&self, open: &str) -> bool {
        let is_taken = self.sandbox.telegram().unconfirmed() == 0;
        is_taken && count(&self.setup, open).is_ok_and(|open| open == 0)
    }
}

/// The disk of one run.
struct Disk {
    is_planned: bool,
    lasts: Duration,
    bytes: u64,
    full_at: Option<Instant>,
    room_at: Option<Instant>,
}

impl Disk {
    /// It fills up only at run time: a start without free space is correctly refused.
    fn plan(&mut self, events: &[Event]) {
        let is_at_work = events.iter().any(|event| matches!(event, Event::RunAsked { .. }));
        if self.is_planned && is_at_work {
            self.is_planned = false;
            let full_at = Instant::now() + Duration::from_secs(1);
            (self.full_at, self.room_at) = (Some(full_at), Some(full_at + self.lasts));
        }
    }
}

fn is_effect(event: &Event) -> bool {
    matches!(
        event,
        Event::MessageDelivered { .. } | Event::MailReceived { .. } | Event::RunCompleted { .. }
    )
}

/// Work a customer waits for.
const UNANSWERED: &str = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending') + (SELECT COUNT(*) FROM outbox \
                          WHERE state IN ('scheduled', 'executing', 'retryable') AND lane LIKE 'tg:%')";
/// Unfinished rows.
const UNFINISHED: &str = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending') + (SELECT COUNT(*) \
                                     FROM outbox WHERE state IN ('scheduled', 'executing', 'retryable'))";

/// Finished rows.
const FINISHED: &str = "SELECT (SELECT COUNT(*) FROM inbox WHERE state <> 'pending') + (SELECT COUNT(*) FROM outbox \
                        WHERE state NOT IN ('scheduled', 'executing', 'retryable'))";

/// A query with one number as its result.
fn count(setup: &Setup, sql: &str) -> anyhow::Result<i64> {
    let table = query(&setup.database(), sql)?;
    match table.rows.first().and_then(|row| row.first()) {
        Some(Cell::Integer(count)) => Ok(*count),
        Some(Cell::Null) => Ok(0),
        _ => None.context("the query counts"),
    }
}
