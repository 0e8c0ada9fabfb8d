//! InboxActor: one commit for a batch, then a hint to each conversation it concerns, and only then the answer that
//! lets the poller confirm. Rows that nobody has in hand (after a start, after a lost hint) it finds by itself every
//! ten seconds and hands over, oldest first.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join_all;

use super::albums::Albums;
use super::conversations::Conversations;
use super::messages::StopInbox;
use crate::config::{ConversationConfig, Limits};
use crate::conversation::messages::{Arrived, LookForWork, Retire, TakeTurn};
use crate::db::messages::{
    Admission, FindWaitingChats, Outcome, StoreUpdates, StoredUpdate, StoredUpdates, WaitingChat, persist,
};
use crate::domain::{Change, ChatId, IncomingUpdate, Language, OutgoingMessage, SharedLeadRules};
use crate::outbox::messages::DeliveriesQueued;
use crate::runtime::{Answer, Behaviour, Birth, Ctx, Event, Port, PortError, Receive, Runtime};
use crate::telegram::messages::{NotStored, UpdatesReceived};
use crate::text::finder::Finder;
use crate::text::phrases::{Phrase, Phrases};

const ASK_LIMIT: Duration = Duration::from_secs(30);

/// What the inbox needs of others.
#[derive(Clone)]
pub struct Ports {
    /// DbActor: makes a batch durable.
    pub store: Port<StoreUpdates>,
    /// DbActor: rows that wait.
    pub waiting: Port<FindWaitingChats>,
    /// OutboxActor: notices that were written with a batch.
    pub deliveries: Port<DeliveriesQueued>,
}

/// What the inbox has to know.
#[derive(Clone)]
pub struct Settings {
    /// How turns are limited.
    pub conversation: ConversationConfig,
    /// The bounds.
    pub limits: Limits,
    /// What is said on the spot.
    pub phrases: Phrases,
    /// `BOT_LANGUAGE`.
    pub language: Language,
    /// Finds contacts in messages.
    pub finder: Finder,
    /// Who is told of leads, and when.
    pub rules: SharedLeadRules,
}

/// The actor.
pub struct InboxActor {
    ports: Ports,
    settings: Settings,
    runtime: Runtime,
    /// Kept outside of this actor's state: conversations outlive a panic of the inbox.
    conversations: Rc<RefCell<Conversations>>,
    albums: Albums,
    is_stopping: bool,
}

impl InboxActor {
    /// An inbox over these conversations.
    pub fn new(
        runtime: &Runtime,
        ports: Ports,
        settings: Settings,
        conversations: &Rc<RefCell<Conversations>>,
    ) -> Self {
        Self {
            ports,
            settings,
            runtime: runtime.clone(),
            conversations: Rc::clone(conversations),
            albums: Albums::default(),
            is_stopping: false,
        }
    }

    fn store(&mut self, updates: Vec<IncomingUpdate>) -> StoreUpdates {
        let per_minute = self.settings.conversation.rate_limit_per_minute;
        StoreUpdates {
            admissions: updates.into_iter().map(|update| self.admit(update)).collect(),
            most_per_minute: (per_minute > 0).then_some(per_minute),
            most_waiting: u32::try_from(self.settings.limits.waiting_rows_per_customer).unwrap_or(u32::MAX),
            rules: self.settings.rules.clone(),
        }
    }

    fn admit(&mut self, update: IncomingUpdate) -> Admission {
        let fallback = self.settings.language;
        let language = update
            .profile
            .as_ref()
            .map_or(fallback, |profile| profile.language(fallback));
        let say = |phrase| OutgoingMessage::plain(self.settings.phrases.say(language, phrase));
        let farewell = matches!(update.change, Change::JoinedGroup { may_write: true });
        Admission {
            flood_notice: matches!(update.change, Change::Wrote(_)).then(|| say(Phrase::Flood)),
            farewell: farewell.then(|| say(Phrase::GroupFarewell)),
            contacts: match &update.change {
                Change::Wrote(message) | Change::Edited(message) => self.settings.finder.find(message),
                _ => Vec::new(),
            },
            counts: self.albums.counts(&update),
            update,
        }
    }

    fn stored(&mut self, stored: StoredUpdates) {
        if !stored.deliveries.is_empty() {
            self.ports.deliveries.hint(DeliveriesQueued {
                deliveries: stored.deliveries,
            });
        }
        for update in stored.updates {
            self.tell(&update);
            self.hand_over(update);
        }
    }

    fn hand_over(&mut self, stored: StoredUpdate) {
        let arrived = match stored.outcome {
            Outcome::Waiting(row) => Arrived::Row(row),
            Outcome::Edited(edit) => Arrived::Edit(edit),
            Outcome::Ignored(_, row) if stored.lead.is_some() => Arrived::Lead(row),
            Outcome::Ignored(..) | Outcome::Duplicate => return,
        };
        if self.is_stopping {
            return;
        }
        let now = self.runtime.clock.now();
        if let Some(conversation) = self.conversations.borrow_mut().wake(stored.chat, now) {
            conversation.take.hint(TakeTurn {
                arrived,
                previous: stored.previous,
                lead: stored.lead.map(|lead| lead.source),
            });
        }
    }

    fn tell(&self, stored: &StoredUpdate) {
        let event = match &stored.outcome {
            Outcome::Waiting(row) => {
                let event = Event::info(Self::NAME, "message_stored").with("row", row.id);
                self.runtime.events.quote(event, || row.message.transcript())
            }
            Outcome::Edited(edit) => {
                let event = Event::info(Self::NAME, "edit_stored").with("row", edit.id);
                self.runtime.events.quote(event, || edit.message.transcript())
            }
            Outcome::Ignored(reason, _) => Event::info(Self::NAME, "update_ignored").with("reason", reason.word()),
            Outcome::Duplicate => Event::info(Self::NAME, "update_known"),
        };
        self.runtime.events.emit(event.chat(stored.chat).upd(stored.update));
        if let Some(lead) = &stored.lead {
            let event = Event::info(Self::NAME, "lead_recorded")
                .chat(stored.chat)
                .upd(stored.update);
            let event = event.with("lead", lead.lead).with("source", lead.source.word());
            self.runtime.events.emit(event.with("outcome", lead.outcome.word()));
        }
    }

    /// Looks for rows that wait and retires who is idle; then again, every ten seconds.
    fn sweep(&mut self, ctx: &mut Ctx<'_, Self>) {
        if self.is_stopping {
            return;
        }
        self.retire_idle(ctx);
        let most = self.settings.limits.open_turns + self.settings.limits.idle_conversations;
        let find = FindWaitingChats {
            limit: u32::try_from(most).unwrap_or(u32::MAX),
        };
        let port = self.ports.waiting.clone();
        ctx.spawn(async move { port.ask(find, ASK_LIMIT).await }, |this, found, ctx| {
            match found {
                Ok(Ok(chats)) => this.look_at(chats, ctx),
                Ok(Err(error)) => this.not_found(&error.to_string()),
                Err(error) => this.not_found(&error.to_string()),
            }
            let (clock, pause) = (this.runtime.clock.clone(), this.settings.limits.sweep);
            ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| this.sweep(ctx));
        });
    }

    fn not_found(&self, reason: &str) {
        let event = Event::warn(Self::NAME, "waiting_rows_not_read").with("reason", reason);
        self.runtime.events.emit(event);
    }

    fn look_at(&mut self, chats: Vec<WaitingChat>, ctx: &mut Ctx<'_, Self>) {
        let now = self.runtime.clock.now();
        for WaitingChat { chat, oldest } in chats {
            if let Some(conversation) = self.conversations.borrow_mut().wake(chat, now) {
                let look = conversation.look.clone();
                // Asked, not hinted: this is what makes up for a lost hint.
                ctx.spawn(
                    async move { look.ask(LookForWork { oldest }, ASK_LIMIT).await },
                    |_, _, _| (),
                );
            }
        }
    }

    fn retire_idle(&mut self, ctx: &mut Ctx<'_, Self>) {
        let now = self.runtime.clock.now();
        let idle_after = self.settings.conversation.idle_after;
        let room = self.settings.limits.idle_conversations;
        let idle = self.conversations.borrow_mut().idle(now, idle_after, room);
        for (chat, port) in idle {
            ctx.spawn(
                async move { port.ask(Retire, ASK_LIMIT).await },
                move |this, outcome, ctx| {
                    this.retired(chat, outcome, ctx);
                },
            );
        }
    }

    fn retired(&mut self, chat: ChatId, outcome: Result<bool, PortError>, ctx: &mut Ctx<'_, Self>) {
        let did = outcome.unwrap_or(false);
        let is_wanted = self.conversations.borrow_mut().retired(chat, did);
        if is_wanted && !self.is_stopping {
            // Its rows were stored while nobody listened; look for them at once instead of with the next sweep.
            let port = self.ports.waiting.clone();
            let most = u32::try_from(self.conversations.borrow().len())
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            ctx.spawn(
                async move { port.ask(FindWaitingChats { limit: most }, ASK_LIMIT).await },
                |this, found, ctx| {
                    if let Ok(Ok(chats)) = found {
                        this.look_at(chats, ctx);
                    }
                },
            );
        }
    }
}

impl Behaviour for InboxActor {
    const NAME: &'static str = "inbox";

    fn started(&mut self, birth: Birth, ctx: &mut Ctx<'_, Self>) {
        if birth == Birth::Again {
            self.conversations.borrow_mut().keep_all();
        }
        self.sweep(ctx);
    }
}

impl Receive<UpdatesReceived> for InboxActor {
    fn receive(&mut self, received: UpdatesReceived, answer: Answer<Result<(), NotStored>>, ctx: &mut Ctx<'_, Self>) {
        let store = self.store(received.updates);
        let port = self.ports.store.clone();
        ctx.spawn(async move { persist(&port, store).await }, |this, outcome, _| {
            answer.give(match outcome {
                Ok(stored) => {
                    this.stored(stored);
                    Ok(())
                }
                Err(error) => {
                    let failed = Event::error(Self::NAME, "updates_not_stored").with("reason", &error);
                    this.runtime.events.emit(failed);
                    Err(NotStored(error.to_string()))
                }
            });
        });
    }
}

impl Receive<StopInbox> for InboxActor {
    fn receive(&mut self, _stop: StopInbox, answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        self.is_stopping = true;
        let stops = self.conversations.borrow().stops();
        let limit = (self.settings.limits.stop + TimeDelta::seconds(1))
            .to_std()
            .unwrap_or(ASK_LIMIT);
        let stopping = async move {
            join_all(
                stops
                    .iter()
                    .map(|stop| stop.ask(crate::conversation::messages::StopTurns, limit)),
            )
            .await
        };
        ctx.spawn(stopping, |_, _, _| answer.give(()));
    }
}
