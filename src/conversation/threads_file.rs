//! `threads.json`, the mirror of customers and their threads that the Python bot's users know: read once at start,
//! written from the database after changes, atomically, at most once a second and for at most a twentieth of the time.
//! The database rules; a file that is broken is kept aside for a person to look at, and never stops anything.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use base::json;
use base::{Event, Events, StepFault, StepName};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ChatId, ThreadId};
use sha2::{Digest, Sha256};
use store::LoadThreads;

use super::messages::{MirrorThreads, ThreadsChanged};
use crate::runtime::{Answer, Loop, Port, Queue, Runtime, StartReason, Takes};

const SHORTEST_PAUSE: TimeDelta = TimeDelta::seconds(1);
/// A change whose hint was lost shows within this time.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// Nineteen parts of rest to one of writing.
const REST: i32 = 19;
const LOAD_LIMIT: Duration = Duration::from_secs(30);

/// What the mirror needs of others.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: every customer's thread.
    pub load: Port<LoadThreads>,
}

/// The actor that keeps the file.
pub(crate) struct ThreadsMirror {
    file: PathBuf,
    ports: Ports,
    runtime: Runtime,
}

/// What the mirror receives.
pub(crate) enum Incoming {
    /// Some thread changed.
    Changed,
    /// Somebody waits for the file.
    Write(Answer<()>),
}

/// What is known of the file.
#[derive(Default)]
struct Known {
    /// The hash of what it holds, so that it is not rewritten for nothing. Not the text: it grows with the customers.
    written: Option<[u8; 32]>,
    /// Why it could not be written the last time; the same again is no news.
    trouble: Option<std::io::ErrorKind>,
}

impl ThreadsMirror {
    /// A mirror that has not been written yet.
    pub(crate) fn new(file: PathBuf, runtime: &Runtime, ports: Ports) -> Self {
        Self {
            file,
            ports,
            runtime: runtime.clone(),
        }
    }

    /// Writes the file if it changed; answers what it holds.
    async fn write(&self, written: Option<[u8; 32]>) -> std::io::Result<[u8; 32]> {
        let threads = match self.ports.load.ask(LoadThreads, LOAD_LIMIT).await {
            Ok(Ok(threads)) => threads,
            Ok(Err(error)) => return Err(std::io::Error::other(error)),
            Err(error) => return Err(std::io::Error::other(error)),
        };
        let text = to_json(&threads);
        let hash = Sha256::digest(&text).into();
        if written != Some(hash) {
            let (steps, file) = (self.runtime.steps.clone(), self.file.clone());
            let fault = |_moment| std::io::Error::other(StepFault);
            let replacing = move || steps.act(StepName::Mirror, fault, || replace(&file, &text));
            let write = tokio::task::spawn_blocking(replacing);
            write.await.map_err(std::io::Error::other)??;
        }
        Ok(hash)
    }

    fn report(&self, known: &mut Known, outcome: std::io::Result<[u8; 32]>) {
        match outcome {
            Ok(hash) => {
                known.written = Some(hash);
                if known.trouble.take().is_some() {
                    let event = Event::info(Self::NAME, "threads_file_written");
                    self.runtime.events.emit(event);
                }
            }
            Err(error) => {
                if known.trouble.replace(error.kind()) != Some(error.kind()) {
                    let failed = Event::error(Self::NAME, "threads_file_not_written").with("reason", error.kind());
                    self.runtime.events.emit(failed);
                }
            }
        }
    }
}

impl Loop for ThreadsMirror {
    const NAME: &'static str = "threads_mirror";
    type Incoming = Incoming;

    async fn run(self, _reason: StartReason, mut queue: Queue<Incoming>) {
        let clock = &self.runtime.clock;
        let (mut known, mut wanted) = (Known::default(), Wanted::default());
        loop {
            let began = clock.now();
            let asked = std::mem::take(&mut wanted.by);
            wanted.is_changed = false;
            let writing = pin!(self.write(known.written));
            let written = queue.during(writing, |message| wanted.hear(message, false));
            if let Some(outcome) = written.await {
                self.report(&mut known, outcome);
            }
            asked.into_iter().for_each(|answer| answer.give(()));
            let now = clock.now();
            let rested = now + ((now - began) * REST).max(SHORTEST_PAUSE);
            let longest = LOOK_AGAIN.max(rested - now);
            while wanted.by.is_empty() {
                let due = if wanted.is_changed { rested } else { now + longest };
                // Never longer, also if the clock was set back meanwhile.
                let pause = pin!(clock.after((due - clock.now()).min(longest)));
                if queue
                    .during(pause, |message| wanted.hear(message, true))
                    .await
                    .is_some()
                {
                    break;
                }
            }
        }
    }
}

/// What was heard since the last write began.
#[derive(Default)]
struct Wanted {
    is_changed: bool,
    by: Vec<Answer<()>>,
}

impl Wanted {
    fn hear(&mut self, message: Incoming, then: bool) -> bool {
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

fn to_json(threads: &[(ChatId, ThreadId)]) -> String {
    let map: BTreeMap<String, &str> = threads
        .iter()
        .map(|(chat, thread)| (chat.to_string(), thread.0.as_str()))
        .collect();
    serde_json::to_string_pretty(&map).unwrap_or_else(|_never| "{}".into()) + "\n"
}

/// A reader sees the old file or the new one, never half of one.
fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.as_file().sync_all()?;
    new.persist(file).map_err(|failed| failed.error)?;
    Ok(())
}

/// What the file holds at start. A broken one is moved aside, to `threads.json.broken-<time>`.
pub(crate) fn read_threads(file: &Path, now: DateTime<Utc>, events: &Events) -> Vec<(ChatId, ThreadId)> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let unreadable = Event::error(ThreadsMirror::NAME, "threads_file_unreadable");
            events.emit(unreadable.with("reason", error.kind()));
            set_aside(file, now, events);
            return Vec::new();
        }
    };
    let Some((threads, left_out)) = parse(&bytes) else {
        events.emit(Event::error(ThreadsMirror::NAME, "threads_file_broken"));
        set_aside(file, now, events);
        return Vec::new();
    };
    if left_out > 0 {
        // The mirror is about to write the file anew, and what was not understood would be gone.
        let odd = Event::error(ThreadsMirror::NAME, "threads_file_entries_left_out").with("entries", left_out);
        events.emit(odd);
        set_aside(file, now, events);
    }
    threads
}

/// Entries whose key is not a user id, or whose value is not a thread id, are somebody's mistake: left out and counted.
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

/// To a name that nothing stands at: what was kept before is kept on.
fn set_aside(file: &Path, now: DateTime<Utc>, events: &Events) {
    let mut name = file.as_os_str().to_owned();
    name.push(now.format(".broken-%Y%m%dT%H%M%SZ").to_string());
    while std::fs::symlink_metadata(&name).is_ok() {
        name.push("-again");
    }
    if let Err(error) = std::fs::rename(file, &name) {
        let kept = Event::error(ThreadsMirror::NAME, "threads_file_not_set_aside");
        events.emit(kept.with("reason", error.kind()));
    }
}

#[cfg(test)]
mod tests;
