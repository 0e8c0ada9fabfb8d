//! Starting: lock, migrate, recover, then the actors from the database upwards. The first poll does not wait for the
//! replay of what was left over.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::lock::{Lock, lock};
use super::status;
use super::stop::Stops;
use crate::assistant::{AssistantActor, OpenAi};
use crate::config::Config;
use crate::conversation::{self, ConversationActor, StandingPrompt, ThreadsMirror, Voice, read_threads};
use crate::db::messages::{ImportThreads, LoadInstallation, RecoverAfterStart, persist};
use crate::db::{Database, DbActor, DbError};
use crate::domain::{ChatId, Language};
use crate::inbox::{self, Conversation, Conversations, InboxActor};
use crate::mailer::{LetterError, Letters, Mailer, MailerActor, MailerSettings};
use crate::outbox::{self, OutboxActor};
use crate::runtime::backoff::Backoff;
use crate::runtime::{Address, Event, Runtime, start};
use crate::telegram::{
    Clients, Identity, MenuLine, PollerPorts, PollerSettings, TelegramError, TelegramPoller, TelegramSender, identify,
};
use crate::text::finder::Finder;
use crate::text::phrases::{MenuCommand, Phrase, PhraseError, Phrases};
use crate::text::templates::{Instructions, TemplateError};
use crate::tools::{self, Toolbox};

/// A running service. Dropping it without [`Service::stop`] leaves its actors to the end of their thread, as a kill
/// would.
pub struct Service {
    pub(super) runtime: Runtime,
    pub(super) stops: Stops,
    pub(super) _lock: Lock,
}

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another service runs on the same database.
    #[error("another frontdesk already runs on {}; stop it first, or set another DATABASE_URL", .0.display())]
    Locked(PathBuf),
    /// The lock file cannot be used.
    #[error("the lock file {} cannot be used: {reason}", file.display())]
    NoLock {
        /// Which one.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The database cannot be opened, migrated or read.
    #[error("the database cannot be used: {0}")]
    Database(#[from] DbError),
    /// The Telegram client cannot be built, or the token is refused.
    #[error("{0}")]
    Telegram(#[from] TelegramError),
    /// The OpenAI client cannot be built.
    #[error("the OpenAI client cannot be built: {0}")]
    OpenAi(#[from] crate::assistant::messages::RunError),
    /// A template of the short texts is broken.
    #[error("{0}")]
    Phrases(#[from] PhraseError),
    /// The instructions are broken.
    #[error("{0}")]
    Instructions(#[from] TemplateError),
    /// A template of the letters is broken.
    #[error("{0}")]
    Letters(#[from] LetterError),
    /// No mail server is configured: without one the owner would never hear of a lead.
    #[error("no mail server is configured; set SMTP_HOST or SMTP_PRESET")]
    NoMail,
    /// The mail server's settings cannot be used.
    #[error("{0}")]
    Mail(#[from] crate::mailer::messages::MailError),
    /// A file that is named in the configuration cannot be read.
    #[error("{} cannot be read: {reason}", file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
}

impl Service {
    /// Starts a service on this thread's arbiter. Waits until Telegram has said who the bot is.
    ///
    /// # Errors
    /// If the database is taken or unusable, the token refused, or a template broken.
    pub async fn start(config: &Config, runtime: Runtime) -> Result<Self, StartError> {
        // A second service of the process finds it installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let held = lock(&config.storage.database)?;
        let phrases = phrases(config)?;
        let clients = Clients::new(&config.telegram)?;
        let openai = OpenAi::new(&config.openai, runtime.clock.clone())?;
        let instructions = instructions(config)?;
        let letters = Letters::load(config.mail.language, config.business.templates_dir.as_deref())?;
        let database = Database::open(&config.storage.database)?;
        let db = {
            let (database, runtime) = (database, runtime.clone());
            start(&runtime.clone(), move || DbActor::new(&database, &runtime))
        };
        let installation = recover(config, &runtime, &db).await?;
        let identity = identity(&clients, &runtime).await?;
        let leads = conversation::Leads {
            finder: Finder::new(config.locale.phone_region.clone()),
            rules: config.lead_rules(),
        };
        let voice = voice(config, &runtime, &identity, (phrases, instructions), &leads.finder);
        let mailer = mailer(config, letters, &installation, &voice.business)?;
        let edges = Edges {
            config,
            runtime: &runtime,
            db: &db,
            clients: &clients,
        };
        let stops = edges.start_actors((openai, mailer), installation, identity, voice, leads);
        runtime
            .events
            .emit(Event::info("app", "service_started").with("model", &config.openai.model));
        Ok(Self {
            runtime,
            stops,
            _lock: held,
        })
    }

    /// Waits until something essential cannot go on; says what.
    pub async fn failed(&self) -> String {
        self.runtime.failed().await
    }
}

fn phrases(config: &Config) -> Result<Phrases, PhraseError> {
    match &config.business.templates_dir {
        Some(folder) => Phrases::with_overrides(folder),
        None => Phrases::load(),
    }
}

fn instructions(config: &Config) -> Result<Instructions, StartError> {
    let read = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).map_err(|error| StartError::File {
            file,
            reason: error.to_string(),
        })?;
        Ok(Instructions::from_file(&text)?)
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

/// Puts right what the last process left and takes over threads the database does not know; answers the
/// installation's name.
async fn recover(config: &Config, runtime: &Runtime, db: &Address<DbActor>) -> Result<String, DbError> {
    let proposal = random_name();
    let installation = persist(&db.port(), LoadInstallation { proposal }).await?;
    let left = persist(&db.port(), RecoverAfterStart).await?;
    let entries = read_threads(&config.storage.threads_file, runtime.clock.now(), &runtime.events);
    let imported = persist(&db.port(), ImportThreads { entries }).await?;
    let recovered = Event::info("app", "recovered")
        .with("waiting_rows", left.waiting_rows)
        .with("waiting_chats", left.waiting_chats)
        .with("maybe_sent", left.maybe_sent)
        .with("imported_threads", imported);
    runtime.events.emit(recovered);
    Ok(installation)
}

/// 128 random bits, from the seeds every hash map of the standard library gets from the system.
fn random_name() -> String {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let bits = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", bits(), bits())
}

/// Without an answer there is nobody to serve: asked until there is one.
async fn identity(clients: &Clients, runtime: &Runtime) -> Result<Identity, TelegramError> {
    let mut attempt = 0;
    loop {
        match identify(clients).await {
            Ok(identity) => return Ok(identity),
            Err(TelegramError::Unauthorized) => return Err(TelegramError::Unauthorized),
            Err(error) => {
                attempt += 1;
                let failed = Event::warn("app", "telegram_out_of_reach").with("attempt", attempt);
                runtime.events.emit(failed.with("reason", error));
                runtime.clock.after(Backoff::POLL.span(attempt)).await;
            }
        }
    }
}

fn mailer(config: &Config, letters: Letters, installation: &str, business: &str) -> Result<Mailer, StartError> {
    let smtp = config.mail.smtp.as_ref().ok_or(StartError::NoMail)?;
    let settings = MailerSettings {
        installation: installation.to_owned(),
        zone: config.locale.time_zone,
        business: business.to_owned(),
        connections: config.limits.smtp_connections,
    };
    Ok(Mailer::new(smtp, letters, settings)?)
}

fn voice(
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
        zone: config.locale.time_zone,
        language: config.locale.bot_language,
    }
}

struct Edges<'a> {
    config: &'a Config,
    runtime: &'a Runtime,
    db: &'a Address<DbActor>,
    clients: &'a Clients,
}

impl Edges<'_> {
    fn start_actors(
        &self,
        (openai, mailer): (OpenAi, Mailer),
        installation: String,
        identity: Identity,
        voice: Voice,
        leads: conversation::Leads,
    ) -> Stops {
        let (runtime, db) = (self.runtime, self.db);
        let menus = menus(&voice.phrases);
        let phrases = voice.phrases.clone();
        let sender = {
            let (clients, telegram, runtime) = (self.clients.clone(), self.config.telegram.clone(), runtime.clone());
            start(&runtime.clone(), move || {
                TelegramSender::new(&clients, &telegram, &runtime)
            })
        };
        let assistant = {
            let runtime = runtime.clone();
            start(&runtime.clone(), move || {
                AssistantActor::new(openai.clone(), runtime.clone(), installation.clone())
            })
        };
        let mailer = {
            let runtime = runtime.clone();
            start(&runtime.clone(), move || {
                MailerActor::new(mailer.clone(), runtime.clone())
            })
        };
        let outbox = self.start_outbox(&sender, &mailer);
        let mirror = {
            let (file, runtime) = (self.config.storage.threads_file.clone(), runtime.clone());
            let ports = conversation::ThreadsPorts { load: db.port() };
            start(&runtime.clone(), move || {
                ThreadsMirror::new(file.clone(), &runtime, ports.clone())
            })
        };
        let ports = conversation::Ports {
            load: db.port(),
            recover: db.port(),
            history: db.port(),
            finish: db.port(),
            run: assistant.port(),
            deliveries: outbox.port(),
            typing: sender.port(),
            threads: mirror.port(),
        };
        let tools = tools::Ports {
            gap: db.port(),
            lead: db.port(),
        };
        let region = leads.finder.region().clone();
        let toolbox = Toolbox::new(tools, leads.rules.clone(), region, runtime.events.clone());
        let (limits, pace) = (&self.config.limits, &self.config.conversation);
        let shared = conversation::Shared::new(ports, toolbox, runtime, voice, leads.clone(), (pace, limits));
        let inbox = self.start_inbox(&outbox, shared.clone(), phrases, leads);
        let poller = self.start_poller(&inbox, identity, menus);
        status::start_status(runtime, db.port(), poller.port(), shared);
        Stops {
            poller: poller.port(),
            inbox: inbox.port(),
            outbox: outbox.port(),
            mirror: mirror.port(),
            db: db.port(),
            limits: limits.clone(),
        }
    }

    fn start_outbox(&self, sender: &Address<TelegramSender>, mailer: &Address<MailerActor>) -> Address<OutboxActor> {
        let ports = outbox::Ports {
            claim: self.db.port(),
            recover: self.db.port(),
            record: self.db.port(),
            send: sender.port(),
            letter: self.db.port(),
            mail: mailer.port(),
        };
        let (runtime, limits) = (self.runtime.clone(), self.config.limits.clone());
        start(self.runtime, move || OutboxActor::new(&runtime, &limits, ports.clone()))
    }

    fn start_inbox(
        &self,
        outbox: &Address<OutboxActor>,
        shared: Arc<conversation::Shared>,
        phrases: Phrases,
        leads: conversation::Leads,
    ) -> Address<InboxActor> {
        let runtime = self.runtime.clone();
        let make = move |chat: ChatId| {
            let shared = shared.clone();
            let conversation = start(&runtime, move || ConversationActor::new(chat, shared.clone()));
            Conversation {
                take: conversation.port(),
                look: conversation.port(),
                retire: conversation.port(),
                stop: conversation.port(),
            }
        };
        let limits = self.config.limits.clone();
        let most = limits.open_turns + limits.idle_conversations;
        let conversations = Rc::new(RefCell::new(Conversations::new(Box::new(make), most)));
        let ports = inbox::Ports {
            store: self.db.port(),
            waiting: self.db.port(),
            deliveries: outbox.port(),
        };
        let settings = inbox::Settings {
            conversation: self.config.conversation.clone(),
            limits,
            phrases,
            language: self.config.locale.bot_language,
            finder: leads.finder,
            rules: leads.rules,
        };
        let runtime = self.runtime.clone();
        start(self.runtime, move || {
            InboxActor::new(&runtime, ports.clone(), settings.clone(), &conversations)
        })
    }

    fn start_poller(
        &self,
        inbox: &Address<InboxActor>,
        identity: Identity,
        menus: Vec<(Option<Language>, Vec<MenuLine>)>,
    ) -> Address<TelegramPoller> {
        let settings = PollerSettings {
            bot: identity.bot,
            menus,
        };
        let ports = PollerPorts { deliver: inbox.port() };
        let (runtime, clients) = (self.runtime.clone(), self.clients.clone());
        start(self.runtime, move || {
            TelegramPoller::new(&clients, settings.clone(), &runtime, ports.clone())
        })
    }
}

/// English for everybody else, and each of our languages for its own speakers.
fn menus(phrases: &Phrases) -> Vec<(Option<Language>, Vec<MenuLine>)> {
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
