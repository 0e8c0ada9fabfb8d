//! The real service between the stand-ins, with a clock that the story moves: customers write, letters arrive.

use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use base::{Clock, ClockHand, Events};
use chrono::{DateTime, TimeDelta, Utc};
use frontdesk::Runtime;
use frontdesk::Service;
use frontdesk::{Config, Requirements, Settings};
use sandbox::{Edge, Fault, Letter, Profile, Rule, Sandbox, Script};
use serde_json::{Value, json};
use store::read_only::query;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::tale::Tale;

const OWNER: &str = "owner@example.org";
/// Only bounds a hanging service.
const PATIENCE: Duration = Duration::from_secs(60);
/// Another bot, whose messages are ignored.
const ROBOT: i64 = 9;
const FIRST_UPDATE: i64 = 700_000_001;
/// Polling interval for rows.
const LOOK: Duration = Duration::from_millis(10);

/// A service that stops when dropped.
pub(super) struct Stage {
    sandbox: Sandbox,
    hand: ClockHand,
    database: PathBuf,
    life: Option<(oneshot::Sender<()>, JoinHandle<anyhow::Result<()>>)>,
    _folder: TempDir,
}

impl Stage {
    pub(super) async fn open(tale: &Tale, script: impl Script + 'static, start: DateTime<Utc>) -> anyhow::Result<Self> {
        let sandbox = Sandbox::answering(script)?;
        let folder = tempfile::Builder::new().prefix("frontdesk-story-").tempdir()?;
        std::fs::write(folder.path().join("business.md"), tale.facts)?;
        let settings = settings(tale, &sandbox, &folder);
        let resolved = Config::resolve(&settings, Requirements::Run, &|_| None);
        let mut config = resolved.map_err(|faults| anyhow!("{faults}"))?;
        // The clock jumps between scenes: the missing polls are not a gap to report.
        config.limits.unpolled = TimeDelta::days(1000);
        let (clock, hand) = Clock::by_hand(start);
        sandbox.telegram().set_time(start.timestamp());
        // Letters contain ids of updates, which must be reproducible.
        sandbox.telegram().renumber(FIRST_UPDATE);
        let database = config.storage.database.clone();
        let runtime = Runtime::new(clock, Events::default(), &config.limits);
        let (ready, is_ready) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            actix_rt::System::new().block_on(async move {
                let service = Service::start(&config, runtime).await?;
                let _ = ready.send(());
                tokio::select! {
                    _ = ended => service.stop().await,
                    reason = service.failed() => bail!("the service gave up: {reason}"),
                }
                Ok(())
            })
        });
        let stage = Self {
            sandbox,
            hand,
            database,
            life: Some((end, thread)),
            _folder: folder,
        };
        is_ready.await.context("the service does not start")?;
        stage.becomes("SELECT COUNT(*) FROM reports", "1").await?;
        Ok(stage)
    }

    pub(super) fn meets(&self, chat: i64, profile: Profile) {
        self.sandbox.telegram().customer(chat, profile);
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.hand.now()
    }

    pub(super) fn advance(&self, span: TimeDelta) {
        self.hand.advance(span);
        self.sandbox.telegram().set_time(self.hand.now().timestamp());
    }

    /// Ends the waiting poll with an ignored update, so that the last poll is recent.
    pub(super) async fn polls(&self) -> anyhow::Result<()> {
        let stored = self.count("SELECT COUNT(*) FROM inbox")? + 1;
        let robot = json!({"text": "hello", "from": {"id": ROBOT, "is_bot": true, "first_name": "Robot"}});
        self.sandbox.telegram().say_as(ROBOT, robot);
        self.becomes("SELECT COUNT(*) FROM inbox", &stored.to_string()).await
    }

    /// A customer writes and is answered after `takes`; meanwhile they may share a contact card.
    pub(super) async fn ask(&self, chat: i64, text: &str, takes: TimeDelta, card: Option<Value>) -> anyhow::Result<()> {
        let faults = self.sandbox.faults();
        let hold = faults.add(Rule::on(Edge::OpenAi, "responses").with(Fault::Hold));
        let telegram = self.sandbox.telegram();
        let before = telegram.replies(chat).len();
        telegram.say(chat, text);
        let asked = self.sandbox.struck(hold, 1, PATIENCE).await;
        asked.map_err(|late| anyhow!("the model is not asked about “{text}”: {late:?}"))?;
        let awaited = before + 1 + usize::from(card.is_some());
        if let Some(card) = card {
            let stored = self.count("SELECT COUNT(*) FROM inbox")? + 1;
            telegram.say_as(chat, card);
            self.becomes("SELECT COUNT(*) FROM inbox", &stored.to_string()).await?;
        }
        self.advance(takes);
        faults.remove(hold);
        let replies = telegram.await_replies(chat, awaited, PATIENCE).await;
        replies.map_err(|late| anyhow!("no answer to “{text}”: {late:?}"))?;
        self.settles().await
    }

    /// A customer writes while the model or Telegram rejects.
    pub(super) async fn ask_in_vain(&self, chat: i64, text: &str, edge: Edge, fault: Fault) -> anyhow::Result<()> {
        let point = match edge {
            Edge::Telegram => "sendMessage",
            _ => "responses",
        };
        let faults = self.sandbox.faults();
        let rule = faults.add(Rule::on(edge, point).times(1).with(fault));
        self.sandbox.telegram().say(chat, text);
        let outcome = self.sandbox.struck(rule, 1, PATIENCE).await;
        outcome.map_err(|late| anyhow!("nothing strikes “{text}”: {late:?}"))?;
        self.settles().await?;
        faults.remove(rule);
        Ok(())
    }

    /// Waits until all due rows are finished; a combined letter is due an hour after its leads.
    pub(super) async fn settles(&self) -> anyhow::Result<()> {
        let unfinished = format!(
            "SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'pending') + (SELECT COUNT(*) FROM outbox WHERE state IN \
             ('scheduled', 'executing', 'retryable') AND unixepoch(due_at) <= {})",
            self.now().timestamp()
        );
        self.becomes(&unfinished, "0").await
    }

    /// Waits until a query has this result.
    pub(super) async fn becomes(&self, sql: &str, expected: &str) -> anyhow::Result<()> {
        let waiting = async {
            while self.sql(sql)? != [expected] {
                tokio::time::sleep(LOOK).await;
            }
            Ok(())
        };
        let outcome = tokio::time::timeout(PATIENCE, waiting).await;
        outcome.with_context(|| format!("{sql} does not become {expected}"))?
    }

    /// Each row as one line, cells joined by `|`.
    fn sql(&self, sql: &str) -> anyhow::Result<Vec<String>> {
        let table = query(&self.database, sql).with_context(|| sql.to_owned())?;
        Ok(table.texts().iter().map(|row| row.join("|")).collect())
    }

    /// A query with one number as its result.
    pub(super) fn count(&self, sql: &str) -> anyhow::Result<i64> {
        let rows = self.sql(sql)?;
        let number = rows.first().and_then(|row| row.parse().ok());
        number.with_context(|| format!("{sql} answers {rows:?}"))
    }

    /// The owner's newest letter whose Message-ID begins with `id`.
    pub(super) fn letter(&self, id: &str) -> anyhow::Result<Letter> {
        let mut letters = self.sandbox.smtp().letters_to(OWNER).into_iter();
        let is_it = |letter: &Letter| letter.message_id.as_deref().is_some_and(|full| full.starts_with(id));
        let found = letters.rfind(is_it);
        found.with_context(|| format!("no letter {id}… came"))
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.life.take() {
            // A failed service has already reported its error to the waiting caller.
            let _ = end.send(());
            let _ = thread.join();
        }
    }
}

fn settings(tale: &Tale, sandbox: &Sandbox, folder: &TempDir) -> Settings {
    let at = |name: &str| folder.path().join(name).display().to_string();
    let mut settings = Settings::default();
    for (name, value) in sandbox.environment() {
        settings.set(name, value);
    }
    settings.set("TELEGRAM_RATE_PER_SECOND", "0");
    settings.set("TELEGRAM_CHAT_RATE_PER_SECOND", "0");
    settings.set("BUSINESS_NAME", tale.business);
    settings.set("BUSINESS_FILE", at("business.md"));
    settings.set("OWNER_EMAIL", OWNER);
    settings.set("OPERATOR_EMAIL", "operator@example.org");
    settings.set("OWNER_LANGUAGE", tale.language);
    settings.set("MERGE_WAIT_MS", "0");
    settings.set("RATE_LIMIT_PER_MINUTE", "0");
    settings.set("DATABASE_URL", at("frontdesk.db"));
    settings.set("THREADS_FILE", at("threads.json"));
    settings.set("TIME_ZONE", tale.zone.name());
    settings.set("REPORT_CRON", "0 9 * * *");
    settings.set("BOT_LANGUAGE", tale.language);
    settings.set("PHONE_REGION", tale.region);
    settings
}
