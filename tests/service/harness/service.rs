//! The service under test and the API that drives it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_rt::System;
use audit::Kind;
use base::{ClockHand, Disk, Event, Events};
use chrono::TimeDelta;
use frontdesk::Config;
use frontdesk::Service;
use sandbox::{Edge, Entry, Fault, Letter, OpenAi, Reply, Rule, RuleId, Sandbox, Telegram};
use tokio::runtime::Handle;
use tokio::sync::{broadcast, oneshot};

use super::builder::Parts;
use super::checks::{UNFINISHED, rows, secrets, unmarked, without_apology};
use super::{Builder, OWNER, PATIENCE, becomes, log};

/// A running service with its stand-ins.
pub(crate) struct TestService {
    sandbox: Sandbox,
    config: Config,
    parts: Parts,
    folder: tempfile::TempDir,
    running: Option<Running>,
    events: Events,
    log_begin: usize,
}

/// Silence at the stand-ins after which the service counts as idle.
const REST: Duration = Duration::from_millis(20);
/// After this time the clock moves on even if the service is never idle.
const RESTLESS: Duration = Duration::from_secs(1);

struct Running {
    /// The tasks on its thread.
    tasks: Handle,
    end: oneshot::Sender<End>,
    thread: JoinHandle<Option<String>>,
}

enum End {
    InOrder,
    Killed,
}

impl TestService {
    /// Starts a service with [`Builder`]'s defaults.
    pub(crate) async fn start() -> Self {
        Self::builder().start().await
    }

    pub(crate) fn builder() -> Builder {
        Builder::new()
    }

    pub(super) async fn begin(builder: Builder) -> Self {
        let log_begin = log::begin();
        let mut service = Self {
            sandbox: builder.sandbox,
            config: builder.config,
            parts: builder.parts,
            folder: builder.folder,
            running: None,
            events: builder.events,
            log_begin,
        };
        service.live().await;
        service
    }

    async fn live(&mut self) {
        let (ready, is_ready) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let (config, runtime) = (
            self.config.clone(),
            self.parts.runtime(self.events.clone(), &self.config.limits),
        );
        let thread = std::thread::spawn(move || {
            let system = System::new();
            system.block_on(async move {
                let service = Service::start(&config, runtime).await.unwrap();
                let _ = ready.send(Handle::current());
                tokio::select! {
                    end = ended => {
                        if let Ok(End::InOrder) = end {
                            service.stop().await;
                        }
                        None
                    }
                    reason = service.failed() => Some(reason),
                }
            })
        });
        let tasks = is_ready.await.expect("the service starts");
        self.running = Some(Running { tasks, end, thread });
    }

    fn finish_life(&mut self, how: End) -> Option<String> {
        let running = self.running.take()?;
        let _ = running.end.send(how);
        running
            .thread
            .join()
            .expect("the service's thread ends without a panic")
    }

    /// Stops it cleanly.
    pub(crate) fn stop(&mut self) {
        self.finish_life(End::InOrder);
    }

    /// Aborts it, as a kill would; a commit in progress is finished, as the disk would.
    pub(crate) fn kill(&mut self) {
        self.finish_life(End::Killed);
    }

    /// Kills it and starts it again on the same database.
    pub(crate) async fn restart(&mut self) {
        self.kill();
        self.live().await;
    }

    /// Starts it again after [`TestService::stop`] or [`TestService::kill`].
    pub(crate) async fn start_again(&mut self) {
        self.live().await;
    }

    /// Waits until it ends with an error; returns the reason.
    pub(crate) async fn failed(&mut self) -> String {
        let running = self.running.take().expect("it lives");
        let _kept = running.end;
        tokio::task::spawn_blocking(|| running.thread.join())
            .await
            .unwrap()
            .unwrap()
            .expect("a reason")
    }

    /// Moves the clock; everything due by then happens.
    pub(crate) fn advance(&self, span: TimeDelta) {
        self.hand().advance(span);
        self.telegram().set_time(self.hand().now().timestamp());
    }

    /// Advances the clock step by step during a wait for something that takes several due times. The service becomes idle between
    /// two steps, so that on a slow machine no deadline passes while the service is working.
    pub(crate) async fn advancing<T>(&self, step: TimeDelta, awaited: impl Future<Output = T>) -> T {
        tokio::pin!(awaited);
        loop {
            tokio::select! {
                outcome = &mut awaited => return outcome,
                () = self.rests() => self.advance(step),
            }
        }
    }

    /// Waits until the service is idle although each thread had its turn: it can only wait for the clock, or for a stand-in that
    /// holds its answer.
    pub(crate) async fn rests(&self) {
        let resting = async {
            loop {
                let events = self.listen();
                self.runs_ready_tasks().await;
                self.sandbox.journal().rests(REST).await;
                self.runs_ready_tasks().await;
                if events.is_empty() {
                    return;
                }
            }
        };
        let _still_at_work = tokio::time::timeout(RESTLESS, resting).await;
    }

    /// Runs all ready tasks on the service's thread, and the tasks they wake.
    pub(crate) async fn runs_ready_tasks(&self) {
        let turns = async {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        };
        if let Some(running) = &self.running {
            // A service that has just ended does nothing more.
            let _ = running.tasks.spawn(turns).await;
        }
    }

    /// Fails unless the customers got exactly these texts in this order, apart from repeats of marked rows.
    /// Returns the number of repeats.
    pub(crate) fn expect_replies_once(&self, expected: &[(i64, &[&str])]) -> usize {
        let mut doubles = 0;
        for (chat, texts) in expected {
            let got: Vec<String> = self
                .telegram()
                .replies(*chat)
                .into_iter()
                .map(|reply| reply.text)
                .collect();
            let mut once: Vec<&str> = Vec::new();
            for text in got.iter().map(|text| without_apology(text)) {
                if !once.contains(&text) {
                    once.push(text);
                }
            }
            assert_eq!(once, *texts, "chat {chat} got {got:?}");
            doubles += got.len() - once.len();
        }
        let unmarked = unmarked(&self.sandbox, &self.database(), Kind::Double);
        assert!(unmarked.is_empty(), "doubled without a mark: {unmarked:?}");
        doubles
    }

    pub(crate) fn hand(&self) -> &ClockHand {
        self.parts.hand.as_ref().expect("a clock by hand")
    }

    /// Makes the database's disk full, read-only or normal again.
    pub(crate) fn make_disk(&self, disk: Disk) {
        self.parts.disk.make(disk);
    }

    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    pub(crate) fn telegram(&self) -> &Telegram {
        self.sandbox.telegram()
    }

    pub(crate) fn openai(&self) -> &OpenAi {
        self.sandbox.openai()
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.config.storage.database.clone()
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.listen()
    }

    /// Waits for an event of that name.
    pub(crate) async fn logs_event(&self, listener: &mut broadcast::Receiver<Event>, name: &str) -> Event {
        let waiting = async {
            loop {
                let event = listener.recv().await.expect("events are read in time");
                if event.name == name {
                    return event;
                }
            }
        };
        tokio::time::timeout(PATIENCE, waiting)
            .await
            .unwrap_or_else(|_| panic!("{name} happens"))
    }

    /// Holds every run of the model until [`Self::release`].
    pub(crate) fn hold_runs(&self) -> RuleId {
        let rule = Rule::on(Edge::OpenAi, "responses").with(Fault::Hold);
        self.sandbox.faults().add(rule)
    }

    /// Waits until a fault rule has hit `count` calls.
    pub(crate) async fn faults_injected(&self, rule: RuleId, count: u32) {
        let faults = self.sandbox.faults();
        let enough = |_: &[Entry]| (faults.hits(rule) >= count).then_some(());
        let struck = self.sandbox.journal().wait_for(PATIENCE, enough).await;
        assert!(struck.is_ok(), "{count} strikes, not {}", faults.hits(rule));
    }

    /// Removes a rule and releases the calls it holds.
    pub(crate) fn release(&self, rule: RuleId) {
        self.sandbox.faults().remove(rule);
    }

    pub(crate) fn say(&self, chat: i64, text: &str) -> i64 {
        self.telegram().say(chat, text).message_id
    }

    /// Waits until a customer has `count` replies in total; returns their texts.
    pub(crate) async fn replies(&self, chat: i64, count: usize) -> Vec<String> {
        let replies = self.telegram().await_replies(chat, count, PATIENCE).await;
        let replies = replies.unwrap_or_else(|late| panic!("{count} replies to {chat}: {late}"));
        replies.into_iter().map(|reply| reply.text).collect()
    }

    /// Waits until a customer has `count` replies in total; returns the newest one.
    pub(crate) async fn reply(&self, chat: i64, count: usize) -> Reply {
        let replies = self.telegram().await_replies(chat, count, PATIENCE).await;
        let replies = replies.unwrap_or_else(|late| panic!("{count} replies to {chat}: {late}"));
        replies.into_iter().next_back().expect("at least one")
    }

    /// A customer writes; returns the answer.
    pub(crate) async fn ask(&self, chat: i64, text: &str) -> String {
        let before = self.telegram().replies(chat).len();
        self.say(chat, text);
        self.reply(chat, before + 1).await.text
    }

    /// A query; each row as one line, cells joined by `|`.
    pub(crate) fn sql(&self, sql: &str) -> Vec<String> {
        rows(&self.database(), sql)
    }

    /// Waits until a query has this result.
    pub(crate) async fn sql_becomes(&self, sql: &str, expected: &[&str]) {
        let is_so = becomes(|| self.sql(sql) == expected).await;
        assert!(is_so, "{sql}\n  is {:?}\n  not {expected:?}", self.sql(sql));
    }

    /// Waits until nothing is unfinished.
    pub(crate) async fn settles(&self) {
        self.sql_becomes(UNFINISHED, &["0"]).await;
    }

    /// Waits until an address has `count` letters in total.
    pub(crate) async fn letters_to(&self, address: &str, count: usize) -> Vec<Letter> {
        let letters = self.sandbox.smtp().await_letters_to(address, count, PATIENCE).await;
        letters.unwrap_or_else(|late| panic!("{count} letters to {address}: {late}"))
    }

    /// Waits until the owner has `count` letters in total; returns the newest one.
    pub(crate) async fn letter(&self, count: usize) -> Letter {
        let letters = self.letters_to(OWNER, count).await;
        assert_eq!(letters.len(), count, "letters to the owner");
        letters.into_iter().next_back().expect("at least one")
    }

    /// The log since the first start.
    pub(crate) fn log(&self) -> String {
        log::since(self.log_begin)
    }
}

impl Drop for TestService {
    fn drop(&mut self) {
        self.finish_life(End::InOrder);
        if std::thread::panicking() {
            return;
        }
        let violations = self.sandbox.violations();
        assert!(
            violations.is_empty(),
            "calls violated the contract of a stand-in: {violations:?}"
        );
        let letters = unmarked(&self.sandbox, &self.database(), Kind::LetterDouble);
        assert!(letters.is_empty(), "letters came twice without a mark: {letters:?}");
        let unfinished = self.sql(UNFINISHED);
        assert!(
            unfinished == ["0"],
            "rows are left unfinished: {:?} {:?}",
            self.sql("SELECT id, state, reason, attempts FROM inbox WHERE state = 'pending'"),
            self.sql("SELECT id, state, reason, attempts FROM outbox WHERE finished_at IS NULL")
        );
        let words = secrets(&self.sandbox, &self.database());
        let log = self.log();
        let leak = log::leak(&log, words.iter().map(String::as_str));
        assert_eq!(leak, None, "the log holds a secret or a customer's words");
        assert_eq!(
            log::undocumented(&log),
            BTreeSet::new(),
            "fields missing in docs/logs.md"
        );
    }
}
