//! Twenty-four idle hours on a manual clock: neither memory nor files grow. The test runs in a separate process, because it
//! measures the process.

use std::time::SystemTime;

use base::Event;
use chrono::TimeDelta;
use sandbox::Event as Seen;
use tokio::sync::broadcast;

use crate::harness::{Memory, TestService, alone};

const CUSTOMERS: i64 = 200;
/// Status lines per day: one a minute.
const DAY: usize = 24 * 60;
/// Bytes of status lines per minute: one for the service, one per actor.
const LINES_A_MINUTE: usize = 2_000;
/// Bytes. SQLite rewinds the log at 1,000 pages.
const WRITE_AHEAD_LOG: u64 = 5 * 1024 * 1024;
/// Memory the allocator may keep, in KiB.
const SLACK: u64 = 4 * 1024;

#[actix_rt::test]
async fn a_quiet_day_costs_neither_memory_nor_disk() {
    let name = "memory::day::a_quiet_day_costs_neither_memory_nor_disk";
    alone(name, Box::pin(live_through_it())).await;
}

/// Figures that must not grow.
#[derive(Debug)]
struct Figures {
    memory: Option<Memory>,
    /// Of the suite's own log, which is kept in memory.
    log: usize,
    journal: usize,
    pages: u64,
    write_ahead_log: u64,
    threads_written: SystemTime,
}

impl Figures {
    fn of(service: &TestService) -> Self {
        let file = |name: &str| std::fs::metadata(service.folder().join(name)).unwrap();
        Self {
            memory: Memory::own(),
            log: service.log().len(),
            journal: calls_made(service),
            pages: service.sql("SELECT page_count FROM pragma_page_count")[0]
                .parse()
                .unwrap(),
            write_ahead_log: file("frontdesk.db-wal").len(),
            threads_written: file("threads.json").modified().unwrap(),
        }
    }
}

/// Calls other than `getUpdates`: the stand-in holds that call for real seconds, so a slow machine makes more of them per
/// day.
fn calls_made(service: &TestService) -> usize {
    let entries = service.sandbox().journal().entries().into_iter();
    let is_poll = |seen: &Seen| matches!(seen, Seen::TelegramCall { method, .. } if method == "getUpdates");
    entries.filter(|entry| !is_poll(&entry.event)).count()
}

/// Advances the clock by twenty seconds at a time until `minutes` status lines were written. Between two steps every actor
/// does its due work; waiting until idle would take minutes.
async fn passes(service: &TestService, events: &mut broadcast::Receiver<Event>, minutes: usize) -> String {
    let (mut shown, mut alive) = (0, String::new());
    while shown < minutes {
        service.advance(TimeDelta::seconds(20));
        service.runs_ready_tasks().await;
        while let Ok(event) = events.try_recv() {
            shown += usize::from(event.name == "status");
            let field = |key| {
                event
                    .fields
                    .iter()
                    .find(|(of, _)| *of == key)
                    .map(|(_, text)| text.as_str())
            };
            if event.name == "actor_status" && field("name") == Some("conversation") {
                alive = field("alive").unwrap().to_owned();
            }
        }
    }
    alive
}

async fn live_through_it() {
    let service = TestService::builder().manual_clock().start().await;
    for chat in 1..=CUSTOMERS {
        service.say(chat, "сколько стоит диван?");
    }
    for chat in 1..=CUSTOMERS {
        service.replies(chat, 1).await;
    }
    service.settles().await;
    let mut events = service.listen();
    // All conversations are unloaded, and every actor has done its periodic work.
    let alive = passes(&service, &mut events, 60).await;
    assert_eq!(alive, "0", "conversations retired");
    let before = Figures::of(&service);
    passes(&service, &mut events, DAY).await;
    let after = Figures::of(&service);
    let shown = format!("{before:?}\n{after:?}");
    assert_eq!(after.journal, before.journal, "no external call was made: {shown}");
    // The stand-in holds the poll for real seconds, which are hours here: each is stored as an absence.
    assert!(after.pages < before.pages + 16, "no rows are written: {shown}");
    assert_eq!(
        after.threads_written, before.threads_written,
        "not written for nothing: {shown}"
    );
    assert!(
        after.write_ahead_log <= before.write_ahead_log.max(WRITE_AHEAD_LOG),
        "{shown}"
    );
    let log = after.log - before.log;
    assert!(log < DAY * LINES_A_MINUTE, "a day's log is its status lines: {shown}");
    if let (Some(before), Some(after)) = (before.memory, after.memory) {
        // The suite keeps the log in a vector, which doubles.
        let own = u64::try_from(2 * log / 1024).unwrap();
        assert!(after.now < before.now + own + SLACK, "{shown}");
    }
}
