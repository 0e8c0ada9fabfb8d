//! `threads.json`, the mirror of customers and their threads that the Python bot's users know: read once at start,
//! written from the database after changes, atomically, at most once a second and for at most a twentieth of the time.
//! The database rules; a file that is broken is kept aside for a person to look at, and never stops anything.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::json;
use base::{Event, Events, StepFault, StepName};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{ChatId, ThreadId};
use sha2::{Digest, Sha256};

use super::messages::{MirrorThreads, ThreadsChanged};
use crate::db::messages::LoadThreads;
use crate::runtime::{Answer, Birth, Life, Port, Queue, Runtime, Takes};

const SHORTEST_PAUSE: TimeDelta = TimeDelta::seconds(1);
/// A change whose hint was lost shows within this time.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// Nineteen parts of rest to one of writing.
const REST: i32 = 19;
const LOAD_LIMIT: Duration = Duration::from_secs(30);

/// What the mirror needs of others.
#[derive(Clone)]
pub struct Ports {
    /// DbActor: every customer's thread.
    pub load: Port<LoadThreads>,
}

/// The actor that keeps the file.
pub struct ThreadsMirror {
    file: PathBuf,
    ports: Ports,
    runtime: Runtime,
}

/// What the mirror is told.
pub enum Told {
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
    pub fn new(file: PathBuf, runtime: &Runtime, ports: Ports) -> Self {
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

    fn tell(&self, known: &mut Known, outcome: std::io::Result<[u8; 32]>) {
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

impl Life for ThreadsMirror {
    const NAME: &'static str = "threads_mirror";
    type Told = Told;

    async fn run(self, _birth: Birth, mut queue: Queue<Told>) {
        let clock = &self.runtime.clock;
        let (mut known, mut wanted) = (Known::default(), Wanted::default());
        loop {
            let began = clock.now();
            let asked = std::mem::take(&mut wanted.by);
            wanted.is_changed = false;
            let writing = queue.during(self.write(known.written), |told| wanted.hear(told, false));
            if let Some(outcome) = writing.await {
                self.tell(&mut known, outcome);
            }
            asked.into_iter().for_each(|answer| answer.give(()));
            let now = clock.now();
            let rested = now + ((now - began) * REST).max(SHORTEST_PAUSE);
            let longest = LOOK_AGAIN.max(rested - now);
            while wanted.by.is_empty() {
                let due = if wanted.is_changed { rested } else { now + longest };
                // Never longer, also if the clock was set back meanwhile.
                let pause = clock.after((due - clock.now()).min(longest));
                if queue.during(pause, |told| wanted.hear(told, true)).await.is_some() {
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
    fn hear(&mut self, told: Told, then: bool) -> bool {
        match told {
            Told::Changed => self.is_changed = true,
            Told::Write(answer) => self.by.push(answer),
        }
        then
    }
}

impl Takes<ThreadsChanged> for ThreadsMirror {
    fn told(_changed: ThreadsChanged, _answer: Answer<()>) -> Told {
        Told::Changed
    }
}

impl Takes<MirrorThreads> for ThreadsMirror {
    fn told(_mirror: MirrorThreads, answer: Answer<()>) -> Told {
        Told::Write(answer)
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
pub fn read_threads(file: &Path, now: DateTime<Utc>, events: &Events) -> Vec<(ChatId, ThreadId)> {
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
mod tests {
    use base::Clock;
    use base::encoding::decode;
    use proptest::prelude::*;

    use super::*;
    use crate::config::Limits;
    use crate::runtime::{Behaviour, Ctx, PanicPlan, PortError, Receive, live, start};

    struct NoRows;

    impl Behaviour for NoRows {
        const NAME: &'static str = "db";
    }

    impl Receive<LoadThreads> for NoRows {
        fn receive(
            &mut self,
            _load: LoadThreads,
            answer: Answer<<LoadThreads as actix::Message>::Result>,
            _: &mut Ctx<'_, Self>,
        ) {
            answer.give(Ok(Vec::new()));
        }
    }

    #[actix_rt::test]
    async fn ten_who_wait_behind_a_panic_of_the_mirror_are_all_answered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("threads.json");
        let mut runtime = Runtime::new(Clock::system(), Events::default(), &Limits::default());
        runtime.panics = PanicPlan::at(&[(ThreadsMirror::NAME, 1)]);
        let load = start(&runtime, || NoRows).port();
        let mirror = {
            let (file, runtime) = (file.clone(), runtime.clone());
            live(&runtime.clone(), move || {
                ThreadsMirror::new(file.clone(), &runtime, Ports { load: load.clone() })
            })
        };
        let port = mirror.port::<MirrorThreads>();
        let poison = port.command(MirrorThreads);
        let behind: Vec<_> = (0..10).map(|_| port.command(MirrorThreads)).collect();
        assert_eq!(poison.await, Err(PortError::NoAnswer));
        let answers = futures_util::future::join_all(behind).await;
        assert_eq!(answers, vec![Ok(()); 10]);
        assert_eq!(std::fs::read_to_string(file).unwrap(), "{}\n");
    }

    #[test]
    fn a_broken_file_is_kept_aside_and_never_fatal() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("threads.json");
        std::fs::write(&file, "{\"1\": \"conv_a\", ").unwrap();
        assert!(read_threads(&file, DateTime::UNIX_EPOCH, &Events::default()).is_empty());
        let aside = folder.path().join("threads.json.broken-19700101T000000Z");
        assert_eq!(std::fs::read_to_string(aside).unwrap(), "{\"1\": \"conv_a\", ");
        assert!(!file.exists());
    }

    #[test]
    fn a_file_that_notepad_saved_anew_is_read_in_each_of_its_encodings() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("threads.json");
        let text = "{\r\n  \"7\": \"conv_a\"\r\n}\r\n";
        let units = || text.encode_utf16();
        let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
        let saved: [(&str, &[u8], &[u8]); 6] = [
            ("ANSI", b"", text.as_bytes()),
            ("UTF-8 with BOM", b"\xef\xbb\xbf", text.as_bytes()),
            ("UTF-16 LE", b"\xff\xfe", &little),
            ("UTF-16 BE", b"\xfe\xff", &big),
            ("UTF-16 LE without its mark", b"", &little),
            ("UTF-16 BE without its mark", b"", &big),
        ];
        for (encoding, mark, rest) in saved {
            std::fs::write(&file, [mark, rest].concat()).unwrap();
            let threads = read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
            assert_eq!(threads, [(ChatId(7), ThreadId("conv_a".into()))], "{encoding}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{encoding}");
        }
    }

    #[test]
    fn the_file_holds_what_was_written_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sub").join("threads.json");
        let threads = vec![
            (ChatId(-5), ThreadId("conv_b".into())),
            (ChatId(1 << 40), ThreadId("conv_a".into())),
        ];
        replace(&file, &to_json(&threads)).unwrap();
        assert_eq!(read_threads(&file, DateTime::UNIX_EPOCH, &Events::default()), threads);
    }

    #[test]
    fn entries_that_mean_nothing_are_left_out_and_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("threads.json");
        let text = r#"{"x": "conv_a", "5": 7, "6": "", "7": "thread_old"}"#;
        std::fs::write(&file, text).unwrap();
        let threads = read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
        assert_eq!(threads, [(ChatId(7), ThreadId("thread_old".into()))]);
        let aside = folder.path().join("threads.json.broken-19700101T000000Z");
        assert_eq!(std::fs::read_to_string(aside).unwrap(), text);
    }

    #[test]
    fn two_broken_files_of_one_second_are_both_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("threads.json");
        for text in ["[", "]"] {
            std::fs::write(&file, text).unwrap();
            read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
        }
        let files = std::fs::read_dir(folder.path()).unwrap();
        let mut kept: Vec<_> = files
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        kept.sort();
        assert_eq!(kept, ["[", "]"]);
    }

    /// What somebody may have put into the file, from whole to none at all.
    fn any_file() -> impl Strategy<Value = Vec<u8>> {
        let value = prop_oneof![
            3 => "(conv|thread)_[a-zA-Z0-9]{0,6}".prop_map(serde_json::Value::from),
            1 => any::<String>().prop_map(serde_json::Value::from),
            1 => any::<i64>().prop_map(serde_json::Value::from),
            1 => Just(serde_json::json!([null, {"deep": {}}])),
        ];
        let key = prop_oneof![3 => any::<i64>().prop_map(|id| id.to_string()), 1 => "[ +-]?[0-9]{0,25}", 1 => any::<String>()];
        let map = prop::collection::hash_map(key, value, 0..6).prop_map(|map| serde_json::to_vec(&map).unwrap());
        prop_oneof![
            3 => map.clone(),
            1 => (map, 0..200_usize).prop_map(|(mut bytes, end)| { bytes.truncate(end); bytes }),
            1 => prop::collection::vec(any::<u8>(), 0..60),
            1 => "[\\[\\]{}\":, 0-9a-z]{0,60}".prop_map(String::into_bytes),
            1 => (1..300_usize).prop_map(|depth| "{\"1\":".repeat(depth).into_bytes()),
        ]
    }

    proptest! {
        #[test]
        fn whatever_the_file_holds_not_a_byte_of_it_is_lost(bytes in any_file()) {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("threads.json");
            std::fs::write(&file, &bytes).unwrap();
            let threads = read_threads(&file, DateTime::UNIX_EPOCH, &Events::default());
            let kept: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path()).collect();
            prop_assert_eq!(kept.len(), 1);
            prop_assert_eq!(&std::fs::read(&kept[0]).unwrap(), &bytes);
            // It stays in its place, where the mirror will write over it, only if each entry of it was understood.
            if kept[0] == file {
                let text = String::from_utf8(bytes.clone()).unwrap_or_else(|_| decode(&bytes).unwrap().text);
                let map: BTreeMap<String, String> = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
                prop_assert_eq!(map.len(), threads.len());
            }
            prop_assert!(threads.iter().all(|(_, thread)| !thread.0.is_empty()));
        }
    }
}
