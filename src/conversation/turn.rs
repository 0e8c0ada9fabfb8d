//! A turn as a pure state machine: told what happened, it says what to do next. It owns the tool loop, the retries
//! and the choice of the thread. All of it happens inside the turn's deadline, which its owner watches; a wait that
//! would pass it ends the turn at once, since the customer has waited long enough.

use std::sync::Arc;
use std::time::Duration;

use base::backoff::Backoff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{FailReason, HistoryLine, ThreadId};
use spare::Spare;
use store::{ThreadState, TurnFigures};
use wording::sentences::whole_sentences;

use crate::assistant::messages::{RunAnswer, RunError, RunInput, RunThread};
use crate::assistant::messages::{RunStatus, ToolCall, ToolOutput};

/// The bounds of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    /// From the start to the reply.
    pub(super) deadline: TimeDelta,
    /// Rounds of tool calls before a last run without tools.
    pub(super) tool_rounds: u32,
    /// Of one answer; doubled once.
    pub(super) max_output_tokens: u32,
    /// A thread whose last run read more than this is too long.
    pub(super) thread_input_tokens: i64,
    /// A thread that rested longer is begun anew.
    pub(super) thread_rest: TimeDelta,
}

/// A locked thread is waited for that long, then left.
const LOCK_PATIENCE: TimeDelta = TimeDelta::seconds(10);
/// Before a run that was refused without need, as it seems, is made again; each further time so much longer.
const SECOND_TRY: TimeDelta = TimeDelta::seconds(2);
/// Refusals of the key or the model that are taken for mistakes while others are answered.
const FORBIDDEN: u8 = 2;
/// Rejections after which a new thread is tried.
const REJECTED: u8 = 1;
/// New threads that may get lost at once before the request itself must be at fault.
const LOST_THREADS: u32 = 3;

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// A new thread has to be told the past.
    LoadHistory,
    /// Make this run.
    Run(NextRun),
    /// Answer these calls, in order.
    CallTools(Vec<ToolCall>),
    /// Come back then.
    Wait(DateTime<Utc>),
    /// The turn is over.
    End(Conclusion),
}

/// The run that comes next.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NextRun {
    pub(super) thread: RunThread,
    pub(super) input: RunInput,
    pub(super) without_tools: bool,
    pub(super) max_output_tokens: u32,
    /// The turn left its thread for a new one, and this is the first run there.
    pub(super) is_anew: bool,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conclusion {
    /// The model's text, never empty.
    Answered {
        /// Markdown.
        text: String,
        /// The thread, if it may be used again.
        thread: Option<ThreadId>,
        /// What its last run read.
        input_tokens: i64,
    },
    /// No answer.
    Failed(FailReason),
}

/// A turn under way.
#[derive(Debug)]
pub(super) struct Turn {
    rules: Rules,
    deadline: DateTime<Utc>,
    /// What the customer said, with our notes.
    lines: Arc<[HistoryLine]>,
    thread: Option<ThreadId>,
    thread_choice: &'static str,
    history: Option<Vec<HistoryLine>>,
    request: Option<NextRun>,
    after_wait: AfterWait,
    attempt: u32,
    locked_since: Option<DateTime<Utc>>,
    forbidden: u8,
    rejected: u8,
    lost_threads: u32,
    rounds: u32,
    spare: Spare,
    is_room_doubled: bool,
    /// What became of the last run, if it failed.
    trouble: Option<String>,
    figures: TurnFigures,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterWait {
    SameRun,
    NewThread,
}

impl Turn {
    /// A turn about these lines, on the customer's thread if that is still good.
    pub(super) fn new(rules: Rules, lines: Vec<HistoryLine>, thread: &ThreadState, now: DateTime<Utc>) -> Self {
        let (thread, thread_choice) = match usable(thread, rules, now) {
            Ok(id) => (Some(id), "kept"),
            Err(why) => (None, why),
        };
        Self {
            rules,
            deadline: now + rules.deadline,
            lines: lines.into(),
            thread,
            thread_choice,
            history: None,
            request: None,
            after_wait: AfterWait::SameRun,
            attempt: 0,
            locked_since: None,
            forbidden: 0,
            rejected: 0,
            lost_threads: 0,
            rounds: 0,
            spare: Spare::default(),
            is_room_doubled: false,
            trouble: None,
            figures: TurnFigures {
                started_at: Some(now),
                ..TurnFigures::default()
            },
        }
    }

    /// When it has to be over.
    pub(super) fn deadline(&self) -> DateTime<Utc> {
        self.deadline
    }

    /// What it took so far.
    pub(super) fn figures(&self) -> &TurnFigures {
        &self.figures
    }

    /// What an operator may want to know of a turn that failed: the last run's error, in a word.
    pub(super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Whether the customer's thread goes on, or why it does not; one word for the log.
    pub(super) fn thread_choice(&self) -> &'static str {
        self.thread_choice
    }

    /// The first action.
    pub(super) fn begin(&mut self) -> Action {
        let Some(thread) = self.thread.clone() else {
            return self.begin_new_thread();
        };
        self.next_run(RunThread::Existing(thread), RunInput::Lines(Arc::clone(&self.lines)))
    }

    /// The only action where there are no instructions: a model without them would promise what it likes.
    pub(super) fn without_instructions(&mut self) -> Action {
        self.trouble = Some("instructions".to_owned());
        Action::End(Conclusion::Failed(FailReason::Unavailable))
    }

    /// The past has been loaded.
    pub(super) fn history_loaded(&mut self, history: Vec<HistoryLine>) -> Action {
        self.history = Some(history);
        self.begin_new_thread()
    }

    /// The time of a [`Action::Wait`] has come.
    pub(super) fn waited(&mut self) -> Action {
        match (self.after_wait, &self.request) {
            (AfterWait::SameRun, Some(request)) => {
                self.figures.runs += 1;
                Action::Run(request.clone())
            }
            _ => self.begin_new_thread(),
        }
    }

    /// The deadline has passed.
    pub(super) fn ran_out_of_time(&mut self) -> Action {
        self.end(FailReason::Deadline)
    }

    /// The tools were called; `are_done`: each of them with success.
    pub(super) fn tools_answered(&mut self, outputs: Vec<ToolOutput>, are_done: bool) -> Action {
        self.spare.calls_ended(are_done);
        self.rounds += 1;
        self.figures.tool_calls += u32::try_from(outputs.len()).unwrap_or(u32::MAX);
        match self.thread.clone() {
            Some(thread) => self.next_run(RunThread::Existing(thread), RunInput::Outputs(outputs)),
            None => self.begin_new_thread(),
        }
    }

    /// A run came back.
    pub(super) fn ran(&mut self, outcome: Result<RunAnswer, RunError>, now: DateTime<Utc>) -> Action {
        match outcome {
            Ok(answer) => self.answered(answer),
            Err(error) => self.failed(&error, now),
        }
    }

    fn answered(&mut self, answer: RunAnswer) -> Action {
        let figures = &mut self.figures;
        figures.input_tokens = figures.input_tokens.saturating_add(answer.usage.input_tokens);
        figures.output_tokens = figures.output_tokens.saturating_add(answer.usage.output_tokens);
        self.locked_since = None;
        self.trouble = None;
        (self.attempt, self.forbidden) = (0, 0);
        let were_tools_offered = self.request.as_ref().is_some_and(|request| !request.without_tools);
        let has_calls = !answer.calls.is_empty();
        self.thread = Some(answer.thread.clone());
        if has_calls && were_tools_offered {
            self.spare.calls_began(answer.text, self.rounds == 0);
            return Action::CallTools(answer.calls);
        }
        if answer.status == RunStatus::Refused {
            return Action::End(Conclusion::Failed(FailReason::Refused));
        }
        let is_cut = answer.status == RunStatus::Incomplete;
        let text = match is_cut {
            true => whole_sentences(&answer.text).to_owned(),
            false => answer.text,
        };
        let text = match text.trim().is_empty() && !is_cut {
            true => self.spare.beside_calls(),
            false => text,
        };
        if is_cut && !self.is_room_doubled || text.trim().is_empty() {
            self.spare.broke_off(text);
            return self.once_more_with_room();
        }
        Action::End(Conclusion::Answered {
            text,
            // A call without an output would make the thread refuse the next turn.
            thread: (!has_calls).then_some(answer.thread),
            input_tokens: answer.usage.input_tokens,
        })
    }

    /// Out of room, or simply nothing: once more with double the room.
    fn once_more_with_room(&mut self) -> Action {
        if self.is_room_doubled {
            return self.end(FailReason::Empty);
        }
        self.is_room_doubled = true;
        self.begin_new_thread()
    }

    /// There is no answer, unless something was said before that is better than none.
    fn end(&mut self, reason: FailReason) -> Action {
        let text = self.spare.in_place_of(reason);
        Action::End(match text.trim().is_empty() {
            true => Conclusion::Failed(reason),
            false => Conclusion::Answered {
                text,
                thread: None,
                input_tokens: 0,
            },
        })
    }

    fn failed(&mut self, error: &RunError, now: DateTime<Utc>) -> Action {
        self.attempt += 1;
        self.trouble = error.what().map(str::to_owned);
        match error {
            RunError::NotExecuted { retry_after, .. } => {
                let delay = Backoff::RUN.delay(self.attempt).max(retry_after.unwrap_or_default());
                self.wait(delay, AfterWait::SameRun, now)
            }
            RunError::Locked { retry_after } => {
                let since = *self.locked_since.get_or_insert(now);
                let asked = TimeDelta::from_std(retry_after.unwrap_or_default()).unwrap_or(self.rules.deadline);
                let last = since + LOCK_PATIENCE;
                let due = (now + Backoff::RUN.span(self.attempt)).min(last).max(now + asked);
                if now < last && due < self.deadline {
                    self.wait_until(due, AfterWait::SameRun)
                } else {
                    self.begin_new_thread()
                }
            }
            RunError::Unknown { .. } => self.wait(Backoff::RUN.delay(self.attempt), AfterWait::NewThread, now),
            RunError::ThreadLost { .. } => self.lost_thread(),
            RunError::Forbidden { .. } if self.forbidden < FORBIDDEN => {
                self.forbidden += 1;
                self.wait_until(now + SECOND_TRY * i32::from(self.forbidden), AfterWait::SameRun)
            }
            RunError::Rejected { .. } if self.rejected < REJECTED => {
                self.rejected += 1;
                self.wait_until(now + SECOND_TRY, AfterWait::NewThread)
            }
            RunError::Forbidden { .. } | RunError::Rejected { .. } => self.end(FailReason::Rejected),
            RunError::Unavailable { .. } => self.end(FailReason::Unavailable),
            RunError::Declined { .. } => Action::End(Conclusion::Failed(FailReason::Refused)),
        }
    }

    fn lost_thread(&mut self) -> Action {
        self.lost_threads += 1;
        if self.lost_threads > LOST_THREADS {
            return self.end(FailReason::Rejected);
        }
        if let (2.., Some(history)) = (self.lost_threads, &mut self.history) {
            // A new thread that is too long as well: the past is what can be left out.
            history.clear();
        }
        self.begin_new_thread()
    }

    fn begin_new_thread(&mut self) -> Action {
        self.thread = None;
        self.locked_since = None;
        self.rounds = 0;
        let Some(history) = &self.history else {
            return Action::LoadHistory;
        };
        let input = history.iter().chain(&*self.lines).cloned().collect();
        self.next_run(RunThread::New, RunInput::Lines(input))
    }

    fn next_run(&mut self, thread: RunThread, input: RunInput) -> Action {
        let request = NextRun {
            is_anew: thread == RunThread::New && self.figures.runs > 0,
            thread,
            input,
            without_tools: self.rounds >= self.rules.tool_rounds,
            max_output_tokens: self.rules.max_output_tokens << u32::from(self.is_room_doubled),
        };
        self.request = Some(NextRun {
            is_anew: false,
            ..request.clone()
        });
        self.figures.runs += 1;
        Action::Run(request)
    }

    fn wait(&mut self, delay: Duration, then: AfterWait, now: DateTime<Utc>) -> Action {
        let delay = TimeDelta::from_std(delay).unwrap_or(self.rules.deadline);
        self.wait_until(now + delay, then)
    }

    fn wait_until(&mut self, due: DateTime<Utc>, then: AfterWait) -> Action {
        self.after_wait = then;
        if due >= self.deadline {
            return self.end(FailReason::Deadline);
        }
        Action::Wait(due)
    }
}

/// The thread to go on with, or why a new one is begun. Ids that OpenAI's Assistants left behind lead nowhere.
fn usable(thread: &ThreadState, rules: Rules, now: DateTime<Utc>) -> Result<ThreadId, &'static str> {
    let id = thread.id.clone().ok_or("first")?;
    match thread {
        _ if thread.is_suspect => Err("suspect"),
        _ if !id.0.starts_with("conv_") => Err("legacy"),
        _ if thread.last_input_tokens > rules.thread_input_tokens => Err("long"),
        _ if thread.used_at.is_some_and(|used| now - used > rules.thread_rest) => Err("idle"),
        _ => Ok(id),
    }
}

mod spare;

#[cfg(test)]
mod tests;
