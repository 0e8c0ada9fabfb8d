//! Seeing a turn of the model through: does what the state machine in `turn` asks for, shows "typing…" meanwhile,
//! watches the deadline, and writes the end.

use base::Event;
use chrono::TimeDelta;
use domain::{Alert, AlertKind, Edit, HistoryLine, InboxId, LeadSource, TurnId, WaitingRow};
use tokio::sync::OwnedSemaphorePermit;
use wording::templates::local_time_note;

use super::actor::{ConversationActor, Work};
use super::notes;
use super::reply::{Envelope, from_markdown};
use super::turn::{Action, Conclusion, Request, Turn};
use crate::assistant::messages::{RunError, StartRun};
use crate::db::messages::{Ending, FinishTurn, LoadHistory, ThreadUpdate};
use crate::runtime::{Behaviour, Ctx, Task};
use crate::telegram::messages::ShowTyping;
use crate::tools::{Called, Effect, Scope};

/// A reply that is there sooner needs no "typing…".
const TYPING_AFTER: TimeDelta = TimeDelta::milliseconds(300);
/// Telegram shows it for five seconds (Bot API, sendChatAction).
const TYPING_AGAIN: TimeDelta = TimeDelta::seconds(4);
const HISTORY_LIMIT: std::time::Duration = std::time::Duration::from_secs(30);
const HISTORY_AGAIN: TimeDelta = TimeDelta::seconds(1);

/// A turn that is open.
pub(super) struct ModelTurn {
    pub(super) id: TurnId,
    pub(super) rows: Vec<InboxId>,
    edits: Vec<InboxId>,
    turn: Turn,
    prompt: String,
    update: i64,
    /// The lead the model is told of.
    told_lead: Option<LeadSource>,
    /// A tool saved his contact: whatever becomes of the turn, he may be told so.
    is_contact_saved: bool,
    /// The contact button comes with the reply.
    is_contact_requested: bool,
    effect: Option<Task>,
    typing: Task,
    deadline: Task,
    _place: OwnedSemaphorePermit,
}

impl ModelTurn {
    /// Ends it without a word.
    pub(super) fn call_off(&self, ctx: &mut Ctx<'_, ConversationActor>) {
        let effect = self.effect.into_iter();
        for task in effect.chain([self.typing, self.deadline]) {
            ctx.cancel(task);
        }
    }
}

impl ConversationActor {
    /// Opens a turn about the first `count` rows, when there is a place for it.
    pub(super) fn queue_model_turn(&mut self, count: usize, ctx: &mut Ctx<'_, Self>) {
        let places = std::sync::Arc::clone(&self.shared.open_turns);
        let free = || std::sync::Arc::clone(&places).try_acquire_owned().ok();
        if let Some(place) = self.place.take().or_else(free) {
            self.begin_model_turn(count, place, ctx);
            return;
        }
        // What arrives until there is a place joins the turn: the rows are looked at again then, with the place in hand.
        // Given back and taken anew it would have gone to the next who waits, who would do the same, and so on for ever.
        let task = ctx.spawn(async move { places.acquire_owned().await }, |this, place, ctx| {
            this.work = Work::Idle;
            this.place = place.ok();
            this.consider(ctx);
            this.place = None;
        });
        self.work = Work::Queued(task);
    }

    fn begin_model_turn(&mut self, count: usize, place: OwnedSemaphorePermit, ctx: &mut Ctx<'_, Self>) {
        let rows: Vec<WaitingRow> = self.waiting.iter().take(count).cloned().collect();
        let (Some(first), Some(last), Some(customer)) = (rows.first(), rows.last(), &self.customer) else {
            return;
        };
        let now = self.shared.runtime.clock.now();
        self.turns_today.add(1, self.shared.local_now());
        let edits = self.edits_to_tell(&rows);
        let lines = self.lines(&rows, &edits);
        let mut turn = Turn::new(self.shared.rules, lines, &customer.thread, now);
        let started = Event::info(Self::NAME, "turn_started")
            .chat(self.chat)
            .upd(first.update)
            .turn(first.id)
            .with("last_row", last.id)
            .with("rows", rows.len())
            .with("attempt", first.attempts + first.panics + 1)
            .with("thread", turn.thread_choice());
        self.shared.runtime.events.emit(started);
        self.last_album = last.message.album.clone().or_else(|| self.last_album.take());
        let prompt = self.shared.prompt.current();
        let action = match &prompt {
            Some(_) => turn.begin(),
            None => turn.without_instructions(),
        };
        let due = turn.deadline();
        let clock = self.shared.runtime.clock.clone();
        let deadline = ctx.spawn(async move { clock.until(due).await }, |this, (), ctx| {
            this.advance(Turn::ran_out_of_time, ctx);
        });
        self.work = Work::Model(Box::new(ModelTurn {
            id: first.id.into(),
            edits: edits.iter().map(|edit| edit.id).collect(),
            update: first.update.0,
            told_lead: customer.untold_lead,
            is_contact_saved: false,
            is_contact_requested: false,
            rows: rows.iter().map(|row| row.id).collect(),
            turn,
            prompt: prompt.unwrap_or_default(),
            effect: None,
            typing: self.show_typing(ctx),
            deadline,
            _place: place,
        }));
        self.perform(action, ctx);
    }

    /// Edits whose message has been answered, or is in this turn; those of messages still behind it wait with them.
    fn edits_to_tell(&self, rows: &[WaitingRow]) -> Vec<Edit> {
        let behind = self.waiting.iter().skip(rows.len());
        let later: Vec<_> = behind.map(|row| row.message_id).collect();
        let edits = self.edits.iter().filter(|edit| !later.contains(&edit.message_id));
        edits.cloned().collect()
    }

    /// What the model is told: the time, edits of earlier messages, the messages.
    fn lines(&self, rows: &[WaitingRow], edits: &[Edit]) -> Vec<HistoryLine> {
        let local = self.shared.runtime.clock.now().with_timezone(&self.shared.zone);
        let mut lines = vec![HistoryLine::developer(local_time_note(local, self.shared.language))];
        let untold = self.customer.as_ref().and_then(|customer| customer.untold_lead);
        lines.extend(untold.map(|source| HistoryLine::developer(notes::lead_saved(source))));
        let longest = self.shared.limits.model_text_chars;
        let shorten = |text: String| text.chars().take(longest).collect::<String>();
        for (n, edit) in edits.iter().enumerate() {
            let is_in_turn = rows.iter().any(|row| row.message_id == edit.message_id);
            let is_outdated = edits
                .iter()
                .skip(n + 1)
                .any(|later| later.message_id == edit.message_id);
            if let (false, Some(text)) = (is_in_turn || is_outdated, edit.message.for_model()) {
                lines.push(HistoryLine::user(shorten(format!(
                    "[edited an earlier message] {text}"
                ))));
            }
        }
        let texts = rows.iter().filter_map(|row| row.message.for_model());
        lines.extend(texts.map(|text| HistoryLine::user(shorten(text))));
        lines
    }

    fn show_typing(&self, ctx: &mut Ctx<'_, Self>) -> Task {
        let (clock, port, chat) = (
            self.shared.runtime.clock.clone(),
            self.shared.ports.typing.clone(),
            self.chat,
        );
        let typing = async move {
            clock.after(TYPING_AFTER).await;
            loop {
                port.hint(ShowTyping { chat });
                clock.after(TYPING_AGAIN).await;
            }
        };
        ctx.spawn(typing, |_, (), _| ())
    }

    /// Does what the turn asks for, and tells it what came of it.
    fn perform(&mut self, action: Action, ctx: &mut Ctx<'_, Self>) {
        let task = match action {
            Action::End(conclusion) => {
                self.conclude(&conclusion, ctx);
                return;
            }
            Action::LoadHistory => self.load_history(ctx),
            Action::Run(request) => {
                self.tell_anew(&request);
                self.run(request, ctx)
            }
            Action::CallTools(calls) => {
                let toolbox = self.shared.toolbox.clone();
                let Work::Model(open) = &self.work else { return };
                let scope = Scope {
                    chat: self.chat,
                    turn: open.id,
                };
                let calling = async move {
                    let mut called = Vec::new();
                    for call in calls {
                        called.push(toolbox.call(scope, call).await);
                    }
                    called
                };
                ctx.spawn(calling, Self::tools_called)
            }
            Action::Wait(due) => {
                self.tell_wait(due);
                let clock = self.shared.runtime.clock.clone();
                ctx.spawn(async move { clock.until(due).await }, |this, (), ctx| {
                    this.advance(Turn::waited, ctx);
                })
            }
        };
        if let Work::Model(open) = &mut self.work {
            open.effect = Some(task);
        }
    }

    fn tools_called(&mut self, called: Vec<Called>, ctx: &mut Ctx<'_, Self>) {
        let has = |effect| called.iter().any(|call| call.effect == effect);
        if let Work::Model(open) = &mut self.work {
            open.is_contact_saved |= has(Effect::ContactSaved);
            open.is_contact_requested |= has(Effect::ContactRequested);
            if let (true, Some(customer)) = (open.is_contact_saved, &mut self.customer) {
                customer.lead_at = Some(self.shared.runtime.clock.now());
            }
        }
        let are_done = called.iter().all(|call| call.is_done);
        let outputs = called.into_iter().map(|call| call.output).collect();
        self.advance(|turn| turn.tools_answered(outputs, are_done), ctx);
    }

    fn advance(&mut self, event: impl FnOnce(&mut Turn) -> Action, ctx: &mut Ctx<'_, Self>) {
        if let Work::Model(open) = &mut self.work {
            let action = event(&mut open.turn);
            self.perform(action, ctx);
        }
    }

    fn load_history(&mut self, ctx: &mut Ctx<'_, Self>) -> Task {
        let load = LoadHistory {
            chat: self.chat,
            lines: u32::try_from(self.shared.limits.history_lines).unwrap_or(u32::MAX),
            chars: self.shared.limits.history_chars,
            text_chars: self.shared.limits.model_text_chars,
            leads_since: self.shared.runtime.clock.now() - self.shared.leads.rules.open_for,
        };
        let (port, runtime, chat) = (
            self.shared.ports.history.clone(),
            self.shared.runtime.clone(),
            self.chat,
        );
        // A new thread must know the past, so there is no going on without it; the deadline ends the trying.
        let loading = async move {
            loop {
                let reason = match port.ask(load, HISTORY_LIMIT).await {
                    Ok(Ok(history)) => return notes::with_effects(history),
                    Ok(Err(error)) => error.to_string(),
                    Err(error) => error.to_string(),
                };
                let failed = Event::warn(Self::NAME, "rows_not_read").chat(chat);
                runtime.events.emit(failed.with("reason", reason));
                runtime.clock.after(HISTORY_AGAIN).await;
            }
        };
        ctx.spawn(loading, |this, history, ctx| {
            this.advance(|turn| turn.history_loaded(history), ctx);
        })
    }

    fn run(&mut self, request: Request, ctx: &mut Ctx<'_, Self>) -> Task {
        let (turn, prompt) = match &self.work {
            Work::Model(open) => (open.id.0, open.prompt.clone()),
            _ => (0, String::new()),
        };
        let answer = self.shared.ports.run.command(StartRun {
            chat: self.chat,
            turn,
            thread: request.thread,
            input: request.input,
            instructions: prompt,
            tools: self.shared.toolbox.definitions(),
            without_tools: request.without_tools,
            max_output_tokens: request.max_output_tokens,
        });
        ctx.spawn(answer, |this, outcome, ctx| {
            let panicked = || RunError::Unknown {
                what: "panicked".into(),
            };
            let outcome = outcome.unwrap_or_else(|_no_answer| Err(panicked()));
            let now = this.shared.runtime.clock.now();
            this.advance(|turn| turn.ran(outcome, now), ctx);
        })
    }

    fn conclude(&mut self, conclusion: &Conclusion, ctx: &mut Ctx<'_, Self>) {
        let Work::Model(open) = std::mem::replace(&mut self.work, Work::Idle) else {
            return;
        };
        open.call_off(ctx);
        let find = |id: Option<&InboxId>| self.waiting.iter().find(|row| Some(&row.id) == id);
        let (Some(first), Some(last)) = (find(open.rows.first()), find(open.rows.last())) else {
            return;
        };
        let rows: Vec<WaitingRow> = open.rows.iter().filter_map(|id| find(Some(id)).cloned()).collect();
        let end = self.end_of(&rows);
        let finish = match conclusion {
            Conclusion::Answered {
                text,
                thread,
                input_tokens,
            } => {
                self.shared.answered();
                let keyboard = match open.is_contact_requested {
                    true => Some(self.contact_button()),
                    false => self.keyboard_to_remove(),
                };
                let envelope = Envelope {
                    answers: self.question_of(first, last),
                    keyboard,
                };
                let thread = thread.clone().map_or(ThreadUpdate::Suspect, |id| ThreadUpdate::Used {
                    id,
                    input_tokens: *input_tokens,
                });
                FinishTurn {
                    reply: Some(from_markdown(text, self.shared.limits.reply_chars, envelope)),
                    thread,
                    told_lead: open.told_lead,
                    form: self.closed_form(),
                    alert: self.trouble_with_facts(),
                    ..end
                }
            }
            Conclusion::Failed(reason) => {
                let is_saved = open.is_contact_saved || !end.contacts.found.is_empty();
                let stopgap = self.stopgap((*reason, open.turn.trouble()), (first, last), is_saved);
                FinishTurn {
                    ending: Ending::Failed(*reason),
                    reply: Some(stopgap.reply),
                    thread: ThreadUpdate::Suspect,
                    form: stopgap.form,
                    alert: stopgap.alert.or_else(|| self.trouble_with_facts()),
                    ..end
                }
            }
        };
        let parts = finish.reply.as_ref().map_or(0, |reply| reply.parts.len());
        self.tell_end(&open, conclusion, parts);
        let figures = open.turn.figures();
        let tokens = figures.input_tokens.saturating_add(figures.output_tokens);
        self.shared.count_tokens(tokens.unsigned_abs());
        let finish = FinishTurn {
            edits: open.edits.clone(),
            figures: open.turn.figures().clone(),
            ..finish
        };
        self.finish(finish, ctx);
    }

    /// The owner's facts cannot be read any more: customers do not notice, an operator should.
    fn trouble_with_facts(&self) -> Option<Alert> {
        let reason = self.shared.prompt.take_trouble()?;
        Some(Alert {
            kind: AlertKind::Facts,
            reason,
            at: self.shared.runtime.clock.now(),
        })
    }
}

mod told;
