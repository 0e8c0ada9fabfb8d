//! Refusals in the form of core.telegram.org/bots/api#making-requests.

use serde_json::json;

use crate::fault::Fault;
use crate::server::Answer;

pub(crate) const TERMINATED: &str =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";

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

    pub(crate) fn answer(&self) -> Answer {
        let mut body = json!({"ok": false, "error_code": self.status, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({"retry_after": seconds});
        }
        Answer::json(self.status, &body)
    }
}

/// The answer of faults that refuse without effect.
pub(crate) fn refusal(fault: &Fault) -> Option<Answer> {
    let refused = match fault {
        Fault::RetryAfter(seconds) => Refused {
            status: 429,
            description: format!("Too Many Requests: retry after {seconds}"),
            retry_after: Some(*seconds),
        },
        Fault::Status { status, body, headers } => {
            return Some(Answer {
                status: *status,
                headers: headers.clone(),
                body: body.clone().into(),
            });
        }
        Fault::Garbage => return Some(Answer::garbage()),
        Fault::Conflict => Refused::new(409, TERMINATED),
        Fault::BadEntities => Refused::new(
            400,
            "Bad Request: can't parse entities: can't find end of the entity starting at byte offset 0",
        ),
        Fault::ApiError { code, text } => Refused::new(*code, text),
        Fault::ChatNotFound => Refused::new(400, "Bad Request: chat not found"),
        Fault::Forbidden => Refused::new(403, "Forbidden: bot was blocked by the user"),
        _ => return None,
    };
    Some(refused.answer())
}
