//! The trouble that the outbox tells an operator of: a token that is refused, a clock that is wrong.

use base::Event;
use domain::{Alert, AlertKind, Delivery, Payload, Verdict};

use super::OutboxActor;
use super::in_hand::Came;
use crate::db::messages::{RaiseAlert, persist};
use crate::runtime::{Answer, Behaviour, Ctx, Receive};
use crate::telegram::messages::{SendError, SentMessage, TokenRefused};

impl OutboxActor {
    /// What an outcome says about the bot as a whole.
    pub(super) fn heard(&mut self, outcome: &Result<SentMessage, SendError>, ctx: &mut Ctx<'_, Self>) {
        let is_refused = match outcome {
            Err(SendError::Unauthorized(_)) => true,
            Err(SendError::Transient(_) | SendError::Unknown(_)) => return,
            _ => false,
        };
        if std::mem::replace(&mut self.standing.is_token_refused, is_refused) == is_refused {
            return;
        }
        let (events, name) = (&self.runtime.events, Self::NAME);
        if is_refused {
            events.emit(Event::error(name, "replies_held").with("reason", "unauthorized"));
            self.alert(AlertKind::Telegram, "unauthorized".into(), ctx);
        } else {
            events.emit(Event::info(name, "replies_resumed"));
        }
    }

    /// Notices that the clock is apart from Telegram's, and that they agree again.
    pub(super) fn watch_clock(&mut self, ctx: &mut Ctx<'_, Self>) {
        let apart = self.runtime.clock.disagreement();
        if std::mem::replace(&mut self.standing.is_clock_wrong, apart.is_some()) == apart.is_some() {
            return;
        }
        let Some(apart) = apart else {
            self.runtime.events.emit(Event::info(Self::NAME, "clock_agrees"));
            return;
        };
        let seconds = apart.num_seconds();
        self.runtime
            .events
            .emit(Event::error(Self::NAME, "clock_apart").with("ahead_s", seconds));
        let side = if seconds > 0 { "ahead of" } else { "behind" };
        let reason = format!("{} s {side} Telegram", seconds.unsigned_abs());
        self.alert(AlertKind::Clock, reason, ctx);
    }

    /// Says who gets no letters, then records the verdict: killed in between, the letter is tried and the alert written
    /// once more, which the alert's key refuses.
    pub(super) fn alert_of_letters(
        &mut self,
        delivery: Delivery,
        reason: String,
        verdict: Verdict,
        ctx: &mut Ctx<'_, Self>,
    ) {
        let Payload::Letter { to, .. } = &delivery.payload else {
            return;
        };
        let kind = AlertKind::Letters { to: to.clone() };
        self.raise(kind, reason, ctx, move |this, ctx| this.record(&delivery, verdict, ctx));
    }

    fn alert(&self, kind: AlertKind, reason: String, ctx: &mut Ctx<'_, Self>) {
        self.raise(kind, reason, ctx, |_, _| ());
    }

    fn raise(
        &self,
        kind: AlertKind,
        reason: String,
        ctx: &mut Ctx<'_, Self>,
        then: impl FnOnce(&mut Self, &mut Ctx<'_, Self>) + Send + 'static,
    ) {
        let (at, word) = (self.runtime.clock.now(), kind.word());
        let raise = RaiseAlert {
            alert: Alert { kind, reason, at },
            rules: self.rules.clone(),
        };
        let port = self.ports.alert.clone();
        ctx.spawn(async move { persist(&port, raise).await }, move |this, raised, ctx| {
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

impl Receive<TokenRefused> for OutboxActor {
    fn receive(&mut self, _refused: TokenRefused, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        self.alert(AlertKind::Telegram, "unauthorized".into(), ctx);
    }
}
