//! The end of a turn: written whatever happens to this actor meanwhile, then remembered, then whatever comes next.

use base::Event;
use domain::{FormState, Keyboard, LeadSource};

use super::actor::{ConversationActor, Work};
use super::messages::ThreadsChanged;
use crate::db::messages::{FinishTurn, FinishedReply, FinishedTurn, FormUpdate, ReplyKind, ThreadUpdate, persist};
use crate::outbox::messages::DeliveriesQueued;
use crate::runtime::{Behaviour, Birth, Ctx};

impl ConversationActor {
    /// Writes the end of a turn; whatever happens to this actor meanwhile, it is written.
    pub(super) fn finish(&mut self, finish: FinishTurn, ctx: &mut Ctx<'_, Self>) {
        self.work = Work::Finishing;
        let port = self.shared.ports.finish.clone();
        let written = finish.clone();
        ctx.spawn(
            async move { persist(&port, finish).await },
            move |this, outcome, ctx| {
                this.work = Work::Idle;
                this.is_reading_stale = this.is_reading;
                match outcome {
                    Ok(finished) => this.finished(&written, finished, ctx),
                    Err(error) => {
                        let event = Event::warn(Self::NAME, "turn_not_written").chat(this.chat);
                        this.shared.runtime.events.emit(event.with("reason", error));
                        this.rest(ctx);
                    }
                }
            },
        );
    }

    fn finished(&mut self, written: &FinishTurn, finished: FinishedTurn, ctx: &mut Ctx<'_, Self>) {
        if !finished.is_written {
            // Somebody else ended these rows; what is known here is out of date.
            self.read(Birth::First, ctx);
            return;
        }
        if !finished.deliveries.is_empty() {
            self.shared.ports.deliveries.hint(DeliveriesQueued {
                deliveries: finished.deliveries,
            });
        }
        if let Some(lead) = &finished.lead {
            let event = Event::info(Self::NAME, "lead_recorded").chat(self.chat);
            let event = event.with("lead", lead.lead).with("source", lead.source.word());
            self.shared
                .runtime
                .events
                .emit(event.with("outcome", lead.outcome.word()));
        }
        if let (true, Some(alert)) = (finished.is_alert_raised, &written.alert) {
            let event = Event::error(Self::NAME, "alert_raised").with("kind", alert.kind.word());
            self.shared.runtime.events.emit(event.with("reason", &alert.reason));
        }
        self.remember(written);
        self.knows_lead(finished.lead.map(|lead| lead.source));
        self.consider(ctx);
    }

    /// What the transaction did, done to the state in memory.
    fn remember(&mut self, written: &FinishTurn) {
        let now = self.shared.runtime.clock.now();
        let is_reset = written.thread == ThreadUpdate::Reset;
        let upto = written.rows.first().copied();
        self.waiting
            .retain(|row| !(written.rows.contains(&row.id) || is_reset && Some(row.id) < upto));
        self.edits
            .retain(|edit| !(written.edits.contains(&edit.id) || is_reset && Some(edit.id) < upto));
        let kind = written.reply.as_ref().map(|reply| reply.kind);
        if kind == Some(ReplyKind::MediaHint) {
            self.media_hint_at = Some(now);
        }
        let Some(customer) = &mut self.customer else { return };
        match written.form {
            FormUpdate::Keep => {}
            FormUpdate::Ask => {
                customer.form.since.get_or_insert(now);
                customer.form.asked_at = Some(now);
            }
            FormUpdate::Close => customer.form = FormState::default(),
        }
        if customer.untold_lead == written.told_lead {
            customer.untold_lead = None;
        }
        customer.is_greeted |= kind == Some(ReplyKind::Greeting);
        if let Some(keyboard) = written.reply.as_ref().and_then(FinishedReply::keyboard) {
            customer.has_keyboard = matches!(keyboard, Keyboard::Contact { .. });
        }
        let thread = &mut customer.thread;
        match &written.thread {
            ThreadUpdate::Keep => return,
            ThreadUpdate::Suspect => thread.is_suspect = true,
            ThreadUpdate::Used { id, input_tokens } => {
                let is_same = thread.id.as_ref() == Some(id);
                thread.id = Some(id.clone());
                thread.is_suspect = false;
                thread.last_input_tokens = *input_tokens;
                thread.used_at = Some(now);
                if is_same {
                    return;
                }
            }
            // The mark of `since` is the database's own; it is read again when a thread has to be told the past.
            ThreadUpdate::Reset => thread.id = None,
        }
        self.shared.ports.threads.hint(ThreadsChanged);
    }

    /// A lead was recorded without the model, which is told with its next turn.
    pub(super) fn knows_lead(&mut self, source: Option<LeadSource>) {
        if let (Some(customer), Some(source)) = (&mut self.customer, source) {
            customer.lead_at = Some(self.shared.runtime.clock.now());
            customer.untold_lead = Some(source);
        }
    }

    /// A write that was refused will be refused again at once: look at the rows anew, after a while.
    fn rest(&mut self, ctx: &mut Ctx<'_, Self>) {
        self.is_reading = true;
        let (clock, pause) = (self.shared.runtime.clock.clone(), self.shared.limits.sweep);
        ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| {
            this.is_reading = false;
            this.read(Birth::First, ctx);
        });
    }
}
