//! ConversationActor: knows the rows of one chat that wait, decides what comes next and sees it through, one turn at a
//! time. Its state is read from the database once; after that each new row comes as a hint, and a gap between hints
//! is filled by reading again.

use std::collections::VecDeque;
use std::sync::Arc;

use base::Event;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Answers, Body, ChatId, Customer, Edit, InboxId, Keyboard, Language, WaitingRow};
use tokio::sync::OwnedSemaphorePermit;
use wording::phrases::Phrase;

use super::agenda::{self, Next};
use super::budget::DayCount;
use super::direct::is_write_button;
use super::messages::{Arrived, LookForWork, Rested, Retire, StopTurns, TakeTurn};
use super::model_turn::ModelTurn;
use super::shared::Shared;
use crate::db::messages::{ConversationState, DbError, EndUnreadable, LoadConversation, RecoverConversation, persist};
use crate::runtime::{Answer, Behaviour, Birth, Ctx, Receive, Task, WeakPort};

/// Reading the rows failed: again after this.
const READ_AGAIN: TimeDelta = TimeDelta::seconds(1);
const READ_LIMIT: std::time::Duration = std::time::Duration::from_secs(30);

/// The actor.
pub struct ConversationActor {
    pub(super) chat: ChatId,
    pub(super) shared: Arc<Shared>,
    /// InboxActor, which decides who retires.
    rested: WeakPort<Rested>,
    pub(super) customer: Option<Customer>,
    pub(super) waiting: VecDeque<WaitingRow>,
    pub(super) edits: Vec<Edit>,
    pub(super) work: Work,
    /// One of the open turns' places, while it is looked at what to use it for.
    pub(super) place: Option<OwnedSemaphorePermit>,
    pub(super) last_album: Option<String>,
    pub(super) newest: Option<InboxId>,
    pub(super) media_hint_at: Option<DateTime<Utc>>,
    /// Turns of the model since midnight.
    pub(super) turns_today: DayCount,
    pub(super) is_reading: bool,
    /// A turn ended while the rows were being read: what was read may hold rows that are no longer pending.
    pub(super) is_reading_stale: bool,
    /// The newest row that came while the rows were being read: if they do not hold it, they are read again.
    wanted: Option<InboxId>,
    timer: Option<Task>,
    looking: Vec<Answer<()>>,
    stopping: Vec<Answer<()>>,
    is_stopping: bool,
}

/// What is under way.
pub(super) enum Work {
    /// Nothing.
    Idle,
    /// A turn waits for one of the open turns' places.
    Queued(Task),
    /// The model is asked.
    Model(Box<ModelTurn>),
    /// The end of a turn is being written: must be seen through.
    Finishing,
}

impl ConversationActor {
    /// A conversation that knows nothing yet.
    pub fn new(chat: ChatId, shared: Arc<Shared>, rested: WeakPort<Rested>) -> Self {
        Self {
            chat,
            shared,
            rested,
            customer: None,
            waiting: VecDeque::new(),
            edits: Vec::new(),
            work: Work::Idle,
            place: None,
            last_album: None,
            newest: None,
            media_hint_at: None,
            turns_today: DayCount::default(),
            is_reading: false,
            is_reading_stale: false,
            wanted: None,
            timer: None,
            looking: Vec::new(),
            stopping: Vec::new(),
            is_stopping: false,
        }
    }

    pub(super) fn read(&mut self, birth: Birth, ctx: &mut Ctx<'_, Self>) {
        if std::mem::replace(&mut self.is_reading, true) {
            return;
        }
        let (chat, ports, day_start) = (self.chat, self.shared.ports.clone(), self.shared.day_start());
        let reading = async move {
            match birth {
                Birth::First => {
                    let answer = ports.load.ask(LoadConversation { chat, day_start }, READ_LIMIT).await;
                    answer.unwrap_or(Err(DbError::Stopped))
                }
                Birth::Again => {
                    let known = ports.load.ask(LoadConversation { chat, day_start }, READ_LIMIT).await;
                    let known = known.unwrap_or(Err(DbError::Stopped))?;
                    let row = known.waiting.first().map(|row| (row.id, row.panics));
                    persist(&ports.recover, RecoverConversation { chat, row, day_start }).await
                }
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

    fn absorb(&mut self, mut state: ConversationState, ctx: &mut Ctx<'_, Self>) {
        if std::mem::take(&mut self.is_reading_stale) {
            self.read(Birth::First, ctx);
            return;
        }
        self.end_unreadable(std::mem::take(&mut state.unreadable_edits), ctx);
        if matches!(self.work, Work::Idle | Work::Queued(_)) {
            self.waiting = state.waiting.into();
            self.edits = state.edits;
            self.customer = Some(state.customer);
            self.media_hint_at = state.media_hint_at;
            self.turns_today = DayCount::known(state.turns_today, self.shared.local_now());
        } else {
            // The open turn's own rows are among them, and it has read them; of the others an edit may be news.
            let known = self.newest;
            for row in state.waiting {
                let place = self.waiting.iter().position(|old| old.id == row.id);
                match place.and_then(|place| self.waiting.get_mut(place)) {
                    Some(old) => old.message = row.message,
                    None if Some(row.id) > known => self.waiting.push_back(row),
                    None => {}
                }
            }
            self.edits
                .extend(state.edits.into_iter().filter(|edit| Some(edit.id) > known));
            if let Some(customer) = &mut self.customer {
                customer.lead_at = customer.lead_at.max(state.customer.lead_at);
                customer.untold_lead = state.customer.untold_lead;
            }
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

    /// Nothing can be told of these edits.
    fn end_unreadable(&self, rows: Vec<InboxId>, ctx: &mut Ctx<'_, Self>) {
        if rows.is_empty() {
            return;
        }
        for row in &rows {
            let event = Event::error(Self::NAME, "message_unreadable").chat(self.chat);
            self.shared.runtime.events.emit(event.with("row", row));
        }
        let port = self.shared.ports.end.clone();
        // A refusal is logged by the writer, and whoever reads the rows next meets them again.
        ctx.spawn(
            async move { persist(&port, EndUnreadable { rows }).await },
            |_, _, _| (),
        );
    }

    /// The one place where something begins.
    pub(super) fn consider(&mut self, ctx: &mut Ctx<'_, Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel(timer);
        }
        if self.customer.is_none() {
            return;
        }
        self.interrupt_for_reset(ctx);
        if !matches!(self.work, Work::Idle) {
            return;
        }
        if self.is_stopping {
            for answer in self.stopping.drain(..) {
                answer.give(());
            }
            return;
        }
        if self.is_reading {
            // There is news that is not known here yet, an edit perhaps: a turn that begins now would be told the old words.
            return;
        }
        let shared = self.shared.clone();
        let is_for_model = |row: &WaitingRow| is_for_model(&shared, row);
        match agenda::next(&self.waiting, is_for_model, shared.pace, shared.runtime.clock.now()) {
            Next::Nothing => self.rested.hint(Rested { chat: self.chat }),
            Next::WaitUntil(due) => {
                let clock = shared.runtime.clock.clone();
                self.timer = Some(ctx.spawn(async move { clock.until(due).await }, |this, (), ctx| {
                    this.timer = None;
                    this.consider(ctx);
                }));
            }
            Next::Reset(place) => self.answer_directly(place, ctx),
            Next::Direct => self.answer_directly(0, ctx),
            Next::Model(count) => match (self.left_in_form(count), self.over_bound()) {
                (Some(found), _) => self.take_form(count, found, ctx),
                (None, Some(reason)) => self.give_up(count, reason, ctx),
                (None, None) => self.queue_model_turn(count, ctx),
            },
            Next::GiveUp(reason) => self.give_up(1, reason, ctx),
        }
    }

    /// `/reset` acts at once: whatever the model was about to say belongs to the thread that ends.
    fn interrupt_for_reset(&mut self, ctx: &mut Ctx<'_, Self>) {
        if !self.waiting.iter().any(agenda::is_reset) {
            return;
        }
        match std::mem::replace(&mut self.work, Work::Idle) {
            Work::Model(turn) => {
                turn.call_off(ctx);
                let event = Event::info(Self::NAME, "turn_interrupted")
                    .chat(self.chat)
                    .turn(turn.id);
                self.shared.runtime.events.emit(event.with("reason", "reset"));
            }
            Work::Queued(task) => ctx.cancel(task),
            other => self.work = other,
        }
    }

    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.is_reading && matches!(self.work, Work::Idle)
    }

    pub(super) fn question_of(&self, first: &WaitingRow, last: &WaitingRow) -> Option<Answers> {
        Some(Answers {
            message: last.message_id,
            asked_at: first.asked_at(),
            apology: self.shared.phrases.say(self.language(), Phrase::Apology),
        })
    }

    pub(super) fn language(&self) -> Language {
        let fallback = self.shared.language;
        self.customer
            .as_ref()
            .map_or(fallback, |customer| customer.profile.language(fallback))
    }

    /// An earlier contact button goes away with the next reply.
    pub(super) fn keyboard_to_remove(&self) -> Option<Keyboard> {
        let is_shown = self.customer.as_ref().is_some_and(|customer| customer.has_keyboard);
        is_shown.then_some(Keyboard::Remove)
    }
}

fn is_for_model(shared: &Shared, row: &WaitingRow) -> bool {
    match &row.message.body {
        Body::Text(text) => !is_write_button(&shared.phrases, text),
        _ => row.message.is_for_model(),
    }
}

impl Behaviour for ConversationActor {
    const NAME: &'static str = "conversation";

    fn started(&mut self, birth: Birth, ctx: &mut Ctx<'_, Self>) {
        self.read(birth, ctx);
    }
}

impl Receive<TakeTurn> for ConversationActor {
    fn receive(&mut self, take: TakeTurn, _answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        let id = match &take.arrived {
            Arrived::Row(row) => row.id,
            Arrived::Edit(edit) => edit.id,
            Arrived::Lead(row) => *row,
        };
        if Some(id) <= self.newest {
            if self.is_idle() {
                self.rested.hint(Rested { chat: self.chat });
            }
            return;
        }
        if self.is_reading || take.previous > self.newest {
            self.wanted = self.wanted.max(Some(id));
            self.read(Birth::First, ctx);
            return;
        }
        self.newest = Some(id);
        self.knows_lead(take.lead);
        match take.arrived {
            Arrived::Row(row) => self.waiting.push_back(row),
            Arrived::Edit(edit) => {
                // Also that of an open turn: the model is told of it later, but its old words hold no contact any more.
                let mut waiting = self.waiting.iter_mut();
                if let Some(row) = waiting.rfind(|row| row.message_id == edit.message_id) {
                    row.message = edit.message.clone();
                }
                self.edits.push(edit);
            }
            Arrived::Lead(_) => {}
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

impl Receive<Retire> for ConversationActor {
    fn receive(&mut self, _retire: Retire, answer: Answer<bool>, _ctx: &mut Ctx<'_, Self>) {
        answer.give(self.is_idle());
    }
}

impl Receive<StopTurns> for ConversationActor {
    fn receive(&mut self, _stop: StopTurns, answer: Answer<()>, ctx: &mut Ctx<'_, Self>) {
        self.is_stopping = true;
        if let Work::Queued(task) = &self.work {
            ctx.cancel(*task);
            self.work = Work::Idle;
        }
        if matches!(self.work, Work::Idle) {
            answer.give(());
        } else {
            self.stopping.push(answer);
        }
    }
}
