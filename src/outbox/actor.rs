//! OutboxActor: hands each claimed row to its courier, turns what came of it into a verdict, records the verdict and
//! gets the lane's next row with the same commit: `deliver`, `judge`, `record`, `write`, `recorded`, and `deliver` again. Every ten
//! seconds it looks for rows that no hint brought.

use std::rc::Rc;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use domain::DeliveryId;
use store::{
    ClaimDeliveries, ClaimedDeliveries, DbError, Delivery, EachWay, RaiseAlert, RecordVerdict, RecoverDeliveries,
    ReleaseHeldLetters, SharedLeadRules, Verdict, Way,
};

use super::courier::{Alarm, Couriers, Outcome, Terms};
use super::events::{told, unreadable};
use super::in_hand::{Came, Ended, InHand};
use super::messages::{DeliveriesQueued, StopDelivering};
use super::policy;
use super::refusals::Refusals;
use crate::config::Limits;
use crate::db::messages::persist;
use crate::runtime::{Answer, Behaviour, Ctx, Port, Receive, Runtime, StartReason};

/// Attempts ended lately, as a multiple of the deliveries in hand.
const REMEMBERED: usize = 4;

/// What the outbox needs of others.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: rows that are due.
    pub claim: Port<ClaimDeliveries>,
    /// DbActor: what was in hand when this actor panicked.
    pub recover: Port<RecoverDeliveries>,
    /// DbActor: how a delivery went.
    pub record: Port<RecordVerdict>,
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
    couriers: Couriers,
    pub(super) is_clock_wrong: bool,
    refusals: Refusals,
    held: InHand,
    ended: Ended,
    timer: Option<DateTime<Utc>>,
    is_claiming: bool,
    is_recovering: bool,
    stopping: Vec<Answer<()>>,
    is_stopping: bool,
}

impl OutboxActor {
    /// An outbox with nothing in hand.
    pub(crate) fn new(
        runtime: &Runtime,
        limits: &Limits,
        rules: SharedLeadRules,
        ports: Ports,
        couriers: Couriers,
    ) -> Self {
        Self {
            ports,
            refusals: Refusals::default(),
            limits: limits.clone(),
            runtime: runtime.clone(),
            rules,
            held: InHand::new(&EachWay::of(|way| couriers[way].terms().places)),
            couriers,
            is_clock_wrong: false,
            ended: Ended::new(REMEMBERED * limits.deliveries_in_hand),
            timer: None,
            is_claiming: false,
            is_recovering: false,
            stopping: Vec::new(),
            is_stopping: false,
        }
    }

    pub(super) fn deliver(&mut self, delivery: Delivery, came: Came, ctx: &mut Ctx<'_, Self>) {
        if self.held.holds(delivery.id) || self.ended.knows(delivery.id, delivery.attempt) {
            return;
        }
        let way = delivery.payload.way();
        let has_room = self.held.take(delivery.id, way, came);
        if self.is_stopping || !has_room {
            let reason = if self.is_stopping { "stopping" } else { "no_room" };
            self.hand_back(&delivery, reason, ctx);
            return;
        }
        let terms = self.terms(way);
        let age = terms.age.checked_add(&terms.last_try).unwrap_or(TimeDelta::MAX);
        if policy::is_too_old(delivery.created_at, self.runtime.clock.now(), age) {
            let verdict = policy::dead("too old");
            self.tell(&delivery, &verdict, false);
            self.record(&delivery, verdict, ctx);
            return;
        }
        let attempt = Rc::clone(&self.couriers[way]).hand_over(&delivery);
        ctx.spawn(attempt, move |this, (outcome, alarm), ctx| {
            this.judge(delivery, &outcome, alarm, ctx);
        });
    }

    /// What the courier says, but for the age: none is known by a clock that is wrong.
    fn terms(&self, way: Way) -> Terms {
        let mut terms = self.couriers[way].terms();
        if self.runtime.clock.disagreement().is_some() {
            terms.age = TimeDelta::MAX;
        }
        terms
    }

    fn judge(&mut self, delivery: Delivery, outcome: &Outcome, alarm: Option<Alarm>, ctx: &mut Ctx<'_, Self>) {
        let terms = self.terms(delivery.payload.way());
        let refusals = self.refusals.before(delivery.id, outcome);
        let verdict = policy::verdict(outcome, &delivery, self.runtime.clock.now(), &terms, refusals);
        let is_logged_by_edge = matches!((outcome, &verdict), (Outcome::Held(..), Verdict::RetryAt { .. }));
        if !is_logged_by_edge {
            self.tell(&delivery, &verdict, matches!(outcome, Outcome::SentPlain(_)));
        }
        match alarm {
            // Killed in between, the delivery is tried and the alert written once more, which the alert's key refuses.
            Some(alarm) => self.raise(alarm, ctx, move |this, ctx| this.record(&delivery, verdict, ctx)),
            None => self.record(&delivery, verdict, ctx),
        }
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
        self.write(RecordVerdict { id, attempt, verdict }, ctx);
    }

    fn write(&mut self, record: RecordVerdict, ctx: &mut Ctx<'_, Self>) {
        let ended = (record.id, record.attempt);
        let retry_at = match &record.verdict {
            Verdict::RetryAt { due, .. } => Some(*due),
            _ => {
                self.refusals.forget(record.id);
                None
            }
        };
        let port = self.ports.record.clone();
        ctx.spawn(
            async move { (persist(&port, &record).await, record) },
            move |this, (next, record), ctx| match next {
                Ok(next) => this.recorded(ended, retry_at, next, ctx),
                Err(error) => this.not_recorded(record, &error, ctx),
            },
        );
    }

    fn recorded(
        &mut self,
        (id, attempt): (DeliveryId, u32),
        retry_at: Option<DateTime<Utc>>,
        next: Option<Delivery>,
        ctx: &mut Ctx<'_, Self>,
    ) {
        self.held.put_down(id);
        // Also one that is tried again: the next attempt has another number, and an echo of this one would be sent, but no
        // verdict of it recorded, and so the next would send it once more without a mark.
        self.ended.remember(id, attempt);
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
        let event = Event::warn(Self::NAME, "delivery_result_save_failed").with("delivery", record.id);
        self.runtime.events.emit(event.with("reason", error));
        let (clock, pause) = (self.runtime.clock.clone(), self.limits.sweep);
        ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| {
            this.write(record, ctx);
        });
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
        let recovering = async move { persist(&port, &RecoverDeliveries).await };
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
            room: left.clone(),
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
                let event = this.couriers[row.way].event(&policy::dead("unreadable"));
                this.runtime.events.emit(unreadable(event, row));
            }
            this.is_recovering = false;
            let ways = claimed.deliveries.iter().map(|delivery| delivery.payload.way());
            this.held.claimed(&left, ways);
            for delivery in claimed.deliveries {
                this.deliver(delivery, Came::Claimed, ctx);
            }
            let sweep = this.runtime.clock.now() + this.limits.sweep;
            this.wake_at(claimed.next_due.map_or(sweep, |due| due.min(sweep)), ctx);
        });
    }

    fn tell(&self, delivery: &Delivery, verdict: &Verdict, is_plain: bool) {
        let event = self.couriers[delivery.payload.way()].event(verdict);
        let now = self.runtime.clock.now();
        self.runtime.events.emit(told(event, delivery, verdict, is_plain, now));
    }
}

impl Behaviour for OutboxActor {
    const NAME: &'static str = super::events::NAME;

    fn started(&mut self, reason: StartReason, ctx: &mut Ctx<'_, Self>) {
        if reason == StartReason::Initial {
            let port = self.ports.release.clone();
            let releasing = async move { persist(&port, &ReleaseHeldLetters).await };
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
