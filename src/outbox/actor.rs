//! OutboxActor: hands each claimed row to its edge, turns what came of it into a verdict, records the verdict and
//! gets the lane's next row with the same commit. What it was not told of it finds by itself every ten seconds.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Delivery, DeliveryId, Letter, Payload, SharedLeadRules, Verdict};
use tokio::sync::Semaphore;

use super::events::{told, unreadable};
use super::in_hand::{Came, InHand};
use super::messages::{DeliveriesQueued, StopDelivering};
use super::policy;
use super::post::Post;
use super::refusals::Refusals;
use super::standing::Standing;
use crate::config::Limits;
use crate::db::messages::{
    ClaimDeliveries, ClaimedDeliveries, DbError, LoadLetter, RaiseAlert, RecordVerdict, RecoverDeliveries,
    ReleaseHeldLetters, persist,
};
use crate::mailer::messages::{MailError, SendMail};
use crate::runtime::{Answer, Behaviour, Ctx, Port, Receive, Runtime, StartReason};
use crate::telegram::messages::{ChatContent, SendError, SendReply};

/// Rows ended lately, as a multiple of those in hand: a hint that comes after the sweep found its row must not send it
/// again.
const REMEMBERED: usize = 4;
/// How much longer than its age a letter waits for its last try.
const LAST_TRY: TimeDelta = TimeDelta::hours(1);

/// What the outbox needs of others.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: rows that are due.
    pub claim: Port<ClaimDeliveries>,
    /// DbActor: what was in hand when this actor panicked.
    pub recover: Port<RecoverDeliveries>,
    /// DbActor: how a delivery went.
    pub record: Port<RecordVerdict>,
    /// TelegramSender.
    pub send: Port<SendReply>,
    /// DbActor: what a letter tells.
    pub letter: Port<LoadLetter>,
    /// MailerActor.
    pub mail: Port<SendMail>,
    /// DbActor: letters that waited for a setting, at a start.
    pub release: Port<ReleaseHeldLetters>,
    /// DbActor: trouble an operator has to hear of.
    pub alert: Port<RaiseAlert>,
}

/// The actor.
pub(crate) struct OutboxActor {
    pub(super) ports: Ports,
    pub(super) runtime: Runtime,
    limits: Limits,
    /// Who the operators are.
    pub(super) rules: SharedLeadRules,
    pub(super) standing: Standing,
    refusals: Refusals,
    held: InHand,
    ended: VecDeque<(DeliveryId, u32)>,
    ended_set: HashSet<(DeliveryId, u32)>,
    /// A report is a page of megabytes, and each owner has his own: read one by one they keep no customer's rows waiting.
    one_report: Arc<Semaphore>,
    timer: Option<DateTime<Utc>>,
    is_claiming: bool,
    is_recovering: bool,
    stopping: Vec<Answer<()>>,
    is_stopping: bool,
}

impl OutboxActor {
    /// An outbox with nothing in hand.
    pub(crate) fn new(runtime: &Runtime, limits: &Limits, rules: SharedLeadRules, ports: Ports) -> Self {
        Self {
            ports,
            refusals: Refusals::default(),
            limits: limits.clone(),
            runtime: runtime.clone(),
            rules,
            standing: Standing::default(),
            held: InHand::new(limits),
            ended: VecDeque::new(),
            ended_set: HashSet::new(),
            one_report: Arc::new(Semaphore::new(1)),
            timer: None,
            is_claiming: false,
            is_recovering: false,
            stopping: Vec::new(),
            is_stopping: false,
        }
    }

    pub(super) fn deliver(&mut self, delivery: Delivery, came: Came, ctx: &mut Ctx<'_, Self>) {
        let is_known = self.held.holds(delivery.id) || self.ended_set.contains(&(delivery.id, delivery.attempt));
        if is_known {
            return;
        }
        let is_letter = matches!(delivery.payload, Payload::Letter { .. });
        let has_room = self.held.take(delivery.id, is_letter, came);
        if self.is_stopping || !has_room {
            let reason = if self.is_stopping { "stopping" } else { "no_room" };
            self.hand_back(&delivery, reason, ctx);
            return;
        }
        let now = self.runtime.clock.now();
        // A letter that comes to its age while it waits for its last try has it.
        let spared = if is_letter { LAST_TRY } else { TimeDelta::zero() };
        let age = self.age(is_letter).checked_add(&spared).unwrap_or(TimeDelta::MAX);
        if policy::is_too_old(delivery.created_at, now, age) {
            let verdict = policy::too_old();
            self.tell(&delivery, &verdict, None);
            self.record(&delivery, verdict, ctx);
            return;
        }
        match &delivery.payload {
            Payload::Message(message) => {
                let mut leaving = message.clone();
                // How late it is cannot be known by a clock that is wrong.
                if self.runtime.clock.disagreement().is_none() {
                    leaving = leaving.leaving_at(now);
                }
                self.send(ChatContent::Message(Box::new(leaving)), delivery, ctx);
            }
            Payload::LeaveChat => self.send(ChatContent::Leave, delivery, ctx),
            Payload::Letter { .. } => self.mail(delivery, ctx),
        }
    }

    /// The age at which a delivery is given up: none is by a clock that is wrong, and no reply while the token is refused.
    fn age(&self, is_letter: bool) -> TimeDelta {
        let is_known = self.runtime.clock.disagreement().is_none();
        match is_letter {
            true if is_known => self.limits.mail_age,
            false if is_known && !self.standing.is_token_refused => self.limits.reply_age,
            _ => TimeDelta::MAX,
        }
    }

    fn send(&mut self, content: ChatContent, delivery: Delivery, ctx: &mut Ctx<'_, Self>) {
        let chat = delivery.chat;
        let answer = self.ports.send.command(SendReply { chat, content });
        ctx.spawn(answer, move |this, outcome, ctx| {
            // A sender that panicked may have sent it before.
            let outcome = outcome.unwrap_or(Err(SendError::Unknown("panicked")));
            let now = this.runtime.clock.now();
            this.heard(&outcome, ctx);
            let rejections = this.standing.rejections(delivery.id, &outcome);
            let verdict = policy::verdict(&outcome, &delivery, now, (this.age(false), rejections));
            let is_plain = outcome.is_ok_and(|sent| sent.is_plain).then_some(true);
            this.tell(&delivery, &verdict, is_plain);
            this.record(&delivery, verdict, ctx);
        });
    }

    /// A letter is read when it leaves: it tells what is known by then of the replies in it.
    fn mail(&mut self, delivery: Delivery, ctx: &mut Ctx<'_, Self>) {
        let Some(load) = LoadLetter::of(&delivery, self.limits.letter_lines, self.limits.letters_per_hour) else {
            return;
        };
        let post = Post {
            letter: self.ports.letter.clone(),
            mail: self.ports.mail.clone(),
            events: self.runtime.events.clone(),
        };
        let place = matches!(load.letter, Letter::Report(_)).then(|| Arc::clone(&self.one_report));
        let mailing = async move {
            let _held = match place {
                Some(one) => one.acquire_owned().await.ok(),
                None => None,
            };
            post.hand_over(load).await
        };
        ctx.spawn(mailing, move |this, outcome, ctx| {
            let now = this.runtime.clock.now();
            let refusals = this.refusals.before(delivery.id, &outcome);
            let verdict = policy::letter_verdict(&outcome, &delivery, refusals, now, this.age(true));
            // The mailer says once that the account is refused, and once that it is no longer.
            let is_held = matches!(
                (&outcome, &verdict),
                (Err(MailError::Held { .. }), Verdict::RetryAt { .. })
            );
            if !is_held {
                this.tell(&delivery, &verdict, None);
            }
            if let Err(MailError::Refused(said) | MailError::TooLarge(said) | MailError::Configuration(said)) = outcome
            {
                this.alert_of_letters(delivery, said, verdict, ctx);
            } else {
                this.record(&delivery, verdict, ctx);
            }
        });
    }

    /// Claimed with the commit that wrote it or ended its predecessor, but there is no time or no room to send it.
    fn hand_back(&mut self, delivery: &Delivery, reason: &str, ctx: &mut Ctx<'_, Self>) {
        let verdict = Verdict::RetryAt {
            due: self.runtime.clock.now() + TimeDelta::seconds(1),
            reason: reason.into(),
            maybe_sent: false,
        };
        self.record(delivery, verdict, ctx);
    }

    pub(super) fn record(&mut self, delivery: &Delivery, verdict: Verdict, ctx: &mut Ctx<'_, Self>) {
        let (id, attempt) = (delivery.id, delivery.attempt);
        self.persist(RecordVerdict { id, attempt, verdict }, ctx);
    }

    fn persist(&mut self, record: RecordVerdict, ctx: &mut Ctx<'_, Self>) {
        let ended = (record.id, record.attempt);
        let retry_at = match &record.verdict {
            Verdict::RetryAt { due, .. } => Some(*due),
            _ => {
                self.refusals.forget(record.id);
                None
            }
        };
        let (port, again) = (self.ports.record.clone(), record.clone());
        ctx.spawn(
            async move { persist(&port, record).await },
            move |this, next, ctx| match next {
                Ok(next) => this.recorded(ended, retry_at, next, ctx),
                Err(error) => this.not_recorded(again, &error, ctx),
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
        self.held.put_down(ended.0);
        // Also one that is tried again: the next attempt has another number, and an echo of this one would be sent, but no
        // verdict of it recorded, and so the next would send it once more without a mark.
        self.remember(ended);
        if let Some(due) = retry_at {
            self.wake_at(due, ctx);
        }
        if let Some(next) = next {
            self.deliver(next, Came::Claimed, ctx);
        }
        if self.held.is_empty() {
            for answer in self.stopping.drain(..) {
                answer.give(());
            }
        }
        if self.held.is_room_wanted() {
            self.claim(ctx);
        }
    }

    /// Held until it is: known to be dealt with, it must not leave again.
    fn not_recorded(&mut self, record: RecordVerdict, error: &DbError, ctx: &mut Ctx<'_, Self>) {
        let event = Event::warn(Self::NAME, "verdict_not_recorded").with("delivery", record.id);
        self.runtime.events.emit(event.with("reason", error));
        let (clock, pause) = (self.runtime.clock.clone(), self.limits.sweep);
        ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| {
            this.persist(record, ctx);
        });
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
        let now = self.runtime.clock.now();
        let due = due.min(now + self.limits.sweep);
        if self.timer.is_some_and(|armed| armed <= due) {
            return;
        }
        self.timer = Some(due);
        let clock = self.runtime.clock.clone();
        ctx.spawn(async move { clock.after(due - now).await }, move |this, (), ctx| {
            // Otherwise an earlier one was armed since.
            if this.timer == Some(due) {
                this.timer = None;
                this.claim(ctx);
            }
        });
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

    pub(super) fn claim(&mut self, ctx: &mut Ctx<'_, Self>) {
        if self.is_claiming || self.is_stopping {
            return;
        }
        self.watch_clock(ctx);
        self.is_claiming = true;
        let left = self.held.left();
        let answer = self.ports.claim.command(ClaimDeliveries {
            held: self.held.ids(),
            limit: left.0,
            letters: left.1,
        });
        ctx.spawn(answer, move |this, claimed, ctx| {
            this.is_claiming = false;
            let claimed = match claimed {
                Ok(Ok(claimed)) => claimed,
                // Asked again with the next sweep; a refusal is logged by the writer, a panic by its guard.
                Ok(Err(_logged)) => ClaimedDeliveries::default(),
                Err(_logged) => ClaimedDeliveries::default(),
            };
            for row in &claimed.unreadable {
                this.runtime.events.emit(unreadable(row));
            }
            this.is_recovering = false;
            let is_letter = |delivery: &&Delivery| matches!(delivery.payload, Payload::Letter { .. });
            let letters = claimed.deliveries.iter().filter(is_letter).count();
            this.held.claimed(left, claimed.deliveries.len() - letters, letters);
            for delivery in claimed.deliveries {
                this.deliver(delivery, Came::Claimed, ctx);
            }
            let sweep = this.runtime.clock.now() + this.limits.sweep;
            this.wake_at(claimed.next_due.map_or(sweep, |due| due.min(sweep)), ctx);
        });
    }

    fn tell(&self, delivery: &Delivery, verdict: &Verdict, is_plain: Option<bool>) {
        let now = self.runtime.clock.now();
        self.runtime.events.emit(told(delivery, verdict, is_plain, now));
    }
}

impl Behaviour for OutboxActor {
    const NAME: &'static str = super::events::NAME;

    fn started(&mut self, reason: StartReason, ctx: &mut Ctx<'_, Self>) {
        if reason == StartReason::Initial {
            let port = self.ports.release.clone();
            let releasing = async move { persist(&port, ReleaseHeldLetters).await };
            // Without it they leave when they are due.
            ctx.spawn(releasing, |this, _released, ctx| this.claim(ctx));
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
                self.deliver(delivery, Came::Born, ctx);
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
