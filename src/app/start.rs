//! The start: lock and migrate, then everything that can fail, and only then recovery and the actors, starting with the
//! database. A failed start changes no rows. The first poll does not wait for the replay of unfinished rows.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use base::Event;
use contacts::finder::Finder;
use domain::{ChatId, Language};
use letters::Letters;
use store::SharedLeadRules;
use wording::phrases::Phrases;

use super::lock::{Lock, lock};
use super::parts::{
    StartError, check_facts, identity, install, instructions, mailer, menus, phrases, random_name, recover,
    tokens_of_today, voice,
};
use super::status::{Status, start_status};
use super::stop::Stops;
use super::upkeep::Upkeep;
use crate::assistant::{AssistantActor, OpenAi};
use crate::config::Config;
use crate::conversation::{self, ConversationActor, Mark, ThreadsMirror, Voice};
use crate::db::{self, DbActor};
use crate::inbox::{self, Conversation, Conversations, InboxActor};
use crate::mailer::{Mailer, MailerActor};
use crate::outbox::{self, OutboxActor};
use crate::reports::{self, ReportSchedulerActor};
use crate::runtime::{Address, LoopAddress, Runtime, start, start_loop};
use crate::telegram::{Clients, Identity, MenuLine, PollerPorts, PollerSettings, TelegramPoller, TelegramSender};
use crate::tools::{self, Toolbox};

/// A running service. Dropping it without [`Service::stop`] abandons its actors, as a kill would.
pub struct Service {
    runtime: Runtime,
    stops: Stops,
    _unasked: Unasked,
    _lock: Lock,
}

/// Actors that receive no messages and run on timers. Their addresses are kept, because an actor without an address is not
/// restarted after a panic.
struct Unasked {
    _reports: LoopAddress<ReportSchedulerActor>,
    _status: LoopAddress<Status>,
}

impl Service {
    /// Starts a service on this thread's arbiter. Waits for the bot's identity from Telegram.
    ///
    /// # Errors
    /// The database is locked or unusable, the token is rejected, or a template is invalid.
    pub async fn start(config: &Config, runtime: Runtime) -> Result<Self, StartError> {
        // It fails for a second service of the process, which needs no installation.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let held = lock(&config.storage.database)?;
        let phrases = phrases(config)?;
        let clients = Clients::new(&config.telegram, &runtime.clock)?;
        let openai = OpenAi::new(&config.openai, runtime.clock.clone())?;
        let instructions = instructions(config, &runtime)?;
        check_facts(config)?;
        let letters = Letters::load(config.mail.language, config.business.templates_dir.as_deref())?;
        let database = db::open(&config.storage.database, &runtime)?;
        let db = {
            let large = runtime.large.clone();
            start(&runtime, move || DbActor::new(database.clone(), large.clone()))
        };
        let installed = install(config, &runtime, &db).await?;
        let used = tokens_of_today(config, &runtime, &db).await?;
        let identity = identity(&clients, &runtime).await?;
        let leads = conversation::Leads {
            finder: Finder::new(config.locale.phone_region.clone()),
            rules: config.lead_rules(),
        };
        let voice = voice(config, &runtime, &identity, (phrases, instructions), &leads.finder);
        let mailer = mailer(config, letters, &installed.name, &voice.business)?;
        let start = random_name();
        recover(config, &runtime, &db, start.clone(), installed.imported).await?;
        let edges = Edges {
            config,
            runtime: &runtime,
            db: &db,
            clients: &clients,
            used_tokens: used,
            mirror: installed.mirror,
            start,
        };
        let (stops, unasked) = edges.start_actors((openai, mailer), installed.name, identity, voice, leads);
        runtime
            .events
            .emit(Event::info("app", "service_started").with("model", &config.openai.model));
        Ok(Self {
            runtime,
            stops,
            _unasked: unasked,
            _lock: held,
        })
    }

    /// Stops within about eight seconds. Unfinished work stays as rows.
    pub async fn stop(self) {
        self.stops.stop(&self.runtime).await;
    }

    /// Waits until the service cannot continue; returns the reason.
    pub async fn failed(&self) -> String {
        self.runtime.failed().await
    }
}

struct Edges<'a> {
    config: &'a Config,
    runtime: &'a Runtime,
    db: &'a Address<DbActor>,
    clients: &'a Clients,
    /// Tokens used today before this start.
    used_tokens: u64,
    /// `threads.json` of a clean shutdown, if it is unchanged.
    mirror: Option<Mark>,
    /// The name of this start.
    start: String,
}

impl Edges<'_> {
    fn start_actors(
        &self,
        (openai, mailer): (OpenAi, Mailer),
        installation: String,
        identity: Identity,
        voice: Voice,
        leads: conversation::Leads,
    ) -> (Stops, Unasked) {
        let (runtime, db) = (self.runtime, self.db);
        let menus = menus(&voice.phrases);
        let phrases = voice.phrases.clone();
        let sender = {
            let (clients, telegram, runtime) = (self.clients.clone(), self.config.telegram.clone(), runtime.clone());
            let typing = self.config.limits.typing_in_progress;
            start(&runtime.clone(), move || {
                TelegramSender::new(&clients, &telegram, typing, &runtime)
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
        let outbox = self.start_outbox(&sender, &mailer, leads.rules.clone());
        let mirror = {
            let (file, runtime) = (self.config.storage.threads_file.clone(), runtime.clone());
            let left = self.mirror.clone();
            let ports = conversation::ThreadsPorts {
                load: db.port(),
                record: db.port(),
            };
            start_loop(&runtime.clone(), move || {
                ThreadsMirror::new(file.clone(), left.clone(), &runtime, ports.clone())
            })
        };
        let ports = conversation::Ports {
            load: db.port(),
            recover: db.port(),
            history: db.port(),
            finish: db.port(),
            end: db.port(),
            run: assistant.port(),
            deliveries: outbox.port(),
            typing: sender.port(),
            threads: mirror.port(),
        };
        let tools = tools::Ports {
            gap: db.port(),
            lead: db.port(),
        };
        let toolbox = Toolbox::new(tools, self.config, leads.rules.clone(), runtime.events.clone());
        let shared = conversation::Shared::new(ports, toolbox, runtime, voice, leads.clone(), self.config);
        shared.count_tokens(self.used_tokens);
        shared.read_facts();
        let leads_rules = leads.rules.clone();
        let inbox = self.start_inbox(&outbox, &shared, phrases, leads);
        let poller = self.start_poller((&inbox, &sender, &outbox), identity, menus);
        let unasked = Unasked {
            _reports: self.start_reports(&poller, &outbox, leads_rules),
            _status: start_status(
                runtime,
                &self.config.locale,
                (db.port(), poller.port()),
                shared,
                self.upkeep(),
            ),
        };
        let stops = Stops {
            poller: poller.port(),
            inbox: inbox.port(),
            outbox: outbox.port(),
            mirror: mirror.port(),
            end: db.port(),
            db: db.port(),
            start: self.start.clone(),
            limits: self.config.limits.clone(),
        };
        (stops, unasked)
    }

    fn start_outbox(
        &self,
        sender: &Address<TelegramSender>,
        mailer: &Address<MailerActor>,
        rules: SharedLeadRules,
    ) -> Address<OutboxActor> {
        let ports = outbox::Ports {
            claim: self.db.port(),
            recover: self.db.port(),
            record: self.db.port(),
            release: self.db.port(),
            alert: self.db.port(),
        };
        let edges = outbox::CourierPorts {
            send: sender.port(),
            letter: self.db.port(),
            mail: mailer.port(),
        };
        let (runtime, config) = (self.runtime.clone(), self.config.clone());
        start(self.runtime, move || {
            let couriers = outbox::couriers(&edges, &config, &runtime);
            OutboxActor::new(&runtime, &config.limits, rules.clone(), ports.clone(), couriers)
        })
    }

    fn start_inbox(
        &self,
        outbox: &Address<OutboxActor>,
        shared: &Arc<conversation::Shared>,
        phrases: Phrases,
        leads: conversation::Leads,
    ) -> Address<InboxActor> {
        let runtime = self.runtime.clone();
        let all = Arc::clone(shared);
        let make = move |chat: ChatId| -> Box<dyn Conversation> {
            let shared = Arc::clone(&all);
            Box::new(start_loop(&runtime, move || {
                ConversationActor::new(chat, Arc::clone(&shared))
            }))
        };
        let limits = self.config.limits.clone();
        let conversations = Rc::new(RefCell::new(Conversations::new(Box::new(make), &limits)));
        let ports = inbox::Ports {
            store: self.db.port(),
            waiting: self.db.port(),
            end: self.db.port(),
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
        let inbox = start(self.runtime, move || {
            InboxActor::new(&runtime, ports.clone(), settings.clone(), &conversations)
        });
        shared.report_to(inbox.port());
        inbox
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep {
            runtime: self.runtime.clone(),
            limits: self.config.limits.clone(),
            find: self.db.port(),
            remove: self.db.port(),
        }
    }

    fn start_reports(
        &self,
        poller: &LoopAddress<TelegramPoller>,
        outbox: &Address<OutboxActor>,
        rules: SharedLeadRules,
    ) -> LoopAddress<ReportSchedulerActor> {
        let ports = reports::Ports {
            begin: self.db.port(),
            ledger: self.db.port(),
            close: self.db.port(),
            record: self.db.port(),
            poll: poller.port(),
            deliveries: outbox.port(),
        };
        let settings = reports::Settings {
            cron: self.config.locale.report_cron.clone(),
            zone: self.config.locale.time_zone,
            rules,
            unpolled: self.config.limits.unpolled,
        };
        let runtime = self.runtime.clone();
        start_loop(self.runtime, move || {
            ReportSchedulerActor::new(&runtime, settings.clone(), ports.clone())
        })
    }

    fn start_poller(
        &self,
        (inbox, sender, outbox): (&Address<InboxActor>, &Address<TelegramSender>, &Address<OutboxActor>),
        identity: Identity,
        menus: Vec<(Option<Language>, Vec<MenuLine>)>,
    ) -> LoopAddress<TelegramPoller> {
        let settings = PollerSettings {
            bot: identity.bot,
            menus,
        };
        let ports = PollerPorts {
            deliver: inbox.port(),
            limited: sender.port(),
            refused: outbox.port(),
        };
        let (runtime, clients) = (self.runtime.clone(), self.clients.clone());
        start_loop(self.runtime, move || {
            TelegramPoller::new(&clients, settings.clone(), &runtime, ports.clone())
        })
    }
}
