//! The HTTP side of the OpenAI stand-in: key, endpoint, faults, and the headers of every answer.

use std::sync::Arc;

use hyper::Method;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::error::{ApiError, refusal};
use super::state::Shared;
use super::{conversations, responses};
use crate::faults::{Edge, Seen};
use crate::ids::unix_seconds;
use crate::server::{Answer, Call, Handler, Outcome};
use crate::strike;

/// Models that are listed; any other is accepted too.
const MODELS: &[&str] = &[
    "script-not-ai",
    "gpt-5.6-terra",
    "gpt-5.6-luna",
    "gpt-5.5",
    "gpt-5.4-mini",
];

/// The server behind the stand-in's port.
pub(crate) struct OpenAiEdge(pub(crate) Arc<Shared>);

impl Handler for OpenAiEdge {
    async fn handle(self: Arc<Self>, call: Call) -> Outcome {
        let outcome = self.answered(&call).await;
        let request_id = self.0.ids.id("req");
        let with_headers = |answer: Answer| {
            answer
                .with_header("x-request-id", &request_id)
                .with_header("openai-version", "2020-10-01")
        };
        match outcome {
            Outcome::Whole(answer) => Outcome::Whole(with_headers(answer)),
            Outcome::Half(answer) => Outcome::Half(with_headers(answer)),
            Outcome::Cut => Outcome::Cut,
            Outcome::Never => Outcome::Never,
        }
    }
}

impl OpenAiEdge {
    async fn answered(&self, call: &Call) -> Outcome {
        let shared = &self.0;
        let bearer = call
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if bearer.strip_prefix("Bearer ") != Some(shared.api_key.as_str()) {
            shared.journal.violation(format!("openai: wrong key at {}", call.path));
            return Outcome::Whole(ApiError::bad_key().answer());
        }
        let body = match body(call) {
            Ok(body) => body,
            Err(error) => {
                shared
                    .journal
                    .violation(format!("openai: {} at {}", error.message, call.path));
                return Outcome::Whole(error.answer());
            }
        };
        let text = shared.faults.text_of(&call.body, || body.clone());
        let segments: Vec<&str> = call.path.trim_start_matches('/').split('/').collect();
        match (&call.method, segments.as_slice()) {
            (&Method::POST, ["v1", "responses"]) => responses::call(shared, &body, &text).await,
            (_, ["v1", "conversations", rest @ ..]) => {
                let point = if rest.len() > 1 { "items" } else { "conversations" };
                let id = rest.first().copied();
                self.simple(point, &text, id, || conversations::call(shared, call, &body, rest))
                    .await
            }
            (&Method::GET, ["v1", "models"]) => {
                let list: Vec<Value> = MODELS.iter().map(|id| model(id)).collect();
                self.simple("models", &text, None, || Ok(json!({"object": "list", "data": list})))
                    .await
            }
            (&Method::GET, ["v1", "models", id]) => self.simple("models", id, Some(id), || Ok(model(id))).await,
            (method, _) => {
                shared
                    .journal
                    .violation(format!("openai: no such endpoint {method} {}", call.path));
                Outcome::Whole(ApiError::no_endpoint(method.as_str(), &call.path).answer())
            }
        }
    }

    /// A call with an immediate effect, and the faults of its point.
    async fn simple<F>(&self, point: &str, text: &str, id: Option<&str>, effect: F) -> Outcome
    where
        F: FnOnce() -> Result<Value, ApiError>,
    {
        let hit = self.0.faults.hit(&Seen {
            edge: Edge::OpenAi,
            point,
            chat: None,
            text,
        });
        let fault = hit.as_ref().map(|hit| &hit.fault);
        if let Some(fault) = fault {
            if let Some(outcome) = strike::before(fault) {
                return outcome;
            }
            if let Some((answer, _code)) = refusal(fault, id, id.unwrap_or_default()) {
                return Outcome::Whole(answer);
            }
        }
        self.0.faults.wait_out(hit.as_ref()).await;
        let answer = match effect() {
            Ok(value) => Answer::json(200, &value),
            Err(error) => error.answer(),
        };
        strike::after(fault, answer)
    }
}

fn body(call: &Call) -> Result<Value, ApiError> {
    if call.body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&call.body).map_err(|error| {
        ApiError::bad(
            format!("We could not parse the JSON body of your request: {error}"),
            None,
            None,
        )
    })
}

fn model(id: &str) -> Value {
    json!({"id": id, "object": "model", "created": unix_seconds(), "owned_by": "sandbox"})
}
