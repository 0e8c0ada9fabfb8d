//! How a conversation comes to know its rows: read from the database at birth, then told one by one in hints; a gap
//! between hints, or a row somebody else found, makes it read again.

use chrono::TimeDelta;

use super::actor::{ConversationActor, Work};
use super::messages::{Arrived, LookForWork, TakeTurn};
use crate::db::messages::{ConversationState, DbError, LoadConversation, RecoverConversation, persist};
use crate::domain::WaitingRow;
use crate::runtime::{Answer, Behaviour, Birth, Ctx, Event, Receive};

/// Reading the rows failed: again after this.
const READ_AGAIN: TimeDelta = TimeDelta::seconds(1);
const READ_LIMIT: std::time::Duration = std::time::Duration::from_secs(30);

impl ConversationActor {
    pub(super) fn read(&mut self, birth: Birth, ctx: &mut Ctx<'_, Self>) {
        if std::mem::replace(&mut self.is_reading, true) {
            return;
        }
        let (chat, ports) = (self.chat, self.shared.ports.clone());
        let reading = async move {
            match birth {
                Birth::First => {
                    let answer = ports.load.ask(LoadConversation { chat }, READ_LIMIT).await;
                    answer.unwrap_or(Err(DbError::Stopped))
                }
                Birth::Again => persist(&ports.recover, RecoverConversation { chat }).await,
            }
        };
        ctx.spawn(reading, move |this, state, ctx| {
            this.is_reading = false;
            match state {
                Ok(state) => this.absorb(state, ctx),
                Err(error) => {
                    let failed = Event::warn(Self::NAME, "rows_not_read")
                        .chat(this.chat)
                        .with("reason", error);
                    this.shared.runtime.events.emit(failed);
                    this.is_reading = true;
                    let clock = this.shared.runtime.clock.clone();
                    ctx.spawn(async move { clock.after(READ_AGAIN).await }, move |this, (), ctx| {
                        this.is_reading = false;
                        this.read(birth, ctx);
                    });
                }
            }
        });
    }

    fn absorb(&mut self, state: ConversationState, ctx: &mut Ctx<'_, Self>) {
        if matches!(self.work, Work::Idle | Work::Queued(_)) {
            self.waiting = state.waiting.into();
            self.edits = state.edits;
            self.customer = Some(state.customer);
            self.media_hint_at = state.media_hint_at;
        } else {
            // The open turn's own rows are among them; only what is newer than all we know is news.
            let known = self.newest;
            self.waiting
                .extend(state.waiting.into_iter().filter(|row| Some(row.id) > known));
            self.edits
                .extend(state.edits.into_iter().filter(|edit| Some(edit.id) > known));
        }
        self.newest = self.newest.max(state.newest);
        for answer in self.looking.drain(..) {
            answer.give(());
        }
        if self.wanted.take() > self.newest {
            self.read(Birth::First, ctx);
        }
        self.consider(ctx);
    }

    /// A write that was refused will be refused again at once: look at the rows anew, after a while.
    pub(super) fn rest(&mut self, ctx: &mut Ctx<'_, Self>) {
        self.is_reading = true;
        let (clock, pause) = (self.shared.runtime.clock.clone(), self.shared.limits.sweep);
        ctx.spawn(async move { clock.after(pause).await }, |this, (), ctx| {
            this.is_reading = false;
            this.read(Birth::First, ctx);
        });
    }
}

impl Receive<TakeTurn> for ConversationActor {
    fn receive(&mut self, take: TakeTurn, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        let id = match &take.arrived {
            Arrived::Row(row) => row.id,
            Arrived::Edit(edit) => edit.id,
        };
        if Some(id) <= self.newest {
            return;
        }
        if self.is_reading || take.previous > self.newest {
            self.wanted = self.wanted.max(Some(id));
            self.read(Birth::First, ctx);
            return;
        }
        self.newest = Some(id);
        match take.arrived {
            Arrived::Row(row) => self.waiting.push_back(row),
            Arrived::Edit(edit) => {
                let is_open = |row: &WaitingRow| matches!(&self.work, Work::Model(turn) if turn.rows.contains(&row.id));
                let waits = self
                    .waiting
                    .iter()
                    .position(|row| row.message_id == edit.message_id && !is_open(row));
                if let Some(row) = waits.and_then(|place| self.waiting.get_mut(place)) {
                    row.message = edit.message.clone();
                }
                self.edits.push(edit);
            }
        }
        self.consider(ctx);
    }
}

impl Receive<LookForWork> for ConversationActor {
    fn receive(&mut self, look: LookForWork, answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        let is_known = self.waiting.iter().any(|row| row.id == look.oldest);
        if is_known || !matches!(self.work, Work::Idle | Work::Queued(_)) {
            answer.give(());
            self.consider(ctx);
            return;
        }
        self.looking.push(answer);
        self.wanted = self.wanted.max(Some(look.oldest));
        self.read(Birth::First, ctx);
    }
}
