//! The HTTP side of the Telegram stand-in: token, method, parameters, faults, and the envelope
//! `{"ok":…}` of core.telegram.org/bots/api#making-requests.

use std::sync::Arc;

use chrono::DateTime;
use hyper::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::checks::{self, Shape, chat_id};
use super::methods;
use super::refused::{Refused, refusal};
use super::state::Shared;
use crate::faults::{Edge, Hit, Seen};
use crate::ids::unix_seconds;
use crate::journal::Event;
use crate::server::{Answer, Call, Handler, Outcome};
use crate::strike;

/// The server behind the stand-in's port.
#[derive(Debug)]
pub(crate) struct TelegramEdge(pub(crate) Arc<Shared>);

/// A call with a valid token, method and parameters.
struct Request {
    shape: &'static Shape,
    parameters: Map<String, Value>,
    chat: Option<i64>,
    text: String,
}

impl Handler for TelegramEdge {
    async fn handle(self: Arc<Self>, call: Call) -> Outcome {
        let shared = &self.0;
        let request = match read(shared, &call) {
            Ok(request) => request,
            Err(refused) => return self.dated(Outcome::Whole(refused.answer())),
        };
        let name = request.shape.name;
        let seen = Seen {
            edge: Edge::Telegram,
            point: name,
            chat: request.chat,
            text: &request.text,
        };
        let hit = shared.faults.hit(&seen);
        let outcome = self.dated(self.struck(&request, hit).await);
        let status = match &outcome {
            Outcome::Whole(answer) | Outcome::Half(answer) => answer.status,
            Outcome::Cut | Outcome::Never => 0,
        };
        shared.journal.record(Event::TelegramCall {
            method: name.to_owned(),
            chat: request.chat,
            status,
        });
        outcome
    }
}

impl TelegramEdge {
    async fn struck(&self, request: &Request, hit: Option<Hit>) -> Outcome {
        let fault = hit.as_ref().map(|hit| &hit.fault);
        if let Some(fault) = fault
            && let Some(outcome) = strike::before(fault).or_else(|| refusal(fault).map(Outcome::Whole))
        {
            return outcome;
        }
        self.0.faults.wait_out(hit.as_ref()).await;
        let answer = self.effect(request).await;
        strike::after(fault, answer)
    }

    /// Adds a `Date`, as every server sends; none while customers act at a fixed time, unless one is set.
    fn dated(&self, outcome: Outcome) -> Outcome {
        let time = {
            let state = self.0.state();
            state.header_time.or_else(|| state.time.is_none().then(unix_seconds))
        };
        let Some(date) = time.and_then(|time| DateTime::from_timestamp(time, 0)) else {
            return outcome;
        };
        let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        match outcome {
            Outcome::Whole(answer) => Outcome::Whole(answer.with_header("date", &date)),
            Outcome::Half(answer) => Outcome::Half(answer.with_header("date", &date)),
            other => other,
        }
    }

    async fn effect(&self, request: &Request) -> Answer {
        match methods::call(&self.0, request.shape.name, &request.parameters).await {
            Ok(result) => Answer::raw_json(200, format!("{{\"ok\":true,\"result\":{result}}}")),
            Err(refused) => refused.answer(),
        }
    }
}

fn read(shared: &Shared, call: &Call) -> Result<Request, Refused> {
    let parts = call.path.strip_prefix("/bot").and_then(|rest| rest.split_once('/'));
    let Some((token, method)) = parts else {
        shared
            .journal
            .violation(format!("telegram: no such path {}", call.path));
        return Err(Refused::new(404, "Not Found"));
    };
    if token != shared.bot.token {
        // Without the token: it may be a real one sent here by mistake.
        shared.journal.violation(format!("telegram: wrong token at {method}"));
        return Err(Refused::new(401, "Unauthorized"));
    }
    let Some(shape) = checks::shape(method) else {
        shared.journal.violation(format!("telegram: no such method {method}"));
        return Err(Refused::new(404, "Not Found: method not found"));
    };
    let mut parameters = parameters(call).map_err(|fault| {
        shared.journal.violation(format!("{}: {fault}", shape.name));
        Refused::new(400, format!("Bad Request: {fault}"))
    })?;
    let faults = checks::errors_of(shape, &mut parameters);
    for fault in &faults {
        shared.journal.violation(format!("{}: {fault}", shape.name));
    }
    if let Some(fault) = faults.first() {
        return Err(Refused::new(400, format!("Bad Request: {fault}")));
    }
    let chat = parameters.get("chat_id").and_then(chat_id);
    let text = shared.faults.text_of(&call.body, || Value::Object(parameters.clone()));
    Ok(Request {
        shape,
        parameters,
        chat,
        text,
    })
}

fn parameters(call: &Call) -> Result<Map<String, Value>, String> {
    if !call.query.is_empty() {
        return Err("parameters in the query are not spoken here".to_owned());
    }
    if call.body.is_empty() {
        return Ok(Map::new());
    }
    let content_type = call
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !content_type.starts_with("application/json") {
        return Err(format!("a body of type {content_type:?} is not spoken here"));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(parameters)) => Ok(parameters),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err("the body is not an object".to_owned()),
        Err(error) => Err(format!("can't parse JSON object: {error}")),
    }
}
