//! The stage: stand-ins on loopback, the service's process between them, a temporary folder for whatever it writes.

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
/// The customers of the story: what the narration calls them, their names at Telegram, their phones' languages.
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

/// How long something is waited for that must happen; a machine that is busy needs its time.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long the telling may stay behind what happened before the story goes on.
const FOREVER: Duration = Duration::from_secs(86_400);
/// How long the actors behind the first that is up may take to report.
const ALL_UP: Duration = Duration::from_millis(120);
const LOOK_AGAIN: Duration = Duration::from_millis(30);
const WORK: &str = "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') \
    + (SELECT count(*) FROM outbox WHERE finished_at IS NULL), (SELECT count(*) FROM inbox)";
const LETTERS: &str = "SELECT id FROM outbox WHERE address IS NOT NULL AND finished_at IS NULL";
const SETTLE: Duration = Duration::from_millis(1500);

/// What a reader is given before each scene.
const READING: Duration = Duration::from_millis(300);

/// A contact in a customer's words.
#[derive(Debug, Clone)]
pub(super) struct Left {
    pub(super) chat: i64,
    /// The update that brought it.
    pub(super) update: i64,
    /// A number with its country, or an address.
    pub(super) contact: String,
}

/// Everything that is there while the demo plays. Fields are dropped in order: the process before its folder.
pub(super) struct Stage {
    pub(super) screen: Arc<Screen>,
    pub(super) lang: Lang,
    pub(super) sandbox: Sandbox,
    pub(super) service: Service,
    /// The updates that were open when the process was killed.
    pub(super) interrupted: Vec<i64>,
    /// How often it was killed.
    pub(super) kills: u32,
    /// The contacts that customers left; whether they are leads is for the verdict.
    pub(super) left: Vec<Left>,
    progress: watch::Receiver<Progress>,
    reset: watch::Sender<Progress>,
    process: u32,
    folder: tempfile::TempDir,
}

impl Stage {
    /// Sets it; the service is not started yet.
    pub(super) fn set(mode: Mode, lang: Lang, screen: Arc<Screen>) -> anyhow::Result<Self> {
        let folder = folder().context("no temporary folder can be made")?;
        std::fs::write(folder.path().join("business.md"), FACTS).context("the temporary folder takes no file")?;
        let sandbox = Sandbox::start(Options {
            bot_name: BUSINESS.to_owned(),
            ..Options::default()
        })
        .context("the stand-ins cannot be started")?;
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

    /// Starts the service and waits until it is there.
    pub(super) async fn start(&mut self) -> anyhow::Result<()> {
        self.reset.send_modify(|progress| {
            (progress.is_up, progress.is_quiet) = (false, false);
            (progress.delivered, progress.confirmed) = (0, 0);
        });
        self.process = self.service.start()?;
        let text = Both("the service starts, process {}", "сервис запускается, процесс {}");
        self.screen.mended(&text.with(self.lang, &[&self.process]));
        self.until(PATIENCE, |progress| progress.is_up).await?;
        tokio::time::sleep(ALL_UP).await;
        self.settle().await;
        Ok(())
    }

    /// Ends the process as a power cut would.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        let process = std::mem::take(&mut self.process);
        self.service.kill().await?;
        self.kills += 1;
        let text = Both(
            "kill -9 {}: the service is gone, in the middle of its work",
            "kill -9 {}: сервиса больше нет, посреди работы",
        );
        self.screen.blow(&text.with(self.lang, &[&process]));
        Ok(())
    }

    /// Tells what is on the disk while no process is there.
    pub(super) fn tell_waiting(&self) -> anyhow::Result<()> {
        let waiting = self.rows("SELECT id FROM inbox WHERE state = 'pending'")?.rows.len();
        let letters = self.rows(LETTERS)?.rows.len();
        let text = Both("kept on the disk, unanswered: {}", "цело на диске, без ответа: {}");
        let mut text = text.with(self.lang, &[&waiting]);
        if letters > 0 {
            text += &Both("; letters to send: {}", "; писем к отправке: {}").with(self.lang, &[&letters]);
        }
        self.screen.mended(&text);
        Ok(())
    }

    /// Ends it in order, so that its files are complete.
    pub(super) async fn end_service(&mut self) -> anyhow::Result<()> {
        self.process = 0;
        let text = Both(
            "The service is asked to stop (SIGTERM). It finishes what it has in hand.",
            "Сервис просят остановиться (SIGTERM). Он заканчивает то, что у него в руках.",
        );
        self.screen.bare("");
        self.screen.narrate(text.of(self.lang));
        let ended = self.service.terminate().await?;
        if !ended.success() {
            bail!("the service did not end in order ({ended})");
        }
        self.settle().await;
        Ok(())
    }

    /// Leaves nothing behind.
    pub(super) async fn strike(mut self) {
        // Whatever it was that ended the demo, there is nobody left to tell.
        let _ = self.service.kill().await;
        let _ = self.folder.close();
    }

    /// A customer of the story writes.
    pub(super) fn say(&self, chat: i64, text: &str) -> Said {
        self.sandbox.telegram().say(chat, text)
    }

    /// A customer left a way to reach him. The same one again is no news.
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

    /// Waits until everything that was said has its answer, and until all about it has been told.
    ///
    /// # Errors
    /// If that does not come, or the service ends by itself.
    pub(super) async fn answered(&mut self) -> anyhow::Result<()> {
        anyhow::ensure!(self.is_calm().await?, "an answer does not come");
        self.settle().await;
        Ok(())
    }

    /// Waits for the next reply to a customer, whoever else is still waiting for his.
    ///
    /// # Errors
    /// If none comes.
    pub(super) async fn next_reply(&mut self, chat: i64, seen: usize) -> anyhow::Result<()> {
        let telegram = self.sandbox.telegram().clone();
        tokio::select! {
            replies = telegram.await_replies(chat, seen + 1, PATIENCE) => match replies {
                Ok(_) => Ok(()),
                Err(late) => bail!("an answer is missing: {late}"),
            },
            // It ends only with an error: the service may not end by itself.
            ended = self.ended() => ended,
        }
    }

    /// How many replies a customer has.
    pub(super) fn seen(&self, chat: i64) -> usize {
        self.sandbox.telegram().replies(chat).len()
    }

    /// Waits until the telling has caught up with what happened.
    pub(super) async fn settle(&mut self) {
        let journal = self.sandbox.journal().clone();
        let mut progress = self.progress.clone();
        let caught_up = progress.wait_for(|progress| {
            let is_told = progress.journal >= journal.entries().len() as u64;
            is_told && progress.is_quiet && progress.confirmed >= progress.delivered
        });
        // The story goes on without it: only the order of the lines would suffer.
        let _ = tokio::time::timeout(SETTLE, caught_up).await;
    }

    /// Waits, not for ever, until everything that was said is dealt with; whether it is.
    ///
    /// # Errors
    /// If the service ends by itself, or its database cannot be read.
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
                () = tokio::time::sleep(LOOK_AGAIN) => {}
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

    /// Waits for the process to end by itself, which is an error.
    pub(super) async fn ended(&mut self) -> anyhow::Result<()> {
        self.until(FOREVER, |_| false).await
    }

    /// Waits for something the service lets know; fails if its process ends meanwhile.
    async fn until(&mut self, limit: Duration, met: impl Fn(&Progress) -> bool) -> anyhow::Result<()> {
        let process = self.process;
        let mut progress = self.progress.clone();
        let is_over = |progress: &Progress| process != 0 && progress.ended == Some(process);
        let waiting = progress.wait_for(|progress| met(progress) || is_over(progress));
        let seen = tokio::time::timeout(limit, waiting)
            .await
            .context("the service is too slow")??;
        if is_over(&seen) {
            bail!("the service ended by itself: {}", seen.words.join("; "));
        }
        Ok(())
    }

    /// Makes the model take its time over a message with these words; [`Stage::released`] lets it go on.
    pub(super) fn hold(&self, text: &str) -> RuleId {
        self.fault(text, Fault::Hold)
    }

    /// Makes something go wrong, once, with the model's run over a message with these words.
    pub(super) fn fault(&self, text: &str, fault: Fault) -> RuleId {
        let rule = Rule::on(Edge::OpenAi, "responses").containing(text).times(1);
        self.sandbox.faults().add(rule.with(fault))
    }

    /// Waits until the model has been asked; tells whether it was.
    pub(super) async fn is_asked(&self, rule: RuleId, limit: Duration) -> bool {
        self.has_struck(rule, 1, limit).await
    }

    /// Waits until a rule has struck so often; tells whether it has.
    pub(super) async fn has_struck(&self, rule: RuleId, times: u32, limit: Duration) -> bool {
        self.sandbox.struck(rule, times, limit).await.is_ok()
    }

    /// Ends what a rule does.
    pub(super) fn released(&self, rule: RuleId) {
        self.sandbox.faults().remove(rule);
    }

    /// A query on the service's database.
    pub(super) fn rows(&self, sql: &str) -> anyhow::Result<Table> {
        Ok(query(&self.folder.path().join("frontdesk.db"), sql)?)
    }

    /// The mirror of threads, as it is on the disk.
    pub(super) fn threads_file(&self) -> String {
        std::fs::read_to_string(self.threads_path()).unwrap_or_default()
    }

    fn threads_path(&self) -> PathBuf {
        self.folder.path().join("threads.json")
    }

    /// What a chat's customer is called.
    pub(super) fn name(&self, chat: i64) -> &'static str {
        let found = CAST.iter().find(|(id, ..)| *id == chat);
        found.map_or(YOU, |(_, name, ..)| *name).of(self.lang)
    }
}

/// In memory where the system offers that: what is shown must not wait for a busy disk.
fn folder() -> std::io::Result<tempfile::TempDir> {
    let in_memory = || tempfile::tempdir_in("/dev/shm").ok();
    let is_chosen = std::env::var_os("TMPDIR").is_some();
    let folder = if is_chosen { None } else { in_memory() };
    folder.map_or_else(tempfile::tempdir, Ok)
}

fn cast(sandbox: &Sandbox, lang: Lang) {
    let code = Both("en", "ru").of(lang);
    // Nobody is greeted with "Hello You".
    let visitor = (VISITOR, GUEST, GUEST.of(lang), code);
    for (chat, _, name, language) in CAST.into_iter().chain([visitor]) {
        let mut profile = Profile::of(chat);
        name.clone_into(&mut profile.first_name);
        profile.language = Some(language.to_owned());
        sandbox.telegram().customer(chat, profile);
    }
}

/// Announces a scene.
pub(super) async fn scene(stage: &Stage, title: Both, sentence: Both) {
    if Screen::is_watched() {
        tokio::time::sleep(READING).await;
    }
    stage.screen.title(title.of(stage.lang));
    stage.screen.narrate(sentence.of(stage.lang));
    stage.screen.bare("");
}

/// A column's number; 0 where there is none, which is no id of anything.
pub(super) fn number(row: &[Cell], column: usize) -> i64 {
    match row.get(column) {
        Some(Cell::Integer(number)) => *number,
        _ => 0,
    }
}

/// A column's text, empty where there is none.
pub(super) fn text(row: &[Cell], column: usize) -> String {
    match row.get(column) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    }
}
