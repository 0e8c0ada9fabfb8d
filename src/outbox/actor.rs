//! OutboxActor: hands each claimed row to its edge, turns what came of it into a verdict, records the verdict and
//! gets the lane's next row with the same commit. What it was not told of it finds by itself every ten seconds.

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::messages::{DeliveriesQueued, StopDelivering};
use super::policy;
use crate::config::Limits;
use crate::db::messages::{ClaimDeliveries, ClaimedDeliveries, DbError, RecordVerdict, RecoverDeliveries, persist};
use crate::domain::{ChatId, Delivery, DeliveryId, Payload, Verdict};
use crate::runtime::{Answer, Behaviour, Birth, Ctx, Event, Port, Receive, Runtime, Task};
use crate::telegram::messages::{ChatContent, SendError, SendReply, SentMessage};

/// Rows ended lately, as a multiple of those in hand: a hint that comes after the sweep found its row must not send it
/// again.
const REMEMBERED: usize = 4;

/// What the outbox needs of others.
#[derive(Clone)]
pub struct Ports {
    /// DbActor: rows that are due.
    pub claim: Port<ClaimDeliveries>,
    /// DbActor: what was in hand when this actor panicked.
    pub recover: Port<RecoverDeliveries>,
    /// DbActor: how a delivery went.
    pub record: Port<RecordVerdict>,
    /// TelegramSender.
    pub send: Port<SendReply>,
}

/// The actor.
pub struct OutboxActor {
    ports: Ports,
    runtime: Runtime,
    limits: Limits,
    held: HashMap<DeliveryId, ChatId>,
    ended: VecDeque<(DeliveryId, u32)>,
    ended_set: HashSet<(DeliveryId, u32)>,
    timer: Option<(DateTime<Utc>, Task)>,
    is_claiming: bool,
    is_recovering: bool,
    stopping: Vec<Answer<()>>,
    is_stopping: bool,
}

impl OutboxActor {
    /// An outbox with nothing in hand.
    pub fn new(runtime: &Runtime, limits: &Limits, ports: Ports) -> Self {
        Self {
            ports,
            limits: limits.clone(),
            runtime: runtime.clone(),
            held: HashMap::new(),
            ended: VecDeque::new(),
            ended_set: HashSet::new(),
            timer: None,
            is_claiming: false,
            is_recovering: false,
            stopping: Vec::new(),
            is_stopping: false,
        }
    }

    fn deliver(&mut self, delivery: Delivery, ctx: &mut Ctx<'_, Self>) {
        let is_known =
            self.held.contains_key(&delivery.id) || self.ended_set.contains(&(delivery.id, delivery.attempt));
        if is_known {
            return;
        }
        self.held.insert(delivery.id, delivery.chat);
        if self.is_stopping {
            self.hand_back(&delivery, ctx);
            return;
        }
        let now = self.runtime.clock.now();
        if policy::is_too_old(delivery.created_at, now, self.limits.reply_age) {
            self.record(&delivery, policy::too_old(), ctx);
            return;
        }
        let Some(content) = content_leaving(&delivery, now) else {
            return;
        };
        let chat = delivery.chat;
        let answer = self.ports.send.command(SendReply { chat, content });
        ctx.spawn(answer, move |this, outcome, ctx| {
            // A sender that panicked may have sent it before.
            let outcome = outcome.unwrap_or(Err(SendError::Unknown("panicked")));
            let now = this.runtime.clock.now();
            let verdict = policy::verdict(&outcome, &delivery, now, this.limits.reply_age);
            this.tell(&delivery, &outcome, &verdict);
            this.record(&delivery, verdict, ctx);
        });
    }

    /// Claimed with the commit that ended its predecessor, but there is no time left to send it.
    fn hand_back(&mut self, delivery: &Delivery, ctx: &mut Ctx<'_, Self>) {
        let verdict = Verdict::RetryAt {
            due: self.runtime.clock.now() + TimeDelta::seconds(1),
            reason: "stopping",
            maybe_sent: false,
        };
        self.record(delivery, verdict, ctx);
    }

    fn record(&mut self, delivery: &Delivery, verdict: Verdict, ctx: &mut Ctx<'_, Self>) {
        let (id, attempt) = (delivery.id, delivery.attempt);
        let retry_at = match &verdict {
            Verdict::RetryAt { due, .. } => Some(*due),
            _ => None,
        };
        let record = RecordVerdict { id, attempt, verdict };
        let port = self.ports.record.clone();
        ctx.spawn(
            async move { persist(&port, record).await },
            move |this, next, ctx| match next {
                Ok(next) => this.recorded((id, attempt), retry_at, next, ctx),
                // Held for ever: known to be dealt with, not known to be recorded; the next start decides.
                Err(error) => this.not_recorded(id, &error),
            },
        );
    }

    fn recorded(
        &mut self,
        ended: (DeliveryId, u32),
        retry_at: Option<DateTime<Utc>>,
        next: Option<Delivery>,
        ctx: &mut Ctx<'_, Self>,
    ) {
        self.held.remove(&ended.0);
        match retry_at {
            Some(due) => self.wake_at(due, ctx),
            None => self.remember(ended),
        }
        if let Some(next) = next {
            self.deliver(next, ctx);
        }
        if self.held.is_empty() {
            for answer in self.stopping.drain(..) {
                answer.give(());
            }
        }
    }

    fn not_recorded(&self, id: DeliveryId, error: &DbError) {
        let event = Event::error(Self::NAME, "verdict_not_recorded").with("delivery", id);
        self.runtime.events.emit(event.with("reason", error));
    }

    fn remember(&mut self, ended: (DeliveryId, u32)) {
        self.ended.push_back(ended);
        self.ended_set.insert(ended);
        if self.ended.len() > REMEMBERED * self.limits.deliveries_in_hand
            && let Some(oldest) = self.ended.pop_front()
        {
            self.ended_set.remove(&oldest);
        }
    }

    /// One look at what is due, at `due` or when the sweep comes round, whichever is first.
    fn wake_at(&mut self, due: DateTime<Utc>, ctx: &mut Ctx<'_, Self>) {
        let due = due.min(self.runtime.clock.now() + self.limits.sweep);
        if let Some((armed, task)) = self.timer {
            if armed <= due {
                return;
            }
            ctx.cancel(task);
        }
        let clock = self.runtime.clock.clone();
        let task = ctx.spawn(async move { clock.until(due).await }, |this, (), ctx| {
            this.timer = None;
            this.claim(ctx);
        });
        self.timer = Some((due, task));
    }

    /// Marks what was in hand; nothing is claimed before, or it would leave again without its mark.
    fn recover(&mut self, ctx: &mut Ctx<'_, Self>) {
        let port = self.ports.recover.clone();
        let recovering = async move { persist(&port, RecoverDeliveries).await };
        ctx.spawn(recovering, |this, outcome, ctx| {
            if outcome.is_ok() {
                this.claim(ctx);
                return;
            }
            let (clock, pause) = (this.runtime.clock.clone(), this.limits.sweep);
            ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| {
                this.recover(ctx);
            });
        });
    }

    fn claim(&mut self, ctx: &mut Ctx<'_, Self>) {
        if self.is_claiming || self.is_stopping {
            return;
        }
        self.is_claiming = true;
        let answer = self.ports.claim.command(ClaimDeliveries {
            held: self.held.keys().copied().collect(),
            limit: u32::try_from(self.limits.deliveries_in_hand.saturating_sub(self.held.len())).unwrap_or_default(),
        });
        ctx.spawn(answer, |this, claimed, ctx| {
            this.is_claiming = false;
            let claimed = match claimed {
                Ok(Ok(claimed)) => claimed,
                // Asked again with the next sweep.
                Ok(Err(_)) | Err(_) => ClaimedDeliveries::default(),
            };
            this.is_recovering = false;
            for delivery in claimed.deliveries {
                this.deliver(delivery, ctx);
            }
            let sweep = this.runtime.clock.now() + this.limits.sweep;
            this.wake_at(claimed.next_due.map_or(sweep, |due| due.min(sweep)), ctx);
        });
    }

    fn tell(&self, delivery: &Delivery, outcome: &Result<SentMessage, SendError>, verdict: &Verdict) {
        let event = match verdict {
            Verdict::Sent { .. } => Event::info(Self::NAME, "reply_sent"),
            Verdict::RetryAt { .. } => Event::warn(Self::NAME, "reply_delayed"),
            Verdict::Blocked => Event::info(Self::NAME, "customer_blocked"),
            Verdict::Dead { .. } => Event::error(Self::NAME, "reply_dead"),
        };
        let event = event
            .chat(delivery.chat)
            .with_some("upd", delivery.update)
            .with("delivery", delivery.id)
            .with("attempt", delivery.attempt);
        let event = match (outcome, verdict) {
            (Ok(sent), _) if sent.is_plain => event.with("plain", true),
            (
                _,
                Verdict::RetryAt {
                    due,
                    reason,
                    maybe_sent,
                },
            ) => event
                .with("reason", reason)
                .with("maybe_sent", maybe_sent)
                .with("wait_ms", (*due - self.runtime.clock.now()).num_milliseconds().max(0)),
            (_, Verdict::Dead { reason }) => event.with("reason", reason),
            _ => event,
        };
        self.runtime.events.emit(event);
    }
}

/// What goes to the chat now: late replies quote their question.
fn content_leaving(delivery: &Delivery, now: DateTime<Utc>) -> Option<ChatContent> {
    match &delivery.payload {
        Payload::Message(message) => Some(ChatContent::Message(Box::new(message.clone().leaving_at(now)))),
        Payload::LeaveChat => Some(ChatContent::Leave),
        Payload::Letter { .. } => None,
    }
}

impl Behaviour for OutboxActor {
    const NAME: &'static str = "outbox";

    fn started(&mut self, birth: Birth, ctx: &mut Ctx<'_, Self>) {
        if birth == Birth::First {
            self.claim(ctx);
            return;
        }
        // What was in hand may have been sent. Until it is claimed anew a hint may speak of such a row.
        self.is_recovering = true;
        self.recover(ctx);
    }
}

impl Receive<DeliveriesQueued> for OutboxActor {
    fn receive(&mut self, queued: DeliveriesQueued, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        if !self.is_recovering {
            for delivery in queued.deliveries {
                self.deliver(delivery, ctx);
            }
        }
    }
}

impl Receive<StopDelivering> for OutboxActor {
    fn receive(&mut self, _stop: StopDelivering, answer: Answer<()>, _ctx: &mut Ctx<'_, Self>) {
        self.is_stopping = true;
        if self.held.is_empty() {
            answer.give(());
        } else {
            self.stopping.push(answer);
        }
    }
}
