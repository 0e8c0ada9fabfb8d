//! The HTTP side of the Telegram stand-in: token, method, parameters, faults, and the envelope
//! `{"ok":…}` of core.telegram.org/bots/api#making-requests.

use std::sync::Arc;

use hyper::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::checks::{self, Shape};
use super::methods;
use super::state::Shared;
use crate::faults::{Edge, Fault, Hit, Seen, decoded_text};
use crate::journal::Event;
use crate::server::{Answer, Call, Handler, Outcome};

/// Why a call is refused.
#[derive(Debug)]
pub(crate) struct Refused {
    status: u16,
    description: String,
    retry_after: Option<u32>,
}

impl Refused {
    pub(crate) fn new(status: u16, description: impl Into<String>) -> Self {
        Self {
            status,
            description: description.into(),
            retry_after: None,
        }
    }

    fn answer(&self) -> Answer {
        let mut body =
            json!({"ok": false, "error_code": self.status, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({"retry_after": seconds});
        }
        Answer::json(self.status, &body)
    }
}

/// The server behind the stand-in's port.
#[derive(Debug)]
pub(crate) struct TelegramEdge(pub(crate) Arc<Shared>);

/// A call whose token, method and parameters are in order.
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
            Err(refused) => return Outcome::Whole(refused.answer()),
        };
        let name = request.shape.name;
        let seen = Seen {
            edge: Edge::Telegram,
            point: name,
            chat: request.chat,
            text: &request.text,
        };
        let hit = shared.faults.hit(&seen);
        let outcome = self.struck(&request, hit).await;
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
        match fault {
            Some(Fault::CutBefore) => return Outcome::Cut,
            Some(Fault::Hang) => return Outcome::Never,
            Some(fault) => {
                if let Some(answer) = refusal(fault) {
                    return Outcome::Whole(answer);
                }
            }
            None => {}
        }
        self.0.faults.wait_out(hit.as_ref()).await;
        let answer = self.effect(request).await;
        match fault {
            Some(Fault::CutAfter) => Outcome::Cut,
            Some(Fault::HangAfter) => Outcome::Never,
            Some(Fault::CutBody) => Outcome::Half(answer),
            _ => Outcome::Whole(answer),
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
    let parts = call
        .path
        .strip_prefix("/bot")
        .and_then(|rest| rest.split_once('/'));
    let Some((token, method)) = parts else {
        shared
            .journal
            .violation(format!("telegram: no such path {}", call.path));
        return Err(Refused::new(404, "Not Found"));
    };
    if token != shared.bot.token {
        // Not the token itself: it may be a real one that went astray.
        shared
            .journal
            .violation(format!("telegram: wrong token at {method}"));
        return Err(Refused::new(401, "Unauthorized"));
    }
    let Some(shape) = checks::shape(method) else {
        shared
            .journal
            .violation(format!("telegram: no such method {method}"));
        return Err(Refused::new(404, "Not Found: method not found"));
    };
    let mut parameters = parameters(call).map_err(|fault| {
        shared.journal.violation(format!("{}: {fault}", shape.name));
        Refused::new(400, format!("Bad Request: {fault}"))
    })?;
    let faults = checks::faults_of(shape, &mut parameters);
    for fault in &faults {
        shared.journal.violation(format!("{}: {fault}", shape.name));
    }
    if let Some(fault) = faults.first() {
        return Err(Refused::new(400, format!("Bad Request: {fault}")));
    }
    let chat = parameters.get("chat_id").and_then(chat_id);
    let text = decoded_text(&call.body, &Value::Object(parameters.clone()));
    Ok(Request {
        shape,
        parameters,
        chat,
        text,
    })
}

/// A chat id, which clients may also write as a string.
pub(crate) fn chat_id(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
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
        return Err(format!(
            "a body of type {content_type:?} is not spoken here"
        ));
    }
    match serde_json::from_slice(&call.body) {
        Ok(Value::Object(parameters)) => Ok(parameters),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err("the body is not an object".to_owned()),
        Err(error) => Err(format!("can't parse JSON object: {error}")),
    }
}

/// The answer of faults that refuse without effect.
fn refusal(fault: &Fault) -> Option<Answer> {
    let refused = match fault {
        Fault::RetryAfter(seconds) => Refused {
            status: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            retry_after: Some(*seconds),
        },
        Fault::Status {
            status,
            body,
            headers,
        } => {
            return Some(Answer {
                status: *status,
                headers: headers.clone(),
                body: body.clone().into(),
            });
        }
        Fault::Garbage => return Some(Answer::garbage()),
        Fault::Conflict => Refused::new(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ),
        Fault::BadEntities => Refused::new(
            400,
            "Bad Request: can't parse entities: can't find end of the entity starting at byte offset 0",
        ),
        Fault::ChatNotFound => Refused::new(400, "Bad Request: chat not found"),
        Fault::Forbidden => Refused::new(403, "Forbidden: bot was blocked by the user"),
        _ => return None,
    };
    Some(refused.answer())
}
