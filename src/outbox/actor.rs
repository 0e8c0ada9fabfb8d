//! OutboxActor: passes each claimed row to its courier, derives a verdict from the outcome, and records it. The same commit
//! claims the lane's next row: `deliver`, `attempted`, `record`, `write`, `recorded`, and `deliver` again. A sweep every ten
//! seconds finds due rows that no hint announced.

use std::rc::Rc;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use domain::DeliveryId;
use store::{
    ClaimDeliveries, ClaimedDeliveries, DbError, Delivery, EachWay, RaiseAlert, RecordVerdict, RecoverDeliveries,
    ReleaseHeldLetters, SharedLeadRules, Verdict, Way,
};

use super::courier::{Alarm, Couriers, Outcome, Terms};
use super::events::{unreadable, with_verdict};
use super::in_flight::{EndedAttempts, InFlight, Origin};
use super::messages::{DeliveriesQueued, StopDelivering};
use super::policy;
use super::refusals::Refusals;
use crate::config::Limits;
use crate::db::messages::persist;
use crate::runtime::{Answer, Behaviour, Ctx, Port, Receive, Runtime, StartReason};

/// EndedAttempts attempts to remember, as a multiple of the deliveries in flight.
const REMEMBERED: usize = 4;

/// The recipients the outbox needs.
#[derive(Clone)]
pub(crate) struct Ports {
    /// DbActor: claims due rows.
    pub claim: Port<ClaimDeliveries>,
    /// DbActor: marks the rows in flight after a panic of this actor.
    pub recover: Port<RecoverDeliveries>,
    /// DbActor: records a verdict.
    pub record: Port<RecordVerdict>,
    /// DbActor: at start, releases letters that waited for a setting.
    pub release: Port<ReleaseHeldLetters>,
    /// DbActor: raises an alert for the operators.
    pub alert: Port<RaiseAlert>,
}

/// The actor.
pub(crate) struct OutboxActor {
    pub(super) ports: Ports,
    pub(super) runtime: Runtime,
    limits: Limits,
    /// Includes the operators' chats.
    pub(super) rules: SharedLeadRules,
    couriers: Couriers,
    pub(super) is_clock_wrong: bool,
    refusals: Refusals,
    in_flight: InFlight,
    ended: EndedAttempts,
    timer: Option<DateTime<Utc>>,
    is_claiming: bool,
    is_recovering: bool,
    stopping: Vec<Answer<()>>,
    is_stopping: bool,
}

impl OutboxActor {
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
            in_flight: InFlight::new(&EachWay::of(|way| couriers[way].terms().max_in_flight)),
            couriers,
            is_clock_wrong: false,
            ended: EndedAttempts::new(REMEMBERED * limits.deliveries_in_progress),
            timer: None,
            is_claiming: false,
            is_recovering: false,
            stopping: Vec::new(),
            is_stopping: false,
        }
    }

    pub(super) fn deliver(&mut self, delivery: Delivery, origin: Origin, ctx: &mut Ctx<'_, Self>) {
        if self.in_flight.contains(delivery.id) || self.ended.contains(delivery.id, delivery.attempt) {
            return;
        }
        let way = delivery.payload.way();
        let has_capacity = self.in_flight.add(delivery.id, way, origin);
        if self.is_stopping || !has_capacity {
            let reason = if self.is_stopping { "stopping" } else { "no_room" };
            self.hand_back(&delivery, reason, ctx);
            return;
        }
        let terms = self.terms(way);
        let age = terms.age.checked_add(&terms.last_try).unwrap_or(TimeDelta::MAX);
        if policy::is_too_old(delivery.created_at, self.runtime.clock.now(), age) {
            let verdict = policy::dead("too old");
            self.log_verdict(&delivery, &verdict, false);
            self.record(&delivery, verdict, ctx);
            return;
        }
        let attempt = Rc::clone(&self.couriers[way]).start_attempt(&delivery);
        ctx.spawn(attempt, move |this, (outcome, alarm), ctx| {
            this.attempted(delivery, &outcome, alarm, ctx);
        });
    }

    /// The courier's terms. With a wrong clock the age is unknown, so it is unlimited.
    fn terms(&self, way: Way) -> Terms {
        let mut terms = self.couriers[way].terms();
        if self.runtime.clock.skew().is_some() {
            terms.age = TimeDelta::MAX;
        }
        terms
    }

    fn attempted(&mut self, delivery: Delivery, outcome: &Outcome, alarm: Option<Alarm>, ctx: &mut Ctx<'_, Self>) {
        let terms = self.terms(delivery.payload.way());
        let refusals = self.refusals.before(delivery.id, outcome);
        let verdict = policy::verdict(outcome, &delivery, self.runtime.clock.now(), &terms, refusals);
        let is_logged_by_edge = matches!((outcome, &verdict), (Outcome::Held(..), Verdict::RetryAt { .. }));
        if !is_logged_by_edge {
            self.log_verdict(&delivery, &verdict, matches!(outcome, Outcome::SentPlain(_)));
        }
        match alarm {
            // After a crash in between, both are repeated; the alert's key rejects the duplicate.
            Some(alarm) => self.raise(alarm, ctx, move |this, ctx| this.record(&delivery, verdict, ctx)),
            None => self.record(&delivery, verdict, ctx),
        }
    }

    /// Returns a claimed row that cannot be sent now, because of a shutdown or for lack of capacity.
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
        self.in_flight.remove(id);
        // Also before a retry: a late hint for this attempt would send the message, its verdict would match no row, and the
        // next attempt would send a duplicate without the "maybe sent" mark.
        self.ended.add(id, attempt);
        if let Some(due) = retry_at {
            self.wake_at(due, ctx);
        }
        if let Some(next) = next {
            self.deliver(next, Origin::Claimed, ctx);
        }
        if self.in_flight.is_empty() {
            for answer in self.stopping.drain(..) {
                answer.give(());
            }
        }
        if self.in_flight.should_claim() {
            self.claim(ctx);
        }
    }

    /// Retries until it is recorded. The row stays in flight meanwhile, so that it is not sent again.
    fn not_recorded(&mut self, record: RecordVerdict, error: &DbError, ctx: &mut Ctx<'_, Self>) {
        let event = Event::warn(Self::NAME, "delivery_result_save_failed").with("delivery", record.id);
        self.runtime.events.emit(event.with("reason", error));
        let (clock, pause) = (self.runtime.clock.clone(), self.limits.sweep);
        ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| {
            this.write(record, ctx);
        });
    }

    /// Schedules a claim at `due` or at the next sweep, whichever is first.
    fn wake_at(&mut self, due: DateTime<Utc>, ctx: &mut Ctx<'_, Self>) {
        let now = self.runtime.clock.now();
        let due = due.min(now + self.limits.sweep);
        if self.timer.is_some_and(|armed| armed <= due) {
            return;
        }
        self.timer = Some(due);
        let clock = self.runtime.clock.clone();
        ctx.spawn(async move { clock.after(due - now).await }, move |this, (), ctx| {
            // Otherwise an earlier timer has replaced this one.
            if this.timer == Some(due) {
                this.timer = None;
                this.claim(ctx);
            }
        });
    }

    /// Marks the rows that were in flight as maybe sent. Claiming before that would send them again without the mark.
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
        let free = self.in_flight.free();
        let answer = self.ports.claim.command(ClaimDeliveries {
            held: self.in_flight.ids(),
            room: free.clone(),
        });
        ctx.spawn(answer, move |this, claimed, ctx| {
            this.is_claiming = false;
            let claimed = match claimed {
                Ok(Ok(claimed)) => claimed,
                // Retried by the next sweep; the writer logs an error, the guard a panic.
                Ok(Err(_logged)) => ClaimedDeliveries::default(),
                Err(_logged) => ClaimedDeliveries::default(),
            };
            for row in &claimed.unreadable {
                let event = this.couriers[row.way].event(&policy::dead("unreadable"));
                this.runtime.events.emit(unreadable(event, row));
            }
            this.is_recovering = false;
            let ways = claimed.deliveries.iter().map(|delivery| delivery.payload.way());
            this.in_flight.claimed(&free, ways);
            for delivery in claimed.deliveries {
                this.deliver(delivery, Origin::Claimed, ctx);
            }
            let sweep = this.runtime.clock.now() + this.limits.sweep;
            this.wake_at(claimed.next_due.map_or(sweep, |due| due.min(sweep)), ctx);
        });
    }

    fn log_verdict(&self, delivery: &Delivery, verdict: &Verdict, is_plain: bool) {
        let event = self.couriers[delivery.payload.way()].event(verdict);
        let now = self.runtime.clock.now();
        self.runtime
            .events
            .emit(with_verdict(event, delivery, verdict, is_plain, now));
    }
}

impl Behaviour for OutboxActor {
    const NAME: &'static str = super::events::NAME;

    fn started(&mut self, reason: StartReason, ctx: &mut Ctx<'_, Self>) {
        if reason == StartReason::Initial {
            let port = self.ports.release.clone();
            let releasing = async move { persist(&port, &ReleaseHeldLetters).await };
            // If it fails, they are sent when they are due.
            ctx.spawn(releasing, |this, _released, ctx| this.claim(ctx));
            return;
        }
        // The rows in flight may have been sent. Until they are claimed again, a hint may refer to one of them.
        self.is_recovering = true;
        self.recover(ctx);
    }
}

impl Receive<DeliveriesQueued> for OutboxActor {
    fn receive(&mut self, queued: DeliveriesQueued, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        if !self.is_recovering {
            for delivery in queued.deliveries {
                self.deliver(delivery, Origin::Fresh, ctx);
            }
        }
    }
}

impl Receive<StopDelivering> for OutboxActor {
    fn receive(&mut self, _stop: StopDelivering, answer: Answer<()>, _ctx: &mut Ctx<'_, Self>) {
        self.is_stopping = true;
        if self.in_flight.is_empty() {
            answer.give(());
        } else {
            self.stopping.push(answer);
        }
    }
}
