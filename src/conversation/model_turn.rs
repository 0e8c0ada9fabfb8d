//! A turn of the model from its first run to its end. It performs the actions of the state machine in `turn` and returns their
//! results, shows "typing…" meanwhile, and enforces the deadline. Dropping it cancels the turn.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use base::Event;
use chrono::TimeDelta;
use domain::{Alert, AlertKind, ChatId, HistoryLine, InboxId, LeadSource, TurnId};
use store::{Edit, Ending, FinishTurn, LoadHistory, ThreadUpdate, WaitingRow};
use wording::templates::local_time_note;

use super::chat::Chat;
use super::form::stopgap;
use super::notes;
use super::reply::{Frame, from_markdown};
use super::shared::Shared;
use super::turn::{Action, Conclusion, NextRun, Turn};
use crate::assistant::messages::{RunAnswer, RunError, StartRun};
use crate::assistant::messages::{ToolCall, ToolOutput};
use crate::telegram::messages::ShowTyping;
use crate::tools::{Effect, Scope};

mod log;

/// A faster reply needs no "typing…".
const TYPING_AFTER: TimeDelta = TimeDelta::milliseconds(300);
/// Telegram shows it for five seconds (Bot API, sendChatAction).
const TYPING_INTERVAL: TimeDelta = TimeDelta::seconds(4);
const HISTORY_LIMIT: std::time::Duration = std::time::Duration::from_secs(30);
const HISTORY_RETRY: TimeDelta = TimeDelta::seconds(1);

/// An open turn.
pub(super) struct ModelTurn {
    pub(super) id: TurnId,
    chat: ChatId,
    update: i64,
    rows: Vec<InboxId>,
    edits: Vec<InboxId>,
    /// The lead announced to the model in this turn.
    lead_announced: Option<LeadSource>,
    turn: Turn,
    /// A tool saved the customer's contact; the reply may confirm it even if the turn fails.
    is_contact_saved: bool,
    /// The reply gets the contact button.
    is_contact_requested: bool,
}

impl ModelTurn {
    /// Opens a turn about the first `count` rows.
    pub(super) fn open(shared: &Shared, chat: &mut Chat, count: usize) -> Option<Self> {
        let rows = chat.first(count);
        let (first, last) = (rows.first()?, rows.last()?);
        chat.turns_today.add(1, shared.local_now());
        let edits = chat.edits_for_model(count);
        let lead_announced = chat.customer.lead_pending_for_model;
        let lines = lines(shared, lead_announced, &rows, &edits);
        let now = shared.runtime.clock.now();
        let turn = Turn::new(shared.rules, lines, &chat.customer.thread, now);
        let started = Event::info("conversation", "turn_started")
            .chat(chat.customer.chat)
            .upd(first.update)
            .turn(first.id)
            .with("last_row", last.id)
            .with("rows", rows.len())
            .with("attempt", first.attempts + first.panics + 1)
            .with("thread_choice", turn.thread_choice());
        shared.runtime.events.emit(started);
        if let Some(album) = last.message.album.clone() {
            chat.media.album = Some(album);
        }
        Some(Self {
            id: first.id.into(),
            chat: chat.customer.chat,
            update: first.update.0,
            rows: rows.iter().map(|row| row.id).collect(),
            edits: edits.iter().map(|edit| edit.id).collect(),
            lead_announced,
            turn,
            is_contact_saved: false,
            is_contact_requested: false,
        })
    }

    pub(super) async fn run(&mut self, shared: &Shared) -> Conclusion {
        let mut overdue = pin!(shared.runtime.clock.until(self.turn.deadline()));
        let mut typing = pin!(show_typing(shared, self.chat));
        let prompt = shared.prompt.current();
        let mut action = match &prompt {
            Some(_) => self.turn.begin(),
            None => self.turn.without_instructions(),
        };
        let prompt = prompt.unwrap_or_default();
        loop {
            let step = match action {
                Action::End(conclusion) => return conclusion,
                step => step,
            };
            action = tokio::select! {
                biased;
                () = &mut overdue => self.turn.ran_out_of_time(),
                action = self.perform(step, &prompt, shared) => action,
                never = &mut typing => match never {},
            };
        }
    }

    /// Performs an action and returns the next one.
    async fn perform(&mut self, action: Action, prompt: &Arc<str>, shared: &Shared) -> Action {
        match action {
            Action::LoadHistory => {
                let history = load_history(shared, self.chat).await;
                self.turn.history_loaded(history)
            }
            Action::Run(request) => {
                self.log_repeat(shared, &request);
                let outcome = self.ask_model(request, prompt, shared).await;
                self.turn.ran(outcome, shared.runtime.clock.now())
            }
            Action::CallTools(calls) => {
                let (outputs, all_succeeded) = self.call(calls, shared).await;
                self.turn.tools_answered(outputs, all_succeeded)
            }
            Action::Wait(due) => {
                self.log_wait(shared, due);
                shared.runtime.clock.until(due).await;
                self.turn.waited()
            }
            end @ Action::End(_) => end,
        }
    }

    async fn ask_model(&self, request: NextRun, prompt: &Arc<str>, shared: &Shared) -> Result<RunAnswer, RunError> {
        let answer = shared.ports.run.command(StartRun {
            chat: self.chat,
            turn: self.id.0,
            thread: request.thread,
            input: request.input,
            instructions: Arc::clone(prompt),
            tools: Arc::clone(shared.toolbox.definitions()),
            without_tools: request.without_tools,
            max_output_tokens: request.max_output_tokens,
        });
        let panicked = || RunError::Unknown {
            what: "panicked".into(),
        };
        answer.await.unwrap_or_else(|_no_answer| Err(panicked()))
    }

    async fn call(&mut self, calls: Vec<ToolCall>, shared: &Shared) -> (Vec<ToolOutput>, bool) {
        let scope = Scope {
            chat: self.chat,
            turn: self.id,
        };
        let mut called = Vec::new();
        for call in calls {
            called.push(shared.toolbox.call(scope, call).await);
        }
        let has = |effect| called.iter().any(|call| call.effect == effect);
        self.is_contact_saved |= has(Effect::ContactSaved);
        self.is_contact_requested |= has(Effect::ContactRequested);
        let all_succeeded = called.iter().all(|call| call.is_done);
        (called.into_iter().map(|call| call.output).collect(), all_succeeded)
    }

    pub(super) fn is_contact_saved(&self) -> bool {
        self.is_contact_saved
    }

    /// The record of its end; `None` if its rows no longer wait.
    pub(super) fn end(self, shared: &Shared, chat: &Chat, conclusion: &Conclusion) -> Option<FinishTurn> {
        let rows = chat.rows(&self.rows);
        let question = (rows.first()?, rows.last()?);
        let end = FinishTurn {
            edits: self.edits.clone(),
            figures: self.turn.figures().clone(),
            ..shared.end_of(self.chat, &rows)
        };
        let finish = match conclusion {
            Conclusion::Answered {
                text,
                thread,
                input_tokens,
            } => {
                shared.reset_rejections();
                let keyboard = match self.is_contact_requested {
                    true => Some(shared.contact_button(chat)),
                    false => chat.keyboard_to_remove(),
                };
                let frame = Frame {
                    answers: shared.question_of(chat, question),
                    keyboard,
                };
                FinishTurn {
                    reply: Some(from_markdown(text, shared.config.limits.reply_chars, frame)),
                    thread: thread.clone().map_or(ThreadUpdate::Suspect, |id| ThreadUpdate::Used {
                        id,
                        input_tokens: *input_tokens,
                    }),
                    lead_announced: self.lead_announced,
                    form: chat.closed_form(),
                    alert: facts_alert(shared),
                    ..end
                }
            }
            Conclusion::Failed(reason) => {
                let is_saved = self.is_contact_saved || !end.contacts.found.is_empty();
                let stopgap = stopgap(shared, chat, (*reason, self.turn.failure()), question, is_saved);
                FinishTurn {
                    ending: Ending::Failed(*reason),
                    reply: Some(stopgap.reply),
                    thread: ThreadUpdate::Suspect,
                    form: stopgap.form,
                    alert: stopgap.alert.or_else(|| facts_alert(shared)),
                    ..end
                }
            }
        };
        let parts = finish.reply.as_ref().map_or(0, |reply| reply.parts.len());
        self.log_end(shared, conclusion, parts);
        let tokens = finish.figures.input_tokens.saturating_add(finish.figures.output_tokens);
        shared.count_tokens(tokens.unsigned_abs());
        Some(finish)
    }
}

/// The input for the model: the time, a saved lead, edits of earlier messages, the messages.
fn lines(shared: &Shared, lead: Option<LeadSource>, rows: &[WaitingRow], edits: &[Edit]) -> Vec<HistoryLine> {
    let note = local_time_note(shared.local_now(), shared.language);
    let mut lines = vec![HistoryLine::developer(note)];
    lines.extend(lead.map(|source| HistoryLine::developer(notes::lead_saved(source))));
    let longest = shared.config.limits.model_text_chars;
    let shorten = |text: String| text.chars().take(longest).collect::<String>();
    for (n, edit) in edits.iter().enumerate() {
        let is_in_turn = rows.iter().any(|row| row.message_id == edit.message_id);
        let mut later = edits.iter().skip(n + 1);
        let is_outdated = later.any(|later| later.message_id == edit.message_id);
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

async fn show_typing(shared: &Shared, chat: ChatId) -> Infallible {
    let clock = &shared.runtime.clock;
    clock.after(TYPING_AFTER).await;
    loop {
        shared.ports.typing.hint(ShowTyping { chat });
        clock.after(TYPING_INTERVAL).await;
    }
}

/// A new thread needs the history, so this retries until the deadline ends the turn.
async fn load_history(shared: &Shared, chat: ChatId) -> Vec<HistoryLine> {
    let load = LoadHistory {
        chat,
        lines: u32::try_from(shared.config.limits.history_lines).unwrap_or(u32::MAX),
        chars: shared.config.limits.history_chars,
        text_chars: shared.config.limits.model_text_chars,
        leads_since: shared.runtime.clock.now() - shared.leads.rules.open_for,
    };
    loop {
        let reason = match shared.ports.history.ask(load, HISTORY_LIMIT).await {
            Ok(Ok(history)) => return notes::with_effects(history, &shared.toolbox),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        let failed = Event::warn("conversation", "conversation_load_failed").chat(chat);
        shared.runtime.events.emit(failed.with("reason", reason));
        shared.runtime.clock.after(HISTORY_RETRY).await;
    }
}

/// Alerts the operators if the facts file cannot be read; customers are still answered with the earlier facts.
fn facts_alert(shared: &Shared) -> Option<Alert> {
    let reason = shared.prompt.take_failure()?;
    Some(Alert {
        kind: AlertKind::Facts,
        reason,
        at: shared.runtime.clock.now(),
    })
}
