//! Shared by all conversations: their ports, limits and texts.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use contacts::finder::Finder;
use domain::{Answers, Body, ChatId, FailReason, FoundContact, Keyboard, Language, LeadSource};
use store::{
    EndUnreadable, Ending, FinishTurn, FormUpdate, LeftContacts, LoadConversation, LoadHistory, RecoverConversation,
    SharedLeadRules, ThreadUpdate, TurnFigures, WaitingRow,
};
use tokio::sync::Semaphore;
use wording::phrases::{Phrase, Phrases};

use super::agenda::Pace;
use super::budget::{DayCount, day_start};
use super::chat::Chat;
use super::instructions::StandingPrompt;
use super::messages::{BecameIdle, ThreadsChanged};
use super::turn::Rules;
use crate::assistant::messages::StartRun;
use crate::config::Config;
use crate::outbox::messages::DeliveriesQueued;
use crate::runtime::{Port, Runtime};
use crate::telegram::messages::ShowTyping;
use crate::tools::Toolbox;

/// The recipients a conversation needs.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: loads the rows.
    pub load: Port<LoadConversation>,
    /// DbActor: loads them after a panic, and counts the panic.
    pub recover: Port<RecoverConversation>,
    /// DbActor: loads the history for a new thread.
    pub history: Port<LoadHistory>,
    /// DbActor: the end of a turn.
    pub finish: Port<Arc<FinishTurn>>,
    /// DbActor: ends edits that cannot be parsed.
    pub end: Port<EndUnreadable>,
    /// AssistantActor.
    pub run: Port<StartRun>,
    /// OutboxActor: sends the first part of a reply.
    pub deliveries: Port<DeliveriesQueued>,
    /// TelegramSender: "typing…".
    pub typing: Port<ShowTyping>,
    /// The mirror of threads.
    pub threads: Port<ThreadsChanged>,
}

/// Shared by all conversations of a service.
pub(crate) struct Shared {
    pub(super) ports: Ports,
    pub(super) toolbox: Toolbox,
    pub(super) runtime: Runtime,
    pub(super) phrases: Phrases,
    /// The label of the button beside the contact button, in each language.
    write_buttons: Vec<String>,
    pub(super) prompt: StandingPrompt,
    /// `BUSINESS_NAME`, or the bot's own.
    pub(super) business: String,
    pub(super) language: Language,
    pub(super) leads: Leads,
    pub(super) pace: Pace,
    pub(super) rules: Rules,
    pub(super) config: Config,
    pub(super) open_turns: Arc<Semaphore>,
    tokens: Mutex<DayCount>,
    /// Turns that OpenAI rejected since its last good answer to any customer.
    rejected: AtomicU32,
    /// InboxActor, which decides about retirement. It needs the conversations, so its port is set after this is created.
    inbox: OnceLock<Port<BecameIdle>>,
}

/// The settings for contacts.
#[derive(Clone)]
pub(crate) struct Leads {
    /// Finds contacts in messages.
    pub finder: Finder,
    /// The recipients of lead notifications, and their schedule.
    pub rules: SharedLeadRules,
}

/// The texts of a service.
pub(crate) struct Voice {
    /// The short texts.
    pub phrases: Phrases,
    /// The assistant's instructions.
    pub prompt: StandingPrompt,
    /// `BUSINESS_NAME`, or the bot's own.
    pub business: String,
}

impl Shared {
    pub(crate) fn new(
        ports: Ports,
        toolbox: Toolbox,
        runtime: &Runtime,
        voice: Voice,
        leads: Leads,
        config: &Config,
    ) -> Arc<Self> {
        let (settings, limits) = (&config.conversation, &config.limits);
        Arc::new(Self {
            ports,
            toolbox,
            runtime: runtime.clone(),
            write_buttons: Language::ALL
                .into_iter()
                .map(|language| voice.phrases.say(language, Phrase::ContactWriteButton))
                .collect(),
            phrases: voice.phrases,
            prompt: voice.prompt,
            business: voice.business,
            language: config.locale.bot_language,
            leads,
            pace: Pace {
                merge_wait: settings.merge_wait,
                merge_max: limits.merge_max,
                attempts: limits.turn_attempts,
            },
            rules: Rules {
                deadline: settings.turn_deadline,
                tool_rounds: limits.tool_rounds,
                max_output_tokens: limits.max_output_tokens,
                thread_input_tokens: limits.thread_input_tokens,
                thread_idle: limits.thread_idle,
            },
            tokens: Mutex::default(),
            rejected: AtomicU32::new(0),
            inbox: OnceLock::new(),
            config: config.clone(),
            open_turns: Arc::new(Semaphore::new(limits.open_turns)),
        })
    }

    /// Sets the recipient of [`BecameIdle`]; only the first call counts.
    pub(crate) fn report_to(&self, inbox: Port<BecameIdle>) {
        let _ = self.inbox.set(inbox);
    }

    pub(super) fn report_idle(&self, chat: ChatId) {
        if let Some(inbox) = self.inbox.get() {
            inbox.hint(BecameIdle { chat });
        }
    }

    /// The time in the business's zone.
    pub(super) fn local_now(&self) -> DateTime<Tz> {
        self.runtime.clock.now().with_timezone(&self.config.locale.time_zone)
    }

    /// Adds used tokens: those of each turn, and once at start those used earlier in the day.
    pub(crate) fn count_tokens(&self, tokens: u64) {
        let now = self.local_now();
        self.tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(tokens, now);
    }

    /// The start of the current day in the business's zone.
    pub(crate) fn day_start(&self) -> DateTime<Utc> {
        day_start(self.local_now())
    }

    pub(super) fn is_budget_spent(&self) -> bool {
        let used = self
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .on(self.local_now());
        self.config
            .conversation
            .tokens_per_day
            .is_some_and(|limit| used >= limit)
    }

    /// Counts a failed turn; returns the number of rejected turns since the last good answer.
    pub(super) fn rejected(&self, reason: FailReason) -> u32 {
        match reason {
            FailReason::Rejected => self.rejected.fetch_add(1, Ordering::Relaxed).saturating_add(1),
            _ => self.rejected.load(Ordering::Relaxed),
        }
    }

    /// To be called after a good answer.
    pub(super) fn reset_rejections(&self) {
        self.rejected.store(0, Ordering::Relaxed);
    }

    /// Reads the owner's facts, so that the business's own contacts are known before the first message.
    pub(crate) fn read_facts(&self) {
        let _prompt = self.prompt.current();
    }

    pub(super) fn contacts_in<'a>(&self, rows: impl IntoIterator<Item = &'a WaitingRow>) -> Vec<FoundContact> {
        let rows: Vec<&WaitingRow> = rows.into_iter().collect();
        let found = rows.iter().flat_map(|row| self.leads.finder.find(&row.message));
        let mut found: Vec<FoundContact> = found.collect();
        // The time to call may be in another message than the number.
        let is_missing = found.iter().all(|contact| contact.call_time.is_none());
        if let Some(first) = found.first_mut().filter(|_| is_missing) {
            let own = rows.iter().filter(|row| !row.message.is_forwarded);
            let mut times = own.filter_map(|row| self.leads.finder.call_time(&row.message.transcript()));
            first.call_time = times.next();
        }
        found
    }

    /// Whether the model answers a row.
    pub(super) fn is_for_model(&self, row: &WaitingRow) -> bool {
        match &row.message.body {
            // A tap on the button beside the contact button.
            Body::Text(text) => !self.write_buttons.contains(text),
            _ => row.message.is_for_model(),
        }
    }

    /// The rows as the question that a late reply quotes.
    pub(super) fn question_of(&self, chat: &Chat, (first, last): (&WaitingRow, &WaitingRow)) -> Option<Answers> {
        Some(Answers {
            message: last.message_id,
            asked_at: first.asked_at(),
            apology: self.phrases.say(chat.language(self.language), Phrase::Apology),
        })
    }

    /// The contact button in the customer's language.
    pub(super) fn contact_button(&self, chat: &Chat) -> Keyboard {
        let say = |phrase| self.phrases.say(chat.language(self.language), phrase);
        Keyboard::Contact {
            share: say(Phrase::ContactShareButton),
            write: say(Phrase::ContactWriteButton),
        }
    }

    /// The end of a turn about these rows, containing only their contacts so far.
    pub(super) fn end_of(&self, chat: ChatId, rows: &[WaitingRow]) -> FinishTurn {
        FinishTurn {
            chat,
            rows: rows.iter().map(|row| row.id).collect(),
            edits: Vec::new(),
            ending: Ending::Done,
            reply: None,
            thread: ThreadUpdate::Keep,
            figures: TurnFigures::default(),
            contacts: LeftContacts {
                found: self.contacts_in(rows),
                source: LeadSource::Text,
            },
            rules: self.leads.rules.clone(),
            lead_announced: None,
            form: FormUpdate::Keep,
            alert: None,
        }
    }

    pub(crate) fn open_turns(&self) -> usize {
        let permits = self.config.limits.open_turns;
        permits.saturating_sub(self.open_turns.available_permits())
    }
}
