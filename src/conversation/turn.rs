//! A turn as a pure state machine: each event returns the next action. It owns the tool loop, the retries and the choice
//! of the thread. The owner enforces the turn's deadline. A wait beyond the deadline ends the turn at once, because the
//! customer has waited long enough.

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

/// The limits of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    /// From the start to the reply.
    pub(super) deadline: TimeDelta,
    /// Rounds of tool calls before a last run without tools.
    pub(super) tool_rounds: u32,
    /// Per answer; doubled once.
    pub(super) max_output_tokens: u32,
    /// A thread whose last run read more than this is replaced.
    pub(super) thread_input_tokens: i64,
    /// A thread idle for longer is replaced.
    pub(super) thread_idle: TimeDelta,
}

/// The longest wait for a locked thread before it is replaced.
const LOCK_WAIT: TimeDelta = TimeDelta::seconds(10);
/// The pause before the retry of a run that was perhaps rejected by mistake; each further pause is longer by this.
const RETRY_PAUSE: TimeDelta = TimeDelta::seconds(2);
/// Rejections of the key or the model that count as OpenAI's mistake while the breaker is closed.
const FORBIDDEN: u8 = 2;
/// Rejected runs that are retried on a new thread.
const REJECTED: u8 = 1;
/// With more lost threads than this in one turn, the request itself counts as invalid.
const LOST_THREADS: u32 = 3;

/// The next action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Load the history for a new thread.
    LoadHistory,
    /// Make this run.
    Run(NextRun),
    /// Make these tool calls, in order.
    CallTools(Vec<ToolCall>),
    /// Wait until then.
    Wait(DateTime<Utc>),
    /// End the turn.
    End(Conclusion),
}

/// The next run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NextRun {
    pub(super) thread: RunThread,
    pub(super) input: RunInput,
    pub(super) without_tools: bool,
    pub(super) max_output_tokens: u32,
    /// The first run on a thread that replaces the turn's earlier one.
    pub(super) replaces_thread: bool,
}

/// The end of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Conclusion {
    /// The model's text, never empty.
    Answered {
        /// Markdown.
        text: String,
        /// The thread, if it can be used again.
        thread: Option<ThreadId>,
        /// Tokens read by its last run.
        input_tokens: i64,
    },
    /// No answer.
    Failed(FailReason),
}

/// A running turn.
#[derive(Debug)]
pub(super) struct Turn {
    rules: Rules,
    deadline: DateTime<Utc>,
    /// The customer's messages and the notes for the model.
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
    is_limit_doubled: bool,
    /// The cause of the last run's failure.
    failure: Option<String>,
    figures: TurnFigures,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AfterWait {
    SameRun,
    NewThread,
}

impl Turn {
    /// Creates a turn about these lines, on the customer's thread if it is still usable.
    pub(super) fn new(rules: Rules, lines: Vec<HistoryLine>, thread: &ThreadState, now: DateTime<Utc>) -> Self {
        let (thread, thread_choice) = match usable(thread, rules, now) {
            Ok(id) => (Some(id), "kept"),
            Err(reason) => (None, reason),
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
            is_limit_doubled: false,
            failure: None,
            figures: TurnFigures {
                started_at: Some(now),
                ..TurnFigures::default()
            },
        }
    }

    pub(super) fn deadline(&self) -> DateTime<Utc> {
        self.deadline
    }

    pub(super) fn figures(&self) -> &TurnFigures {
        &self.figures
    }

    /// The cause of the last run's failure, for logs and alerts.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Whether the customer's thread is kept, or the reason for a new one, for the log.
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

    /// Ends a turn without instructions: a model without them could promise anything.
    pub(super) fn without_instructions(&mut self) -> Action {
        self.failure = Some("instructions".to_owned());
        Action::End(Conclusion::Failed(FailReason::Unavailable))
    }

    pub(super) fn history_loaded(&mut self, history: Vec<HistoryLine>) -> Action {
        self.history = Some(history);
        self.begin_new_thread()
    }

    /// An [`Action::Wait`] is over.
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

    /// The tools were called.
    pub(super) fn tools_answered(&mut self, outputs: Vec<ToolOutput>, all_succeeded: bool) -> Action {
        self.spare.calls_ended(all_succeeded);
        self.rounds += 1;
        self.figures.tool_calls += u32::try_from(outputs.len()).unwrap_or(u32::MAX);
        match self.thread.clone() {
            Some(thread) => self.next_run(RunThread::Existing(thread), RunInput::Outputs(outputs)),
            None => self.begin_new_thread(),
        }
    }

    /// A run ended.
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
        self.failure = None;
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
        if is_cut && !self.is_limit_doubled || text.trim().is_empty() {
            self.spare.cut_off(text);
            return self.retry_with_double_limit();
        }
        Action::End(Conclusion::Answered {
            text,
            // A thread with an unanswered call would reject the next turn.
            thread: (!has_calls).then_some(answer.thread),
            input_tokens: answer.usage.input_tokens,
        })
    }

    /// The answer was cut off or empty: retries once with double `max_output_tokens`.
    fn retry_with_double_limit(&mut self) -> Action {
        if self.is_limit_doubled {
            return self.end(FailReason::Empty);
        }
        self.is_limit_doubled = true;
        self.begin_new_thread()
    }

    /// Ends the turn without an answer, unless an earlier text can replace it.
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
        self.failure = error.what().map(str::to_owned);
        match error {
            RunError::NotExecuted { retry_after, .. } => {
                let delay = Backoff::RUN.delay(self.attempt).max(retry_after.unwrap_or_default());
                self.wait(delay, AfterWait::SameRun, now)
            }
            RunError::Locked { retry_after } => {
                let since = *self.locked_since.get_or_insert(now);
                let asked = TimeDelta::from_std(retry_after.unwrap_or_default()).unwrap_or(self.rules.deadline);
                let last = since + LOCK_WAIT;
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
                self.wait_until(now + RETRY_PAUSE * i32::from(self.forbidden), AfterWait::SameRun)
            }
            RunError::Rejected { .. } if self.rejected < REJECTED => {
                self.rejected += 1;
                self.wait_until(now + RETRY_PAUSE, AfterWait::NewThread)
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
            // A new thread was too long as well: retry without the history.
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
            replaces_thread: thread == RunThread::New && self.figures.runs > 0,
            thread,
            input,
            without_tools: self.rounds >= self.rules.tool_rounds,
            max_output_tokens: self.rules.max_output_tokens << u32::from(self.is_limit_doubled),
        };
        self.request = Some(NextRun {
            replaces_thread: false,
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

/// The thread to continue, or the reason for a new one. Ids of OpenAI's Assistants API are not usable.
fn usable(thread: &ThreadState, rules: Rules, now: DateTime<Utc>) -> Result<ThreadId, &'static str> {
    let id = thread.id.clone().ok_or("first")?;
    match thread {
        _ if thread.is_suspect => Err("suspect"),
        _ if !id.0.starts_with("conv_") => Err("legacy"),
        _ if thread.last_input_tokens > rules.thread_input_tokens => Err("long"),
        _ if thread.used_at.is_some_and(|used| now - used > rules.thread_idle) => Err("idle"),
        _ => Ok(id),
    }
}

mod spare;

#[cfg(test)]
mod tests;
