//! `POST /responses`: one run at a time per conversation, which continues after its client disconnects,
//! and whose items are added to the conversation only when it completes
//! (platform.openai.com/docs/guides/conversation-state).

use std::sync::Arc;

use serde_json::Value;

use super::RunSeen;
use super::error::{ApiError, refusal};
use super::input::check_calls;
use super::oddities;
use super::render::{self, Ending};
use super::request::{self, Request, conversation_of};
use super::state::Shared;
use crate::fault::Fault;
use crate::faults::{Edge, Hit, Seen};
use crate::items::last_user_text;
use crate::journal::Event;
use crate::script::{Answer, Run};
use crate::server::{Answer as Reply, Outcome};
use crate::strike;

/// Answers a run; rules search `text`.
pub(crate) async fn call(shared: &Arc<Shared>, body: &Value, text: &str) -> Outcome {
    let conversation = conversation_of(body);
    let index = note(shared, body, conversation.as_deref());
    let seen = Seen {
        edge: Edge::OpenAi,
        point: "responses",
        chat: None,
        text,
    };
    let hit = shared.faults.hit(&seen);
    let fault = hit.as_ref().map(|hit| &hit.fault);
    if let Some(fault) = fault {
        if let Some(outcome) = strike::before(fault) {
            return outcome;
        }
        let model = body["model"].as_str().unwrap_or_default();
        if let Some((answer, code)) = refusal(fault, conversation.as_deref(), model) {
            let status = answer.status;
            shared.journal.record(Event::RunRefused {
                conversation,
                status,
                code,
            });
            return Outcome::Whole(answer);
        }
    }
    let answer = match begin(shared, body, index, hit.clone()).await {
        Ok(response) => {
            let mut reply = Reply::json(200, &response);
            if fault.is_some() {
                reply.body = oddities::written(&reply.body).into();
            }
            reply
        }
        Err(error) => {
            let code = error.code.unwrap_or_default().to_owned();
            shared.journal.record(Event::RunRefused {
                conversation,
                status: error.status,
                code,
            });
            error.answer()
        }
    };
    strike::after(fault, answer)
}

/// Records the request and the customer's last text, if known by now.
fn note(shared: &Shared, body: &Value, conversation: Option<&str>) -> usize {
    let mut state = shared.state();
    let history = conversation
        .and_then(|id| state.conversations.get(id))
        .map(|found| found.items.as_slice());
    let input = match &body["input"] {
        Value::Array(items) => items.clone(),
        input => vec![serde_json::json!({"role": "user", "content": input})],
    };
    let text = last_user_text(history.unwrap_or_default(), &input);
    let conversation = conversation.map(str::to_owned);
    let n = shared.journal.record(Event::RunAsked {
        conversation: conversation.clone(),
        text,
    });
    if shared.journal.is_kept() {
        state.runs.push(RunSeen {
            n,
            conversation,
            input: body["input"].clone(),
            body: body.clone(),
            completed: false,
        });
    }
    state.runs.len().saturating_sub(1)
}

/// Keeps a conversation locked until dropped.
struct Lock {
    shared: Arc<Shared>,
    conversation: Option<String>,
}

impl Lock {
    /// Locks the conversation of a request; returns its items too.
    fn take(shared: &Arc<Shared>, request: &Request) -> Result<(Self, Vec<Value>), ApiError> {
        let mut history = Vec::new();
        if let Some(id) = &request.conversation {
            let mut state = shared.state();
            let conversation = state.conversation(id)?;
            if conversation.is_locked {
                return Err(ApiError::locked());
            }
            check_calls(&conversation.items, &request.input)?;
            conversation.is_locked = true;
            history.clone_from(&conversation.items);
        } else {
            check_calls(&[], &request.input)?;
        }
        let conversation = request.conversation.clone();
        Ok((
            Self {
                shared: Arc::clone(shared),
                conversation,
            },
            history,
        ))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(id) = &self.conversation
            && let Some(conversation) = self.shared.state().conversations.get_mut(id)
        {
            conversation.is_locked = false;
        }
    }
}

async fn begin(shared: &Arc<Shared>, body: &Value, index: usize, hit: Option<Hit>) -> Result<Value, ApiError> {
    let request = request::read(body, &shared.ids, &shared.journal)?;
    let (lock, history) = Lock::take(shared, &request)?;
    let text = last_user_text(&history, &request.input);
    shared.journal.record(Event::RunStarted {
        conversation: request.conversation.clone(),
        text,
    });
    // A separate task: a client that disconnects does not end the run.
    let work = tokio::spawn(work(lock, history, request, index, hit));
    // It fails only if the script panics.
    work.await.map_err(|_panic| ApiError::server())
}

async fn work(lock: Lock, history: Vec<Value>, request: Request, index: usize, hit: Option<Hit>) -> Value {
    let shared = Arc::clone(&lock.shared);
    let (latency, script) = {
        let state = shared.state();
        (state.latency, Arc::clone(&state.script))
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    shared.faults.wait_out(hit.as_ref()).await;
    let run = Run::of_request(
        request.conversation.clone(),
        history,
        request.input.clone(),
        &request.body,
        request.tools.clone(),
    );
    let ending = match hit.map(|hit| hit.fault) {
        Some(Fault::Incomplete) => Ending::Incomplete,
        Some(Fault::Empty) => Ending::Empty,
        Some(Fault::Refusal) => Ending::Said(Answer::Refusal("I cannot help with that.".to_owned())),
        Some(Fault::Answer(oddity)) => Ending::Odd(oddity, script.answer(&run)),
        Some(Fault::UnknownItem) => Ending::BesideUnknown(script.answer(&run)),
        Some(Fault::Thoughts) => Ending::Said(around(script.answer(&run), THOUGHTS, "")),
        Some(Fault::CutCitation) => Ending::Said(around(script.answer(&run), "", CUT_CITATION)),
        _ => Ending::Said(script.answer(&run)),
    };
    let output = render::output(&shared.ids, &request, &ending);
    let response = render::response(&shared.ids, &run, &request, &output, &ending);
    complete(&shared, lock, request, index, &output, ending.text());
    response
}

const THOUGHTS: &str = "<think>\nThe customer writes. I should answer in one sentence.\n</think>\n\n";
const CUT_CITATION: &str = " 【4:0†pri";

/// A text with a prefix and a suffix; other answers unchanged.
fn around(answer: Answer, before: &str, behind: &str) -> Answer {
    match answer {
        Answer::Text(text) => Answer::Text(format!("{before}{text}{behind}")),
        other => other,
    }
}

fn complete(shared: &Shared, lock: Lock, request: Request, index: usize, output: &[Value], text: String) {
    let conversation = request.conversation;
    {
        let mut state = shared.state();
        // It may have been deleted while the run was under way.
        let found = conversation.as_ref().and_then(|id| state.conversations.get_mut(id));
        if let Some(found) = found.filter(|_| shared.journal.is_kept()) {
            found.items.extend(request.input);
            found.items.extend_from_slice(output);
        }
        if let Some(run) = state.runs.get_mut(index) {
            run.completed = true;
        }
    }
    // Before the entry that others wait for: a caller that sees the run end may start the next one.
    drop(lock);
    shared.journal.record(Event::RunCompleted { conversation, text });
}
