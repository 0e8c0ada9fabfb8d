//! `threads.json`, a mirror of customers and their threads in the format of the Python bot. It is read once at start and
//! written atomically after changes, at most once per second and for at most a twentieth of the time. The database is
//! authoritative. A broken file is renamed for inspection and never stops the service.

mod draft;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use base::json;
use base::{Event, Events, StepFault, StepName};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ChatId, ThreadId};
use store::{LoadThreads, RecordThreadsMark, ThreadsPage};

use self::draft::Draft;
pub(crate) use self::draft::Mark;
use super::messages::{MirrorThreads, ThreadsChanged};
use crate::runtime::{Answer, Loop, Port, Queue, Runtime, StartReason, Takes};

const SHORTEST_PAUSE: TimeDelta = TimeDelta::seconds(1);
/// A change whose hint was lost is written within this time.
const RECHECK: TimeDelta = TimeDelta::seconds(60);
/// The pause after a write, as a multiple of its duration.
const PAUSE_FACTOR: i32 = 19;
const LOAD_LIMIT: Duration = Duration::from_secs(30);
/// Threads in memory at a time.
const PAGE: u32 = 1_000;

/// The recipients the mirror needs.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: loads customers' threads.
    pub load: Port<LoadThreads>,
    /// DbActor: stores the mark of the file at a graceful shutdown.
    pub record: Port<RecordThreadsMark>,
}

/// The actor that writes the file.
pub(crate) struct ThreadsMirror {
    file: PathBuf,
    ports: Ports,
    runtime: Runtime,
    /// The mark of the file at start, if a graceful shutdown left it.
    left: Option<Mark>,
}

/// The mirror's messages.
pub(crate) enum Incoming {
    /// See [`ThreadsChanged`].
    Changed,
    /// See [`MirrorThreads`].
    Write(Answer<()>),
}

/// The state of the file.
#[derive(Default)]
struct Known {
    /// The mark of the last written file, to avoid rewriting it unchanged. The text would grow with the customers.
    written: Option<Mark>,
    /// The error of the last write; the same error is logged once.
    failure: Option<io::ErrorKind>,
}

impl ThreadsMirror {
    /// `left`: the mark of the file left by a graceful shutdown, which matches the database.
    pub(crate) fn new(file: PathBuf, left: Option<Mark>, runtime: &Runtime, ports: Ports) -> Self {
        Self {
            file,
            ports,
            runtime: runtime.clone(),
            left,
        }
    }

    /// Writes the file if the database differs from it; returns its mark.
    async fn write(&self, written: Option<Mark>, is_changed: bool) -> io::Result<Mark> {
        if let (Some(written), false) = (&written, is_changed) {
            let (_, hash) = self.read(Draft::of_hash()).await?;
            if hash == written.hash() {
                return Ok(written.clone());
            }
        }
        let file = self.file.clone();
        let (draft, hash) = self.read(aside(move || Draft::beside(&file)).await?).await?;
        if let Some(written) = written.filter(|written| hash == written.hash()) {
            return Ok(written);
        }
        let (steps, file) = (self.runtime.steps.clone(), self.file.clone());
        let fault = |_moment| io::Error::other(StepFault);
        aside(move || steps.act(StepName::Mirror, fault, || draft.publish(&file, hash))).await
    }

    /// Reads all threads into a draft, page by page; also returns its hash.
    async fn read(&self, mut draft: Draft) -> io::Result<(Draft, String)> {
        let mut after = Some(ChatId(i64::MIN));
        while let Some(last) = after {
            let load = LoadThreads {
                after: last,
                rows: PAGE,
            };
            let ThreadsPage { threads, next } = match self.ports.load.ask(load, LOAD_LIMIT).await {
                Ok(Ok(page)) => page,
                Ok(Err(error)) => return Err(io::Error::other(error)),
                Err(error) => return Err(io::Error::other(error)),
            };
            draft = aside(move || draft.append(&threads).map(|()| draft)).await?;
            after = next;
        }
        aside(move || draft.end().map(|hash| (draft, hash))).await
    }

    fn report(&self, known: &mut Known, outcome: io::Result<Mark>) {
        match outcome {
            Ok(mark) => {
                known.written = Some(mark);
                if known.failure.take().is_some() {
                    let event = Event::info(Self::NAME, "threads_file_write_resumed");
                    self.runtime.events.emit(event);
                }
            }
            Err(error) => {
                if known.failure.replace(error.kind()) != Some(error.kind()) {
                    let failed = Event::error(Self::NAME, "threads_file_write_failed").with("reason", error.kind());
                    self.runtime.events.emit(failed);
                }
            }
        }
    }

    /// Stores the mark of the file, so that the next start can skip reading it. A failure only costs that start the read.
    fn record(&self, known: &Known) {
        if let (Some(mark), None) = (&known.written, known.failure) {
            let mark = mark.to_string();
            drop(self.ports.record.command(RecordThreadsMark { mark }));
        }
    }
}

/// Off the actors' thread, which must not block on the disk.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

impl Loop for ThreadsMirror {
    const NAME: &'static str = "threads_mirror";
    type Incoming = Incoming;

    async fn run(self, reason: StartReason, mut queue: Queue<Incoming>) {
        let clock = &self.runtime.clock;
        let left = self.left.clone().filter(|_| reason == StartReason::Initial);
        let mut is_due = left.is_none();
        let mut known = Known {
            written: left,
            failure: None,
        };
        let mut wanted = Wanted::default();
        loop {
            let began = clock.now();
            let asked = std::mem::take(&mut wanted.by);
            let is_changed = std::mem::take(&mut wanted.is_changed);
            let is_current = !is_changed && known.written.is_some() && known.failure.is_none();
            // A shutdown must not wait for a full read: a change whose hint was lost is written after the next start.
            if is_due && (asked.is_empty() || !is_current) {
                let writing = pin!(self.write(known.written.clone(), is_changed));
                let written = queue.during(writing, |message| wanted.on_message(message, false));
                if let Some(outcome) = written.await {
                    self.report(&mut known, outcome);
                }
            }
            is_due = true;
            if !asked.is_empty() {
                self.record(&known);
            }
            asked.into_iter().for_each(|answer| answer.give(()));
            let now = clock.now();
            let pause_end = now + ((now - began) * PAUSE_FACTOR).max(SHORTEST_PAUSE);
            let longest = RECHECK.max(pause_end - now);
            while wanted.by.is_empty() {
                let due = if wanted.is_changed { pause_end } else { now + longest };
                // Bounded, in case the clock was set back meanwhile.
                let pause = pin!(clock.after((due - clock.now()).min(longest)));
                if queue
                    .during(pause, |message| wanted.on_message(message, true))
                    .await
                    .is_some()
                {
                    break;
                }
            }
        }
    }
}

/// The requests since the last write began.
#[derive(Default)]
struct Wanted {
    is_changed: bool,
    by: Vec<Answer<()>>,
}

impl Wanted {
    fn on_message(&mut self, message: Incoming, then: bool) -> bool {
        match message {
            Incoming::Changed => self.is_changed = true,
            Incoming::Write(answer) => self.by.push(answer),
        }
        then
    }
}

impl Takes<ThreadsChanged> for ThreadsMirror {
    fn incoming(_changed: ThreadsChanged, _answer: Answer<()>) -> Incoming {
        Incoming::Changed
    }
}

impl Takes<MirrorThreads> for ThreadsMirror {
    fn incoming(_mirror: MirrorThreads, answer: Answer<()>) -> Incoming {
        Incoming::Write(answer)
    }
}

/// Reads the file at start. A broken one is renamed to `threads.json.broken-<time>`.
pub(crate) fn read_threads(file: &Path, now: DateTime<Utc>, events: &Events) -> Vec<(ChatId, ThreadId)> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let unreadable = Event::error(ThreadsMirror::NAME, "threads_file_read_failed");
            events.emit(unreadable.with("reason", error.kind()));
            back_up(file, now, events);
            return Vec::new();
        }
    };
    let Some((threads, left_out)) = parse(&bytes) else {
        events.emit(Event::error(ThreadsMirror::NAME, "threads_file_invalid"));
        back_up(file, now, events);
        return Vec::new();
    };
    if left_out > 0 {
        // The mirror will overwrite the file, so the skipped entries would be lost.
        let odd = Event::error(ThreadsMirror::NAME, "threads_file_entries_skipped").with("entries", left_out);
        events.emit(odd);
        back_up(file, now, events);
    }
    threads
}

/// Skips and counts entries whose key is not a user id or whose value is not a thread id.
fn parse(bytes: &[u8]) -> Option<(Vec<(ChatId, ThreadId)>, usize)> {
    let map: BTreeMap<String, serde_json::Value> = json::of_file(bytes)?;
    let all = map.len();
    let entries = map.into_iter().filter_map(|(user, thread)| {
        let thread = thread.as_str().filter(|thread| !thread.is_empty())?;
        Some((ChatId(user.trim().parse().ok()?), ThreadId(thread.to_owned())))
    });
    let threads: Vec<_> = entries.collect();
    let left_out = all - threads.len();
    Some((threads, left_out))
}

/// Renames the file to an unused name, so that an earlier backup is kept.
fn back_up(file: &Path, now: DateTime<Utc>, events: &Events) {
    let mut name = file.as_os_str().to_owned();
    name.push(now.format(".broken-%Y%m%dT%H%M%SZ").to_string());
    while std::fs::symlink_metadata(&name).is_ok() {
        name.push("-again");
    }
    if let Err(error) = std::fs::rename(file, &name) {
        let kept = Event::error(ThreadsMirror::NAME, "threads_file_backup_failed");
        events.emit(kept.with("reason", error.kind()));
    }
}

#[cfg(test)]
mod tests;
