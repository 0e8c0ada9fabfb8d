//! What all conversations of a service share: whom they may ask, what they may take, what they say.

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
use super::messages::{Rested, ThreadsChanged};
use super::turn::Rules;
use crate::assistant::messages::StartRun;
use crate::config::Config;
use crate::outbox::messages::DeliveriesQueued;
use crate::runtime::{Port, Runtime};
use crate::telegram::messages::ShowTyping;
use crate::tools::Toolbox;

/// What a conversation needs of others.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: the rows it begins with.
    pub load: Port<LoadConversation>,
    /// DbActor: the same after a panic.
    pub recover: Port<RecoverConversation>,
    /// DbActor: what a new thread is told.
    pub history: Port<LoadHistory>,
    /// DbActor: the end of a turn.
    pub finish: Port<Arc<FinishTurn>>,
    /// DbActor: edits that do not parse.
    pub end: Port<EndUnreadable>,
    /// AssistantActor.
    pub run: Port<StartRun>,
    /// OutboxActor: the first part of a reply.
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
    /// What is on the button beside the contact button, in each language.
    write_buttons: Vec<String>,
    pub(super) prompt: StandingPrompt,
    /// `BUSINESS_NAME`, or the bot's own.
    pub(super) business: String,
    pub(super) language: Language,
    pub(super) leads: Leads,
    pub(super) pace: Pace,
    pub(super) rules: Rules,
    /// All settings and bounds: whoever needs one more reads it here.
    pub(super) config: Config,
    pub(super) open_turns: Arc<Semaphore>,
    tokens: Mutex<DayCount>,
    /// Turns that OpenAI rejected since its last good answer to any customer.
    rejected: AtomicU32,
    /// InboxActor, which decides who retires. It makes the conversations, and so is there after them.
    inbox: OnceLock<Port<Rested>>,
}

/// What is done about contacts.
#[derive(Clone)]
pub(crate) struct Leads {
    /// Finds them in messages.
    pub finder: Finder,
    /// Who is told, and when.
    pub rules: SharedLeadRules,
}

/// What a service says and in which voice.
pub(crate) struct Voice {
    /// The short texts.
    pub phrases: Phrases,
    /// The assistant's instructions.
    pub prompt: StandingPrompt,
    /// `BUSINESS_NAME`, or the bot's own.
    pub business: String,
}

impl Shared {
    /// Puts together what conversations share.
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
                thread_rest: limits.thread_rest,
            },
            tokens: Mutex::default(),
            rejected: AtomicU32::new(0),
            inbox: OnceLock::new(),
            config: config.clone(),
            open_turns: Arc::new(Semaphore::new(limits.open_turns)),
        })
    }

    /// Who hears of conversations that have nothing to do; the first that is named.
    pub(crate) fn report_to(&self, inbox: Port<Rested>) {
        let _ = self.inbox.set(inbox);
    }

    /// A conversation has nothing to do.
    pub(super) fn report_rest(&self, chat: ChatId) {
        if let Some(inbox) = self.inbox.get() {
            inbox.hint(Rested { chat });
        }
    }

    /// The time where the business is.
    pub(super) fn local_now(&self) -> DateTime<Tz> {
        self.runtime.clock.now().with_timezone(&self.config.locale.time_zone)
    }

    /// Tokens that were used: by turns of this process, or, told once at its start, by those before it.
    pub(crate) fn count_tokens(&self, tokens: u64) {
        let now = self.local_now();
        self.tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(tokens, now);
    }

    /// When the present day began, where the business is.
    pub(crate) fn day_start(&self) -> DateTime<Utc> {
        day_start(self.local_now())
    }

    /// Whether the day's tokens are used up.
    pub(super) fn is_budget_spent(&self) -> bool {
        let used = self
            .tokens
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .on(self.local_now());
        self.config.conversation.tokens_per_day.is_some_and(|most| used >= most)
    }

    /// A turn failed; how many were rejected since the last good answer.
    pub(super) fn rejected(&self, reason: FailReason) -> u32 {
        match reason {
            FailReason::Rejected => self.rejected.fetch_add(1, Ordering::Relaxed).saturating_add(1),
            _ => self.rejected.load(Ordering::Relaxed),
        }
    }

    /// A customer was answered by the model.
    pub(super) fn reset_rejections(&self) {
        self.rejected.store(0, Ordering::Relaxed);
    }

    /// Reads the owner's facts now, so that the contacts in them are known before the first message.
    pub(crate) fn read_facts(&self) {
        let _prompt = self.prompt.current();
    }

    /// The contacts in the words of some rows.
    pub(super) fn contacts_in<'a>(&self, rows: impl IntoIterator<Item = &'a WaitingRow>) -> Vec<FoundContact> {
        let rows: Vec<&WaitingRow> = rows.into_iter().collect();
        let found = rows.iter().flat_map(|row| self.leads.finder.find(&row.message));
        let mut found: Vec<FoundContact> = found.collect();
        // When to call may stand in the message beside the one with the number.
        let is_missing = found.iter().all(|contact| contact.call_time.is_none());
        if let Some(first) = found.first_mut().filter(|_| is_missing) {
            let said = rows.iter().filter(|row| !row.message.is_forwarded);
            let mut times = said.filter_map(|row| self.leads.finder.call_time(&row.message.transcript()));
            first.call_time = times.next();
        }
        found
    }

    /// Whether a row is one the model is asked about.
    pub(super) fn is_for_model(&self, row: &WaitingRow) -> bool {
        match &row.message.body {
            // A tap on the button beside the contact button.
            Body::Text(text) => !self.write_buttons.contains(text),
            _ => row.message.is_for_model(),
        }
    }

    /// The question that these rows are, for a reply that comes late.
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

    /// The end of a turn about these rows, with nothing in it yet but the contacts they hold.
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
            told_lead: None,
            form: FormUpdate::Keep,
            alert: None,
        }
    }

    /// Turns open now.
    pub(crate) fn open_turns(&self) -> usize {
        let places = self.config.limits.open_turns;
        places.saturating_sub(self.open_turns.available_permits())
    }
}
