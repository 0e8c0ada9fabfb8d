//! The control address: controls the sandbox over HTTP, for people and for other processes.
//! Everything is JSON; an error of the caller is `{"error": …}` with status 400 or 404.

use std::sync::Arc;
use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{Faults, RuleId};
use crate::journal::Journal;
use crate::openai::OpenAi;
use crate::play::play_on;
use crate::server::{Answer, Call, Handler, Outcome};
use crate::smtp::{Letter, Smtp};
use crate::telegram::Telegram;

#[derive(Clone, Debug)]
pub(crate) struct ControlEdge {
    pub(crate) telegram: Telegram,
    pub(crate) openai: OpenAi,
    pub(crate) smtp: Smtp,
    pub(crate) journal: Journal,
    pub(crate) faults: Faults,
}

/// `POST /say`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    chat: i64,
    text: String,
}

impl Handler for ControlEdge {
    async fn handle(self: Arc<Self>, call: Call) -> Outcome {
        Outcome::Whole(match self.answer(&call).await {
            Ok(Some(value)) => Answer::json(200, &value),
            Ok(None) => {
                let error = format!("no such place: {} {}", call.method, call.path);
                Answer::json(404, &json!({"error": error}))
            }
            Err(error) => Answer::json(400, &json!({"error": error})),
        })
    }
}

impl ControlEdge {
    async fn answer(&self, call: &Call) -> Result<Option<Value>, String> {
        let segments: Vec<&str> = call.path.split('/').filter(|segment| !segment.is_empty()).collect();
        let value = match (&call.method, segments.as_slice()) {
            (&Method::POST, ["say"]) => {
                let say: Say = body(call)?;
                written(self.telegram.say(say.chat, &say.text))
            }
            (&Method::POST, ["update"]) => json!({"update_id": self.telegram.push(body(call)?)}),
            (&Method::GET, ["replies"]) => self.replies(call).await?,
            (&Method::POST, ["faults"]) => {
                json!({"id": self.faults.add(body(call)?)})
            }
            (&Method::DELETE, ["faults"]) => {
                self.faults.clear();
                json!({})
            }
            (&Method::DELETE, ["faults", id]) => {
                let id = RuleId(id.parse().map_err(|_not_a_number| format!("no rule {id}"))?);
                self.faults.remove(id);
                json!({"hits": self.faults.hits(id)})
            }
            (&Method::GET, ["journal"]) => written(self.journal.entries_since(number(call, "since")?.unwrap_or(0))),
            (&Method::POST, ["play"]) => {
                written(play_on(&self.telegram, &self.openai, &self.journal, body(call)?).await)
            }
            (&Method::GET, ["letters"]) => json!(self.smtp.letters().iter().map(shown).collect::<Vec<_>>()),
            (&Method::GET, ["violations"]) => json!(self.journal.violations()),
            (&Method::GET, ["addresses"]) => json!({
                "telegram": self.telegram.url(),
                "token": self.telegram.token(),
                "openai": self.openai.url(),
                "api_key": self.openai.api_key(),
                "smtp": {
                    "host": self.smtp.host(),
                    "port": self.smtp.port(),
                    "username": self.smtp.username(),
                    "password": self.smtp.password(),
                },
            }),
            _ => return Ok(None),
        };
        Ok(Some(value))
    }

    /// Waits for `count` replies if requested; returns those that arrived within `wait_ms`.
    async fn replies(&self, call: &Call) -> Result<Value, String> {
        let chat = number(call, "chat")?.ok_or("chat is missing")?;
        let count = number(call, "count")?.unwrap_or(0);
        let limit = Duration::from_millis(number(call, "wait_ms")?.unwrap_or(0));
        // Too few is not an error: the caller sees the number.
        let _reached = self.telegram.await_replies(chat, count, limit).await;
        Ok(written(self.telegram.replies(chat)))
    }
}

/// A letter in readable form.
fn shown(letter: &Letter) -> Value {
    json!({
        "from": letter.from,
        "to": letter.to,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "message_id": letter.message_id,
    })
}

fn written<T: serde::Serialize>(value: T) -> Value {
    // Only maps with non-string keys cannot be serialized, and there are none.
    serde_json::to_value(value).unwrap_or_default()
}

fn body<'a, T: Deserialize<'a>>(call: &'a Call) -> Result<T, String> {
    let body: &[u8] = if call.body.is_empty() { b"{}" } else { &call.body };
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn number<T: std::str::FromStr>(call: &Call, name: &str) -> Result<Option<T>, String> {
    let value = call.parameter(name).map(str::parse);
    value
        .transpose()
        .map_err(|_not_a_number| format!("{name} is not a number"))
}
