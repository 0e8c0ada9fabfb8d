//! Alerts that the outbox raises for operators: alarms of the couriers, and a wrong clock.

use base::Event;
use domain::{Alert, AlertKind};
use store::RaiseAlert;

use super::OutboxActor;
use super::courier::Alarm;
use super::in_flight::Origin;
use crate::db::messages::persist;
use crate::runtime::{Behaviour, Ctx};

impl OutboxActor {
    /// Detects the start and end of a difference between the local clock and Telegram's.
    pub(super) fn watch_clock(&mut self, ctx: &mut Ctx<'_, Self>) {
        let skew = self.runtime.clock.skew();
        if std::mem::replace(&mut self.is_clock_wrong, skew.is_some()) == skew.is_some() {
            return;
        }
        let Some(skew) = skew else {
            self.runtime.events.emit(Event::info(Self::NAME, "clock_skew_resolved"));
            return;
        };
        let seconds = skew.num_seconds();
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
            // DbActor logs a failed write; the next alarm of this kind raises the alert again.
            let raised = raised.unwrap_or_default();
            if raised.is_raised {
                let event = Event::error(Self::NAME, "alert_raised").with("kind", word);
                this.runtime.events.emit(event);
            }
            for delivery in raised.deliveries {
                this.deliver(delivery, Origin::Fresh, ctx);
            }
            then(this, ctx);
        });
    }
}
