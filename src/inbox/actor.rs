//! InboxActor: stores a batch in one commit, sends a hint to each conversation concerned, and only then answers, so that
//! the poller may confirm. A sweep every ten seconds finds unclaimed rows (after a start or a lost hint) and passes them
//! on, oldest first.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use base::Event;
use chrono::TimeDelta;
use contacts::finder::Finder;
use domain::{Change, InboxId, IncomingUpdate, Language, OutgoingMessage};
use futures_util::future::join_all;
use store::{
    Admission, EndUnreadable, FindWaitingChats, FloodBounds, FloodNotices, Outcome, SharedLeadRules, StoreUpdates,
    StoredUpdate, StoredUpdates, WaitingChat, WaitingChats,
};
use wording::phrases::{Phrase, Phrases};

use super::albums::Albums;
use super::conversations::{Chosen, Conversations};
use super::messages::StopInbox;
use crate::config::{ConversationConfig, Limits};
use crate::conversation::messages::{Arrived, BecameIdle, CheckRows, Retire, TakeRow};
use crate::db::messages::persist;
use crate::outbox::messages::DeliveriesQueued;
use crate::runtime::{Answer, Behaviour, Ctx, Port, Receive, Runtime, StartReason};
use crate::telegram::messages::{NotStored, UpdatesReceived};

const ASK_LIMIT: Duration = Duration::from_secs(30);

/// The recipients the inbox needs.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: makes a batch durable.
    pub store: Port<Arc<StoreUpdates>>,
    /// DbActor: finds waiting rows.
    pub waiting: Port<FindWaitingChats>,
    /// DbActor: ends waiting rows that cannot be read.
    pub end: Port<EndUnreadable>,
    /// OutboxActor: sends the notices written with a batch.
    pub deliveries: Port<DeliveriesQueued>,
}

/// The inbox's settings.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The limits of turns.
    pub conversation: ConversationConfig,
    /// The bounds.
    pub limits: Limits,
    /// The texts of immediate notices.
    pub phrases: Phrases,
    /// `BOT_LANGUAGE`.
    pub language: Language,
    /// Finds contacts in messages.
    pub finder: Finder,
    /// The recipients of lead notifications, and their schedule.
    pub rules: SharedLeadRules,
}

/// The actor.
pub(crate) struct InboxActor {
    ports: Ports,
    settings: Settings,
    runtime: Runtime,
    /// Shared, because conversations survive a panic of the inbox.
    conversations: Rc<RefCell<Conversations>>,
    albums: Albums,
    is_stopping: bool,
}

impl InboxActor {
    pub(crate) fn new(
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

    fn statement(&mut self, updates: Vec<IncomingUpdate>) -> StoreUpdates {
        let per_minute = self.settings.conversation.rate_limit_per_minute;
        StoreUpdates {
            admissions: updates.into_iter().map(|update| self.admit(update)).collect(),
            max_per_minute: (per_minute > 0).then_some(per_minute),
            max_waiting: u32::try_from(self.settings.limits.waiting_rows_per_customer).unwrap_or(u32::MAX),
            floods: self.floods(),
            rules: self.settings.rules.clone(),
        }
    }

    fn floods(&self) -> FloodBounds {
        let limits = &self.settings.limits;
        FloodBounds {
            per_day: limits.messages_per_day,
            kept_per_hour: limits.flood_kept_per_hour,
            kept_per_day: limits.flood_kept_per_day,
            chars: limits.flood_chars,
        }
    }

    fn admit(&mut self, update: IncomingUpdate) -> Admission {
        if let Some(content) = &update.unknown_content {
            let unknown = Event::warn(Self::NAME, "unknown_content").chat(update.chat);
            let content: String = content.chars().take(60).collect();
            self.runtime
                .events
                .emit(unknown.upd(update.update.0).with("content", content));
        }
        let fallback = self.settings.language;
        let language = update
            .profile
            .as_ref()
            .map_or(fallback, |profile| profile.language(fallback));
        let say = |phrase| OutgoingMessage::plain(self.settings.phrases.say(language, phrase));
        let farewell = matches!(update.change, Change::JoinedGroup { may_write: true });
        Admission {
            flood_notices: matches!(update.change, Change::Wrote(_)).then(|| FloodNotices {
                minute: say(Phrase::Flood),
                day: say(Phrase::FloodOfDay),
            }),
            farewell: farewell.then(|| say(Phrase::GroupFarewell)),
            contacts: match &update.change {
                Change::Wrote(message) | Change::Edited(message) => self.settings.finder.find(message),
                _ => Vec::new(),
            },
            counts: self.albums.counts(&update),
            update,
        }
    }

    fn stored(&mut self, stored: StoredUpdates, ctx: &mut Ctx<'_, Self>) {
        if !stored.deliveries.is_empty() {
            self.ports.deliveries.hint(DeliveriesQueued {
                deliveries: stored.deliveries,
            });
        }
        for update in stored.updates {
            self.log_stored(&update);
            self.wake(update);
        }
        self.make_room(ctx);
    }

    fn wake(&self, stored: StoredUpdate) {
        let arrived = match stored.outcome {
            Outcome::Waiting(row) => Arrived::Row(row),
            Outcome::Edited(edit) => Arrived::Edit(edit),
            Outcome::Ignored(_, row) if stored.lead.is_some() => Arrived::Lead(row),
            Outcome::Ignored(..) | Outcome::Counted | Outcome::Duplicate => return,
        };
        if self.is_stopping {
            return;
        }
        let take = TakeRow {
            arrived,
            previous: stored.previous,
            lead: stored.lead.map(|lead| lead.source),
        };
        let now = self.runtime.clock.now();
        self.conversations.borrow_mut().take(stored.chat, take, now);
    }

    fn log_stored(&self, stored: &StoredUpdate) {
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
            Outcome::Counted => Event::debug(Self::NAME, "flood_update_counted"),
            Outcome::Duplicate => Event::info(Self::NAME, "duplicate_update"),
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

    /// Retires unused conversations and finds waiting rows, every ten seconds.
    fn sweep(&mut self, ctx: &mut Ctx<'_, Self>) {
        if self.is_stopping {
            return;
        }
        self.retire_unused(ctx);
        // All that can be live or queued, so that rows found at a start do not wait for the next sweep.
        let limits = &self.settings.limits;
        let max_chats = limits.open_turns + limits.idle_conversations + limits.waiting_chats;
        let find = FindWaitingChats {
            limit: u32::try_from(max_chats).unwrap_or(u32::MAX),
        };
        let port = self.ports.waiting.clone();
        ctx.spawn(async move { port.ask(find, ASK_LIMIT).await }, |this, found, ctx| {
            match found {
                Ok(Ok(WaitingChats { chats, unreadable })) => {
                    this.end_unreadable(unreadable, ctx);
                    this.pass_on(chats, ctx);
                }
                Ok(Err(error)) => this.sweep_failed(&error.to_string()),
                Err(error) => this.sweep_failed(&error.to_string()),
            }
            let (clock, pause) = (this.runtime.clock.clone(), this.settings.limits.sweep);
            ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| this.sweep(ctx));
        });
    }

    fn sweep_failed(&self, reason: &str) {
        let event = Event::warn(Self::NAME, "sweep_failed").with("reason", reason);
        self.runtime.events.emit(event);
    }

    /// Without a readable chat these rows cannot be answered.
    fn end_unreadable(&self, rows: Vec<InboxId>, ctx: &mut Ctx<'_, Self>) {
        if rows.is_empty() {
            return;
        }
        for row in &rows {
            let event = Event::error(Self::NAME, "message_unreadable").with("row", row);
            self.runtime.events.emit(event);
        }
        let port = self.ports.end.clone();
        // The writer logs an error, and the next sweep finds the rows again.
        ctx.spawn(
            async move { persist(&port, &EndUnreadable { rows }).await },
            |_, _, _| (),
        );
    }

    fn pass_on(&mut self, chats: Vec<WaitingChat>, ctx: &mut Ctx<'_, Self>) {
        if self.is_stopping {
            return;
        }
        let now = self.runtime.clock.now();
        let mut conversations = self.conversations.borrow_mut();
        let requests = chats.into_iter().filter_map(|WaitingChat { chat, oldest }| {
            let port = conversations.work_port(chat, now)?;
            // A request, not a hint: it makes up for lost hints.
            Some(async move { port.ask(CheckRows { oldest }, ASK_LIMIT).await })
        });
        let requests = join_all(requests.collect::<Vec<_>>());
        drop(conversations);
        ctx.spawn(requests, |_, _, _| ());
        self.make_room(ctx);
    }

    fn retire_unused(&mut self, ctx: &mut Ctx<'_, Self>) {
        let (now, idle_after) = (self.runtime.clock.now(), self.settings.conversation.idle_after);
        let unused = self.conversations.borrow_mut().unused(now, idle_after);
        self.retire(unused, ctx);
    }

    /// Retires the longest idle conversations: those above the bound, and one per queued chat.
    fn make_room(&mut self, ctx: &mut Ctx<'_, Self>) {
        let chosen = self.conversations.borrow_mut().surplus();
        self.retire(chosen, ctx);
    }

    fn retire(&mut self, chosen: Chosen, ctx: &mut Ctx<'_, Self>) {
        if chosen.is_empty() || self.is_stopping {
            return;
        }
        let asked = chosen
            .into_iter()
            .map(|(chat, port)| async move { (chat, port.ask(Retire, ASK_LIMIT).await.unwrap_or(false)) });
        ctx.spawn(join_all(asked), |this, answers, ctx| {
            if this.is_stopping {
                return;
            }
            let now = this.runtime.clock.now();
            let mut conversations = this.conversations.borrow_mut();
            for (chat, has_retired) in answers {
                conversations.retired(chat, has_retired, now);
            }
            conversations.serve_queue(now);
            drop(conversations);
            this.make_room(ctx);
        });
    }
}

impl Behaviour for InboxActor {
    const NAME: &'static str = "inbox";

    fn started(&mut self, reason: StartReason, ctx: &mut Ctx<'_, Self>) {
        if reason == StartReason::AfterPanic {
            let now = self.runtime.clock.now();
            self.conversations.borrow_mut().keep_all(now);
        }
        self.sweep(ctx);
    }
}

impl Receive<UpdatesReceived> for InboxActor {
    fn receive(&mut self, received: UpdatesReceived, answer: Answer<Result<(), NotStored>>, ctx: &mut Ctx<'_, Self>) {
        let store = Arc::new(self.statement(received.updates));
        let port = self.ports.store.clone();
        ctx.spawn(
            async move { persist(&port, &store).await },
            |this, outcome, ctx| match outcome {
                Ok(stored) => {
                    this.stored(stored, ctx);
                    answer.give(Ok(()));
                }
                Err(error) => {
                    let failed = Event::warn(Self::NAME, "updates_store_failed").with("reason", &error);
                    this.runtime.events.emit(failed);
                    answer.give(Err(NotStored(error.to_string())));
                }
            },
        );
    }
}

impl Receive<BecameIdle> for InboxActor {
    fn receive(&mut self, rested: BecameIdle, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        let now = self.runtime.clock.now();
        self.conversations.borrow_mut().became_idle(rested.chat, now);
        self.make_room(ctx);
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
