//! The setting of the demo: stand-ins on loopback, the service as a child process, a temporary folder for its files.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use sandbox::{Edge, Event, Fault, Options, Profile, Rule, RuleId, Said, Sandbox};
use store::read_only::{Cell, Table, query};
use tokio::sync::{mpsc, watch};

use super::feed::{Feed, Progress};
use super::screen::Screen;
use super::service::Service;
use super::settings::{BUSINESS, Mode, settings};
use super::words::{Both, Lang};

const FACTS: &str = include_str!("business.md");
/// The visitor's chat.
pub(super) const VISITOR: i64 = 100;
/// The customers of the story: chat, name in the narration, name in Telegram, language code.
pub(super) const ANNA: i64 = 101;
pub(super) const JOHN: i64 = 102;
pub(super) const MARIA: i64 = 103;
const CAST: [(i64, Both, &str, &str); 3] = [
    (ANNA, Both("Anna", "Анна"), "Анна", "ru"),
    (JOHN, Both("John", "Джон"), "John", "en"),
    (MARIA, Both("Maria", "Мария"), "Мария", "ru"),
];
const YOU: Both = Both("You", "Вы");
const GUEST: Both = Both("Guest", "Гость");

/// Longest wait for an expected event; generous, for busy machines.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// Practically no limit.
const FOREVER: Duration = Duration::from_secs(86_400);
/// Time for the remaining actors to log their start.
const ALL_UP: Duration = Duration::from_millis(120);
const POLL: Duration = Duration::from_millis(30);
const WORK: &str = "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') \
    + (SELECT count(*) FROM outbox WHERE finished_at IS NULL), (SELECT count(*) FROM inbox)";
const LETTERS: &str = "SELECT id FROM outbox WHERE address IS NOT NULL AND finished_at IS NULL";
const SETTLE: Duration = Duration::from_millis(1500);

/// Pause before each scene.
const READING: Duration = Duration::from_millis(300);

/// A contact left by a customer.
#[derive(Debug, Clone)]
pub(super) struct Left {
    pub(super) chat: i64,
    /// The update it was in.
    pub(super) update: i64,
    /// A phone number in E.164, or an e-mail address.
    pub(super) contact: String,
}

/// Everything the running demo needs. Fields are dropped in order: the process before its folder.
pub(super) struct Stage {
    pub(super) screen: Arc<Screen>,
    pub(super) lang: Lang,
    pub(super) sandbox: Sandbox,
    pub(super) service: Service,
    /// Updates in progress at a kill.
    pub(super) interrupted: Vec<i64>,
    /// How often the process was killed.
    pub(super) kills: u32,
    /// The contacts customers left; the verdict checks that each is a lead.
    pub(super) left: Vec<Left>,
    progress: watch::Receiver<Progress>,
    reset: watch::Sender<Progress>,
    process: u32,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Prepares the stand-ins without starting the service.
    pub(super) fn set(mode: Mode, lang: Lang, screen: Arc<Screen>) -> anyhow::Result<Self> {
        let folder = folder().context("cannot create a temporary folder")?;
        std::fs::write(folder.path().join("business.md"), FACTS).context("cannot write to the temporary folder")?;
        let sandbox = Sandbox::start(Options {
            bot_name: BUSINESS.to_owned(),
            ..Options::default()
        })
        .context("cannot start the stand-ins")?;
        cast(&sandbox, lang);
        let (ear, heard) = mpsc::unbounded_channel();
        let (reset, progress) = watch::channel(Progress::default());
        let feed = Feed {
            screen: Arc::clone(&screen),
            sandbox: sandbox.clone(),
            lang,
            cast: CAST.iter().map(|(chat, name, ..)| (*chat, name.of(lang))).collect(),
            visitor: YOU.of(lang),
            progress: reset.clone(),
            crowd: Vec::new(),
        };
        tokio::spawn(feed.run(heard));
        let service = Service::new(folder.path(), settings(&sandbox, mode, lang), ear);
        Ok(Self {
            screen,
            lang,
            service,
            sandbox,
            interrupted: Vec::new(),
            kills: 0,
            left: Vec::new(),
            progress,
            reset,
            process: 0,
            folder,
        })
    }

    /// Starts the service and waits until it is up.
    pub(super) async fn start(&mut self) -> anyhow::Result<()> {
        self.reset.send_modify(|progress| {
            (progress.is_up, progress.is_quiet) = (false, false);
            (progress.delivered, progress.confirmed) = (0, 0);
        });
        self.process = self.service.start()?;
        let text = Both("the service is starting, process {}", "сервис запускается, процесс {}");
        self.screen.recovery(&text.with(self.lang, &[&self.process]));
        self.until(PATIENCE, |progress| progress.is_up).await?;
        tokio::time::sleep(ALL_UP).await;
        self.settle().await;
        Ok(())
    }

    /// SIGKILL.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        let process = std::mem::take(&mut self.process);
        self.service.kill().await?;
        self.kills += 1;
        let text = Both(
            "kill -9 {}: the service is killed in the middle of its work",
            "kill -9 {}: сервис убит посреди работы",
        );
        self.screen.failure(&text.with(self.lang, &[&process]));
        Ok(())
    }

    /// Shows the unfinished rows while the service is down.
    pub(super) fn show_waiting(&self) -> anyhow::Result<()> {
        let waiting = self.rows("SELECT id FROM inbox WHERE state = 'pending'")?.rows.len();
        let letters = self.rows(LETTERS)?.rows.len();
        let text = Both("on disk, not answered yet: {}", "на диске ждут ответа: {}");
        let mut text = text.with(self.lang, &[&waiting]);
        if letters > 0 {
            text += &Both("; emails to send: {}", "; писем к отправке: {}").with(self.lang, &[&letters]);
        }
        self.screen.recovery(&text);
        Ok(())
    }

    /// Graceful shutdown.
    pub(super) async fn end_service(&mut self) -> anyhow::Result<()> {
        self.process = 0;
        let text = Both(
            "The service gets SIGTERM, finishes its work in progress and stops.",
            "Сервис получает SIGTERM, заканчивает начатое и останавливается.",
        );
        self.screen.bare("");
        self.screen.narrate(text.of(self.lang));
        let ended = self.service.terminate().await?;
        if !ended.success() {
            bail!("the service did not shut down gracefully ({ended})");
        }
        self.settle().await;
        Ok(())
    }

    /// Removes everything.
    pub(super) async fn clean_up(mut self) {
        // The demo is over: errors no longer matter.
        let _ = self.service.kill().await;
        let _ = self.folder.close();
    }

    /// Sends a message from a customer.
    pub(super) fn say(&self, chat: i64, text: &str) -> Said {
        self.sandbox.telegram().say(chat, text)
    }

    /// Notes a contact for the verdict, once per customer.
    pub(super) fn left(&mut self, chat: i64, update: i64, contact: &str) {
        if !self
            .left
            .iter()
            .any(|left| left.chat == chat && left.contact == contact)
        {
            let contact = contact.to_owned();
            self.left.push(Left { chat, update, contact });
        }
    }

    /// Waits until every message is answered and everything is on the screen.
    ///
    /// # Errors
    /// A missing answer, or a service that ended unexpectedly.
    pub(super) async fn answered(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.is_calm().await?, "an answer is missing");
        self.settle().await;
        Ok(())
    }

    /// Waits for the next reply to one customer, while others may still wait.
    ///
    /// # Errors
    /// A missing reply.
    pub(super) async fn next_reply(&mut self, chat: i64, seen: usize) -> anyhow::Result<()> {
        let telegram = self.sandbox.telegram().clone();
        tokio::select! {
            replies = telegram.await_replies(chat, seen + 1, PATIENCE) => match replies {
                Ok(_) => Ok(()),
                Err(late) => bail!("an answer is missing: {late}"),
            },
            // Always an error.
            ended = self.ended() => ended,
        }
    }

    /// The number of replies to a customer.
    pub(super) fn seen(&self, chat: i64) -> usize {
        self.sandbox.telegram().replies(chat).len()
    }

    /// Waits until everything that happened is on the screen.
    pub(super) async fn settle(&mut self) {
        let journal = self.sandbox.journal().clone();
        let mut progress = self.progress.clone();
        let caught_up = progress.wait_for(|progress| {
            let is_shown = progress.journal >= journal.entries().len() as u64;
            is_shown && progress.is_quiet && progress.confirmed >= progress.delivered
        });
        // On a timeout only the order of the lines suffers.
        let _ = tokio::time::timeout(SETTLE, caught_up).await;
    }

    /// Waits until every message is dealt with; `false` on a timeout.
    ///
    /// # Errors
    /// A service that ended unexpectedly, or an unreadable database.
    pub(super) async fn is_calm(&mut self) -> anyhow::Result<bool> {
        let end = Instant::now() + PATIENCE;
        let said = self.said();
        while Instant::now() < end {
            let work = self.rows(WORK)?;
            let [open, known] = [0, 1].map(|column| work.rows.first().map_or(0, |row| number(row, column)));
            if open == 0 && known >= said {
                return Ok(true);
            }
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                ended = self.ended() => ended?,
            }
        }
        Ok(false)
    }

    fn said(&self) -> i64 {
        let entries = self.sandbox.journal().entries();
        let said = entries
            .iter()
            .filter(|entry| matches!(entry.event, Event::UpdateQueued { .. }));
        i64::try_from(said.count()).unwrap_or(i64::MAX)
    }

    /// Waits for an unexpected end of the process, which is an error.
    pub(super) async fn ended(&mut self) -> anyhow::Result<()> {
        self.until(FOREVER, |_| false).await
    }

    /// Waits for progress; fails if the process ends meanwhile.
    async fn until(&mut self, limit: Duration, met: impl Fn(&Progress) -> bool) -> anyhow::Result<()> {
        let process = self.process;
        let mut progress = self.progress.clone();
        let is_over = |progress: &Progress| process != 0 && progress.ended == Some(process);
        let waiting = progress.wait_for(|progress| met(progress) || is_over(progress));
        let seen = tokio::time::timeout(limit, waiting)
            .await
            .context("the service is too slow")??;
        if is_over(&seen) {
            bail!("the service ended unexpectedly: {}", seen.words.join("; "));
        }
        Ok(())
    }

    /// Delays the model's answer to this message until [`Stage::released`].
    pub(super) fn hold(&self, text: &str) -> RuleId {
        self.fault(text, Fault::Hold)
    }

    /// Injects a fault once, into the model's run for this message.
    pub(super) fn fault(&self, text: &str, fault: Fault) -> RuleId {
        let rule = Rule::on(Edge::OpenAi, "responses").containing(text).times(1);
        self.sandbox.faults().add(rule.with(fault))
    }

    /// Waits until the model has been called; whether it was.
    pub(super) async fn is_asked(&self, rule: RuleId, limit: Duration) -> bool {
        self.has_struck(rule, 1, limit).await
    }

    /// Waits until a rule has struck this often; whether it has.
    pub(super) async fn has_struck(&self, rule: RuleId, times: u32, limit: Duration) -> bool {
        self.sandbox.struck(rule, times, limit).await.is_ok()
    }

    /// Removes a fault rule.
    pub(super) fn released(&self, rule: RuleId) {
        self.sandbox.faults().remove(rule);
    }

    /// Queries the service's database.
    pub(super) fn rows(&self, sql: &str) -> anyhow::Result<Table> {
        Ok(query(&self.folder.path().join("frontdesk.db"), sql)?)
    }

    /// `threads.json` as it is on disk.
    pub(super) fn threads_file(&self) -> String {
        std::fs::read_to_string(self.threads_path()).unwrap_or_default()
    }

    fn threads_path(&self) -> PathBuf {
        self.folder.path().join("threads.json")
    }

    /// The customer's name in the narration.
    pub(super) fn name(&self, chat: i64) -> &'static str {
        let found = CAST.iter().find(|(id, ..)| *id == chat);
        found.map_or(YOU, |(_, name, ..)| *name).of(self.lang)
    }
}

/// In memory if possible: the demo must not wait for a busy disk.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let in_memory = || tempfile::tempdir_in("/dev/shm").ok();
    let is_chosen = std::env::var_os("TMPDIR").is_some();
    let folder = if is_chosen { None } else { in_memory() };
    folder.map_or_else(tempfile::tempdir, Ok)
}

fn cast(sandbox: &Sandbox, lang: Lang) {
    let code = Both("en", "ru").of(lang);
    // Avoids the greeting "Hello You".
    let visitor = (VISITOR, GUEST, GUEST.of(lang), code);
    for (chat, _, name, language) in CAST.into_iter().chain([visitor]) {
        let mut profile = Profile::of(chat);
        name.clone_into(&mut profile.first_name);
        profile.language = Some(language.to_owned());
        sandbox.telegram().customer(chat, profile);
    }
}

/// Introduces a scene.
pub(super) async fn scene(stage: &Stage, title: Both, sentence: Both) {
    if Screen::is_watched() {
        tokio::time::sleep(READING).await;
    }
    stage.screen.title(title.of(stage.lang));
    stage.screen.narrate(sentence.of(stage.lang));
    stage.screen.bare("");
}

/// The number in a column, or 0, which is never an id.
pub(super) fn number(row: &[Cell], column: usize) -> i64 {
    match row.get(column) {
        Some(Cell::Integer(number)) => *number,
        _ => 0,
    }
}

/// The text in a column, or nothing.
pub(super) fn text(row: &[Cell], column: usize) -> String {
    match row.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    }
}
