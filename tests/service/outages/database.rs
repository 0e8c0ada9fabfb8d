//! Errors of the disk and the database file: nothing confirmed is lost, nothing is sent twice, and work resumes afterwards.

use std::sync::{Arc, Mutex};

use base::{Disk, Event, Moment, Step, StepFault, StepHook, StepName};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use sandbox::{Echo, Edge, Fault, Rule};
use tokio::sync::{broadcast, watch};

use crate::harness::{ServiceProcess, TestService, printed};

const STEP: TimeDelta = TimeDelta::seconds(1);

/// Fails commits before or after they took effect: a disk may report an error in both cases.
struct FailingCommits {
    every: u64,
    seen: Mutex<u64>,
}

impl FailingCommits {
    fn every(every: u64) -> Self {
        Self {
            every,
            seen: Mutex::default(),
        }
    }
}

impl StepHook for FailingCommits {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if step.name != StepName::Commit {
            return Ok(());
        }
        let mut seen = self.seen.lock().unwrap();
        *seen += 1;
        match *seen % self.every {
            0 => Err(StepFault),
            _ => Ok(()),
        }
    }
}

/// Counts started transactions, failed ones included.
#[derive(Clone)]
struct Tries(Arc<watch::Sender<u32>>);

impl Tries {
    fn counted() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Waits for this many more attempts.
    async fn again(&self, times: u32) {
        let mut seen = self.0.subscribe();
        let enough = *seen.borrow() + times;
        let waiting = seen.wait_for(|count| *count >= enough);
        let tried = tokio::time::timeout(crate::harness::PATIENCE, waiting).await;
        assert!(tried.is_ok(), "the disk is tried again");
    }
}

impl StepHook for Tries {
    fn at(&self, step: Step) -> Result<(), StepFault> {
        if (step.name, step.moment) == (StepName::Commit, Moment::Before) {
            self.0.send_modify(|count| *count += 1);
        }
        Ok(())
    }
}

/// A text long enough to need new pages.
fn long(words: &str) -> String {
    format!("{words} {}", "и ещё много слов ".repeat(200))
}

/// Waits for the log line about the disk error; returns it.
async fn refused(service: &TestService, events: &mut broadcast::Receiver<Event>) -> String {
    let failed = service.logs_event(events, "commit_failed").await;
    failed.field("reason").unwrap().to_owned()
}

#[actix_rt::test]
async fn a_disk_that_fills_up_loses_nothing_and_repeats_nothing() {
    let tries = Tries::counted();
    let service = TestService::builder().steps(tries.clone()).start().await;
    service.ask(1, "while there is room").await;
    service.settles().await;
    let hold = service.hold_runs();
    service.say(2, &long("a turn that is under way"));
    service.faults_injected(hold, 1).await;

    let mut events = service.listen();
    service.make_disk(Disk::Full);
    service.release(hold);
    assert_eq!(refused(&service, &mut events).await, "database or disk is full");
    for chat in 3..=7 {
        service.say(chat, &long("written while it is full"));
    }
    tries.again(6).await;
    let asked = service.openai().requests().len();
    assert_eq!(asked, 2, "the model is not called for an answer that cannot be stored");
    assert_eq!(service.telegram().unconfirmed(), 5, "Telegram keeps them");
    assert_eq!(service.telegram().replies(2), []);
    let listed = printed(&service, &["sql", "SELECT COUNT(*) FROM inbox WHERE state = 'pending'"]);
    assert!(listed.contains('1'), "readable rows are listed: {listed}");

    service.make_disk(Disk::AsItIs);
    let resumed = service.logs_event(&mut events, "commit_resumed").await;
    assert!(resumed.field("attempt").unwrap().parse::<u32>().unwrap() > 6);
    for chat in 2..=7 {
        service.replies(chat, 1).await;
    }
    service.settles().await;
    for chat in 2..=7 {
        assert_eq!(service.telegram().replies(chat).len(), 1, "chat {chat}");
    }
    assert_eq!(
        service.sql("SELECT SUM(maybe_sent), SUM(attempts), COUNT(*) FROM outbox"),
        ["0|7|7"]
    );
    assert_eq!(service.openai().requests().len(), 7, "each turn asked once");
}

#[actix_rt::test]
async fn a_sent_reply_is_not_repeated_while_its_verdict_waits() {
    let tries = Tries::counted();
    let builder = TestService::builder().running_clock().steps(tries.clone());
    let service = builder.start().await;
    let hold = service.fault(Rule::on(Edge::Telegram, "sendMessage").with(Fault::Hold));
    for chat in 1..=5 {
        service.say(chat, "is it sent twice?");
    }
    service.faults_injected(hold, 5).await;
    let mut events = service.listen();
    service.make_disk(Disk::ReadOnly);
    service.release(hold);
    let shown = refused(&service, &mut events).await;
    assert_eq!(shown, "attempt to write a readonly database");
    for chat in 1..=5 {
        service.replies(chat, 1).await;
    }
    // Enough time for every sweep of unclaimed rows.
    service.advancing(TimeDelta::seconds(30), tries.again(6)).await;
    service.make_disk(Disk::AsItIs);
    service.logs_event(&mut events, "commit_resumed").await;
    service.advancing(STEP, service.settles()).await;
    for chat in 1..=5 {
        assert_eq!(service.expect_replies_once(&[(chat, &["echo: is it sent twice?"])]), 0);
    }
    assert_eq!(
        service.sql("SELECT state, attempts, maybe_sent, COUNT(*) FROM outbox GROUP BY 1, 2, 3"),
        ["completed|1|0|5"]
    );
}

#[actix_rt::test]
async fn a_lasting_error_is_logged_once_a_minute() {
    let tries = Tries::counted();
    let builder = TestService::builder().running_clock().steps(tries.clone());
    let service = builder.start().await;
    let mut events = service.listen();
    service.make_disk(Disk::ReadOnly);
    service.say(1, "is anything written?");
    refused(&service, &mut events).await;
    tries.again(4).await;
    let meanwhile = std::iter::from_fn(|| events.try_recv().ok());
    let shown = meanwhile.filter(|event| event.name == "commit_failed").count();
    assert_eq!(shown, 0, "four more tries and no line");
    service.advance(TimeDelta::seconds(60));
    let again = service.logs_event(&mut events, "commit_failed").await;
    assert!(again.field("attempt").unwrap().parse::<u32>().unwrap() > 4, "{again:?}");
    assert!(
        again.field("pending_writes").unwrap().parse::<u32>().unwrap() >= 1,
        "{again:?}"
    );
    service.make_disk(Disk::AsItIs);
    let resumed = service.logs_event(&mut events, "commit_resumed").await;
    assert!(
        resumed.field("outage_s").unwrap().parse::<u32>().unwrap() >= 60,
        "{resumed:?}"
    );
    service.replies(1, 1).await;
    service.settles().await;
}

#[actix_rt::test]
async fn a_database_locked_by_another_program_is_waited_for() {
    let service = TestService::start().await;
    service.ask(1, "before it is taken").await;
    service.settles().await;
    let mut other = SqliteConnection::establish(&service.database().to_string_lossy()).unwrap();
    let mut events = service.listen();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    for chat in 1..=5 {
        service.say(chat, "while another program holds it");
    }
    assert_eq!(refused(&service, &mut events).await, "database is locked");
    assert_eq!(service.telegram().unconfirmed(), 5);
    other.batch_execute("ROLLBACK").unwrap();
    service.logs_event(&mut events, "commit_resumed").await;
    for chat in 2..=5 {
        service.replies(chat, 1).await;
    }
    service.replies(1, 2).await;
    service.settles().await;
    for chat in 2..=5 {
        assert_eq!(
            service.expect_replies_once(&[(chat, &["echo: while another program holds it"])]),
            0
        );
    }
    assert_eq!(service.sql("SELECT SUM(maybe_sent) FROM outbox"), ["0"]);
}

#[actix_rt::test]
async fn a_sync_that_keeps_failing_repeats_nothing() {
    // Odd ones fail before the commit takes effect, even ones after.
    for every in [3, 4] {
        let builder = TestService::builder().running_clock();
        let service = builder.steps(FailingCommits::every(every)).start().await;
        for n in 1..=2 {
            for chat in 1..=8 {
                service.say(chat, &format!("message {n} of chat {chat}"));
            }
        }
        for chat in 1..=8 {
            service.advancing(STEP, service.replies(chat, 2)).await;
        }
        service.advancing(STEP, service.settles()).await;
        for chat in 1..=8 {
            let texts: Vec<String> = (1..=2).map(|n| format!("echo: message {n} of chat {chat}")).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            assert_eq!(service.expect_replies_once(&[(chat, &texts)]), 0, "every {every}");
        }
        let ends = "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'done'), COUNT(*) FROM outbox";
        assert_eq!(service.sql(ends), ["16|16"], "every {every}");
    }
}

/// The files in the database folder, by name.
fn files(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

#[actix_rt::test]
async fn a_file_damaged_at_run_time_ends_the_process_with_1() {
    let mut service = ServiceProcess::new(Echo, &[]);
    service.start();
    service.answers("while the file is whole", 1).await;
    assert!(service.terminate().await.success());
    let folder = service.folder().join("data");
    let copy = files(&folder);

    service.start();
    service.answers("the last one that finds it whole", 2).await;
    for name in ["frontdesk.db", "frontdesk.db-wal"] {
        let file = folder.join(name);
        let length = std::fs::metadata(&file).unwrap().len();
        std::fs::write(&file, vec![0xA5; usize::try_from(length).unwrap()]).unwrap();
    }
    service.sandbox().telegram().say(1, "written into a broken file");
    let status = service.ended().await;
    assert_eq!(status.code(), Some(1));
    let log = service.log();
    assert_eq!(log.matches("database_damaged").count(), 1, "{log}");
    assert!(
        log.contains("frontdesk: the database data/frontdesk.db is damaged"),
        "{log}"
    );

    for (path, bytes) in copy {
        std::fs::write(path, bytes).unwrap();
    }
    for name in ["frontdesk.db-wal", "frontdesk.db-shm"] {
        let _ = std::fs::remove_file(folder.join(name));
    }
    service.start();
    service.answers("with the copy back in its place", 3).await;
}

#[actix_rt::test]
async fn a_file_removed_or_replaced_at_run_time_loses_no_message() {
    let mut service = ServiceProcess::new(Echo, &[]);
    service.start();
    service.answers("while it is there", 1).await;
    assert!(service.terminate().await.success());
    let file = service.folder().join("data/frontdesk.db");
    let kept = service.folder().join("kept.db");
    for is_replaced in [false, true] {
        service.start();
        service
            .logs_times("service_started", 2 + 2 * usize::from(is_replaced))
            .await;
        std::fs::rename(&file, &kept).unwrap();
        if is_replaced {
            std::fs::copy(&kept, &file).unwrap();
        }
        service
            .sandbox()
            .telegram()
            .say(1, &format!("is it kept? {is_replaced}"));
        assert_eq!(service.ended().await.code(), Some(1));
        assert_eq!(service.sandbox().telegram().unconfirmed(), 1, "Telegram keeps it");
        assert!(service.log().contains("removed or replaced while it was open"));
        // SQLite derives the names of its other files from the path.
        std::fs::rename(&kept, &file).unwrap();
        service.start();
        service.delivers(2 + usize::from(is_replaced)).await;
        service.settles().await;
        assert!(service.terminate().await.success());
    }
    assert_eq!(service.doubles(), (0, Vec::new()));
    assert_eq!(service.sql("SELECT COUNT(*) FROM inbox WHERE state = 'done'"), ["3"]);
}

/// Whether the system lists a lock of the file: `1: POSIX ADVISORY READ PID MAJOR:MINOR:INODE …`.
#[cfg(target_os = "linux")]
fn is_locked(file: &std::path::Path) -> bool {
    let inode = std::os::unix::fs::MetadataExt::ino(&file.metadata().unwrap());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    locks.lines().any(|lock| lock.contains(&format!(":{inode} ")))
}

/// A program that finds the database unlocked assumes to be the last one and removes the write-ahead log when it closes.
#[cfg(target_os = "linux")]
#[actix_rt::test]
async fn the_database_stays_locked_against_others_through_every_error() {
    let service = TestService::builder().steps(FailingCommits::every(3)).start().await;
    for n in 1..=4 {
        service.ask(1, &format!("message {n} in the trouble")).await;
        service.settles().await;
        assert!(is_locked(&service.database()), "after message {n}");
    }
}
