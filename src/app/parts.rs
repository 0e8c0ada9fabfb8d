//! The parts of a service: texts, instructions, the bot's identity, recovery after the last process.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::Event;
use base::backoff::Backoff;
use base::encoding::{Decoded, decode};
use chrono::TimeDelta;
use contacts::finder::Finder;
use domain::Language;
use letters::{LetterError, Letters};
use store::read_only::QueryError;
use store::{CountTokens, DbError, ImportThreads, Installation, LoadInstallation, RecoverAfterStart};
use wording::phrases::{MenuCommand, Phrase, PhraseError, Phrases};
use wording::templates::{Instructions, TemplateError};

use crate::config::Config;
use crate::conversation::{Mark, StandingPrompt, Voice, day_start, read_threads};
use crate::db::DbActor;
use crate::db::messages::persist;
use crate::mailer::{Mailer, MailerSettings};
use crate::runtime::{Address, Runtime};
use crate::telegram::{Clients, Identity, MenuLine, TelegramError, identify};

const READ_LIMIT: Duration = Duration::from_secs(30);

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another service runs on the same database.
    #[error("another frontdesk already runs on {}; stop it, or set another DATABASE_URL", .0.display())]
    Locked(PathBuf),
    /// The lock file cannot be used.
    #[error("the lock file {} cannot be used: {reason}", file.display())]
    NoLock {
        /// The path.
        file: PathBuf,
        /// The error of the operating system.
        reason: String,
    },
    /// The database cannot be read or written.
    #[error("the database cannot be used")]
    Database(#[from] DbError),
    /// The database cannot be opened, belongs to another program, or was made by a newer version.
    #[error(transparent)]
    Unusable(#[from] QueryError),
    /// Telegram rejected the token.
    #[error("Telegram rejected TELEGRAM_BOT_TOKEN; copy the token again from @BotFather, or create a new one there")]
    Token,
    /// The Telegram client cannot be built.
    #[error(transparent)]
    Telegram(TelegramError),
    /// The OpenAI client cannot be built.
    #[error("the OpenAI client cannot be built")]
    OpenAi(#[from] crate::assistant::messages::RunError),
    /// A text to customers is invalid.
    #[error(transparent)]
    Phrases(#[from] PhraseError),
    /// The built-in instructions are invalid.
    #[error(transparent)]
    Instructions(#[from] TemplateError),
    /// The custom instructions are invalid.
    #[error("{} is invalid", file.display())]
    Prompt {
        /// The path.
        file: PathBuf,
        /// The place and the problem.
        source: TemplateError,
    },
    /// A template of the emails is invalid.
    #[error(transparent)]
    Letters(#[from] LetterError),
    /// No mail server is configured, so leads could not be sent.
    #[error("no mail server is configured; set SMTP_HOST or SMTP_PRESET")]
    NoMail,
    /// The mail server's settings cannot be used.
    #[error(transparent)]
    Mail(#[from] crate::mailer::messages::MailError),
    /// A configured file cannot be read.
    #[error("{} cannot be read: {reason}", file.display())]
    File {
        /// The path.
        file: PathBuf,
        /// The error of the operating system.
        reason: String,
    },
}

impl StartError {
    /// Whether a restart is useless until a setting or a file is changed.
    pub fn is_configuration(&self) -> bool {
        use QueryError as Query;
        match self {
            Self::Locked(_) | Self::NoLock { .. } | Self::Database(_) => false,
            Self::Unusable(error) => matches!(error, Query::Newer(_) | Query::Foreign(_) | Query::Path(_)),
            Self::Telegram(error) => matches!(error, TelegramError::Client(_)),
            Self::Token | Self::OpenAi(_) | Self::NoMail | Self::Mail(_) => true,
            Self::Phrases(_) | Self::Instructions(_) | Self::Letters(_) => true,
            Self::Prompt { .. } | Self::File { .. } => true,
        }
    }
}

impl From<TelegramError> for StartError {
    fn from(error: TelegramError) -> Self {
        match error {
            TelegramError::Unauthorized => Self::Token,
            other => Self::Telegram(other),
        }
    }
}

pub(super) fn phrases(config: &Config) -> Result<Phrases, PhraseError> {
    match &config.business.templates_dir {
        Some(folder) => Phrases::with_overrides(folder),
        None => Phrases::load(),
    }
}

/// The text of a file in any encoding; `None` if it does not exist.
fn text(file: &Path) -> Result<Option<Decoded>, StartError> {
    let unreadable = |reason| StartError::File {
        file: file.to_owned(),
        reason,
    };
    match std::fs::read(file) {
        Ok(bytes) => decode(&bytes).map(Some).map_err(|error| unreadable(error.to_string())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error.to_string())),
    }
}

/// Fails early if the owner's facts cannot be read.
pub(super) fn check_facts(config: &Config) -> Result<(), StartError> {
    text(&config.business.file).map(drop)
}

pub(super) fn instructions(config: &Config, runtime: &Runtime) -> Result<Instructions, StartError> {
    let read = |file: PathBuf| {
        let missing = || StartError::File {
            file: file.clone(),
            reason: "the file does not exist".to_owned(),
        };
        let Decoded { text, encoding } = text(&file)?.ok_or_else(missing)?;
        let read = Event::info("app", "instructions_loaded").with("bytes", text.len());
        runtime.events.emit(read.with("encoding", encoding));
        if text.trim().is_empty() {
            let reason = "the file is empty".to_owned();
            return Err(StartError::File { file, reason });
        }
        Instructions::from_file(&text).map_err(|source| StartError::Prompt { file, source })
    };
    if let Some(file) = &config.business.prompt_file {
        return read(file.clone());
    }
    let name = format!("instructions/{}.md.hbs", config.locale.bot_language.code());
    let own = config.business.templates_dir.as_ref().map(|folder| folder.join(name));
    match own.filter(|file| file.exists()) {
        Some(file) => read(file),
        None => Ok(Instructions::built_in()?),
    }
}

/// State from before this start.
pub(super) struct Installed {
    /// The installation's name.
    pub(super) name: String,
    /// Number of threads imported from `threads.json`.
    pub(super) imported: usize,
    /// `threads.json`, if it is unchanged since the last clean shutdown.
    pub(super) mirror: Option<Mark>,
}

/// Imports threads that are not in the database. An unchanged file from a clean shutdown is skipped: the database has all of its
/// threads, and the file grows with the number of customers.
pub(super) async fn install(config: &Config, runtime: &Runtime, db: &Address<DbActor>) -> Result<Installed, DbError> {
    let (proposal, file) = (random_name(), &config.storage.threads_file);
    let Installation { name, threads_mark } = persist(&db.port(), &LoadInstallation { proposal }).await?;
    let mirror = threads_mark.as_deref().and_then(Mark::parse);
    let mirror = mirror.filter(|mark| mark.is_of(file));
    let entries = match mirror {
        Some(_) => Vec::new(),
        None => read_threads(file, runtime.clock.now(), &runtime.events),
    };
    Ok(Installed {
        name,
        imported: persist(&db.port(), &ImportThreads { entries }).await?,
        mirror,
    })
}

/// Recovers the state of the last process. After this the start must not fail, because that would count as a crash.
pub(super) async fn recover(
    config: &Config,
    runtime: &Runtime,
    db: &Address<DbActor>,
    start: String,
    imported: usize,
) -> Result<(), DbError> {
    let quick_death = config.limits.quick_death;
    let left = persist(&db.port(), &RecoverAfterStart { start, quick_death }).await?;
    for row in &left.unreadable_rows {
        runtime
            .events
            .emit(Event::error("app", "message_unreadable").with("row", row));
    }
    for row in &left.unreadable_deliveries {
        runtime.events.emit(
            Event::error("app", "delivery_unreadable")
                .with_some("chat", row.chat)
                .with("delivery", row.id),
        );
    }
    let recovered = Event::info("app", "recovered")
        .with("pending_messages", left.waiting_rows)
        .with("pending_chats", left.waiting_chats)
        .with("maybe_sent_deliveries", left.maybe_sent)
        .with("attempt_counted", left.is_attempt)
        .with("imported_threads", imported);
    runtime.events.emit(recovered);
    Ok(())
}

/// Tokens used today before this start; 0 without reading if there is no token limit.
pub(super) async fn tokens_of_today(config: &Config, runtime: &Runtime, db: &Address<DbActor>) -> Result<u64, DbError> {
    if config.conversation.tokens_per_day.is_none() {
        return Ok(0);
    }
    let since = day_start(runtime.clock.now().with_timezone(&config.locale.time_zone));
    let counted = db.port().ask(CountTokens { since }, READ_LIMIT).await;
    counted.unwrap_or(Err(DbError::Stopped))
}

/// 128 random bits, from the system seeds of the standard library's hash maps.
pub(super) fn random_name() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let bits = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", bits(), bits())
}

/// Retries until Telegram answers, because nothing can be served before.
pub(super) async fn identity(clients: &Clients, runtime: &Runtime) -> Result<Identity, TelegramError> {
    let mut attempt = 0;
    loop {
        match identify(clients, &runtime.steps).await {
            Ok(identity) => return Ok(identity),
            Err(TelegramError::Unauthorized) => return Err(TelegramError::Unauthorized),
            Err(error) => {
                attempt += 1;
                let failed = Event::warn("app", "telegram_unreachable").with("attempt", attempt);
                let requested = match error {
                    TelegramError::RetryAfter(wait) => TimeDelta::from_std(wait).ok(),
                    _ => None,
                };
                runtime.events.emit(failed.with("reason", error));
                let wait = Backoff::POLL.span(attempt).max(requested.unwrap_or_default());
                runtime.clock.after(wait).await;
            }
        }
    }
}

pub(super) fn mailer(
    config: &Config,
    letters: Letters,
    installation: &str,
    business: &str,
) -> Result<Mailer, StartError> {
    let smtp = config.mail.smtp.as_ref().ok_or(StartError::NoMail)?;
    let settings = MailerSettings {
        installation: installation.to_owned(),
        zone: config.locale.time_zone,
        business: business.to_owned(),
        connections: config.limits.smtp_connections,
    };
    Ok(Mailer::new(smtp, letters, settings)?)
}

pub(super) fn voice(
    config: &Config,
    runtime: &Runtime,
    identity: &Identity,
    (phrases, instructions): (Phrases, Instructions),
    finder: &Finder,
) -> Voice {
    let business = config.business.name.clone().unwrap_or_else(|| identity.name.clone());
    let prompt = StandingPrompt::new(
        instructions,
        business.clone(),
        config.business.file.clone(),
        config.locale.bot_language,
        runtime.events.clone(),
        finder.clone(),
    );
    Voice {
        phrases,
        prompt,
        business,
    }
}

/// English by default, and one menu for each supported language.
pub(super) fn menus(phrases: &Phrases) -> Vec<(Option<Language>, Vec<MenuLine>)> {
    let menu = |language| {
        let lines = MenuCommand::ALL.map(|command| MenuLine {
            command: command.name(),
            description: phrases.say(language, Phrase::CommandDescription(command)),
        });
        lines.to_vec()
    };
    let own = Language::ALL.map(|language| (Some(language), menu(language)));
    std::iter::once((None, menu(Language::En))).chain(own).collect()
}
