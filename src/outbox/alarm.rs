//! The trouble that the outbox reports to an operator: what couriers are alarmed by, and a clock that is wrong.

use base::Event;
use domain::{Alert, AlertKind};
use store::RaiseAlert;

use super::OutboxActor;
use super::courier::Alarm;
use super::in_hand::Came;
use crate::db::messages::persist;
use crate::runtime::{Behaviour, Ctx};

impl OutboxActor {
    /// Notices that the clock is apart from Telegram's, and that they agree again.
    pub(super) fn watch_clock(&mut self, ctx: &mut Ctx<'_, Self>) {
        let apart = self.runtime.clock.disagreement();
        if std::mem::replace(&mut self.is_clock_wrong, apart.is_some()) == apart.is_some() {
            return;
        }
        let Some(apart) = apart else {
            self.runtime.events.emit(Event::info(Self::NAME, "clock_skew_resolved"));
            return;
        };
        let seconds = apart.num_seconds();
        self.runtime
            .events
            .emit(Event::error(Self::NAME, "clock_skew_detected").with("ahead_s", seconds));
        let side = if seconds > 0 { "ahead of" } else { "behind" };
        let reason = format!("{} s {side} Telegram", seconds.unsigned_abs());
        self.alert((AlertKind::Clock, reason), ctx);
    }

    pub(super) fn alert(&self, alarm: Alarm, ctx: &mut Ctx<'_, Self>) {
        self.raise(alarm, ctx, |_, _| ());
    }

    pub(super) fn raise(
        &self,
        (kind, reason): Alarm,
        ctx: &mut Ctx<'_, Self>,
        then: impl FnOnce(&mut Self, &mut Ctx<'_, Self>) + 'static,
    ) {
        let (at, word) = (self.runtime.clock.now(), kind.word());
        let raise = RaiseAlert {
            alert: Alert { kind, reason, at },
            rules: self.rules.clone(),
        };
        let port = self.ports.alert.clone();
        ctx.spawn(async move { persist(&port, &raise).await }, move |this, raised, ctx| {
            // A refused write is told by the database; the next trouble of this kind is told anew.
            let raised = raised.unwrap_or_default();
            if raised.is_raised {
                let event = Event::error(Self::NAME, "alert_raised").with("kind", word);
                this.runtime.events.emit(event);
            }
            for delivery in raised.deliveries {
                this.deliver(delivery, Came::Born, ctx);
            }
            then(this, ctx);
        });
    }
}
