//! Refusals in the form of the OpenAI API (platform.openai.com/docs/guides/error-codes).

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::server::Answer;

/// An error body with its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) kind: &'static str,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<&'static str>,
    retry_after: Option<u32>,
}

impl ApiError {
    pub(crate) fn bad(message: impl Into<String>, param: Option<&str>, code: Option<&'static str>) -> Self {
        Self {
            status: 400,
            message: message.into(),
            kind: "invalid_request_error",
            param: param.map(str::to_owned),
            code,
            retry_after: None,
        }
    }

    fn status(mut self, status: u16, kind: &'static str) -> Self {
        self.status = status;
        self.kind = kind;
        self
    }

    pub(crate) fn no_endpoint(method: &str, path: &str) -> Self {
        Self::bad(format!("Invalid URL ({method} {path})"), None, None).status(404, "invalid_request_error")
    }

    pub(crate) fn bad_key() -> Self {
        Self::bad("Incorrect API key provided: sk-***.", None, Some("invalid_api_key"))
            .status(401, "invalid_request_error")
    }

    pub(crate) fn no_conversation(id: &str) -> Self {
        Self::bad(format!("Conversation with id '{id}' not found."), None, None).status(404, "invalid_request_error")
    }

    pub(crate) fn no_item(item: &str, conversation: &str) -> Self {
        Self::bad(
            format!("Item '{item}' not found in conversation '{conversation}'."),
            None,
            None,
        )
        .status(404, "invalid_request_error")
    }

    pub(crate) fn locked() -> Self {
        Self::bad(
            "Another process is currently operating on this conversation. Please retry in a few seconds.",
            Some("conversation"),
            Some("conversation_locked"),
        )
    }

    pub(crate) fn no_tool_output(call_id: &str) -> Self {
        Self::bad(
            format!("No tool output found for function call {call_id}."),
            Some("input"),
            None,
        )
    }

    pub(crate) fn server() -> Self {
        Self::bad("The server had an error while processing your request.", None, None).status(500, "server_error")
    }

    /// The refusal of a fault, if it is one.
    fn of(fault: &Fault, conversation: Option<&str>, model: &str) -> Option<Self> {
        let error = match fault {
            Fault::RetryAfter(seconds) => {
                let mut error = Self::bad(
                    format!("Rate limit reached for {model}. Please try again in {seconds}s."),
                    None,
                    Some("rate_limit_exceeded"),
                )
                .status(429, "requests");
                error.retry_after = Some(*seconds);
                error
            }
            Fault::ConversationLocked => Self::locked(),
            Fault::ConversationNotFound => Self::no_conversation(conversation.unwrap_or("conv_none")),
            Fault::NoToolOutput => Self::no_tool_output("call_0000000000000000"),
            Fault::ReasoningItem => Self::bad(
                "Item 'rs_0000000000000000' of type 'reasoning' was provided without its required following item.",
                Some("input"),
                None,
            ),
            Fault::ContextTooLong => Self::bad(
                "Your input exceeds the context window of this model. Please adjust your input and try again.",
                Some("input"),
                Some("context_length_exceeded"),
            ),
            Fault::Quota => Self::bad(
                "You exceeded your current quota, please check your plan and billing details.",
                None,
                Some("insufficient_quota"),
            )
            .status(429, "insufficient_quota"),
            Fault::BadKey => Self::bad_key(),
            Fault::ModelNotFound => Self::bad(
                format!("The model '{model}' does not exist or you do not have access to it."),
                Some("model"),
                Some("model_not_found"),
            )
            .status(404, "invalid_request_error"),
            _ => return None,
        };
        Some(error)
    }

    pub(crate) fn answer(&self) -> Answer {
        let answer = Answer::json(
            self.status,
            &json!({"error": {
                "message": self.message,
                "type": self.kind,
                "param": self.param,
                "code": self.code,
            }}),
        );
        match self.retry_after {
            Some(seconds) => answer.with_header("retry-after", &seconds.to_string()),
            None => answer,
        }
    }
}

/// The answer of faults that refuse without effect, with its code if it has one.
pub(crate) fn refusal(fault: &Fault, conversation: Option<&str>, model: &str) -> Option<(Answer, String)> {
    match fault {
        Fault::Status { status, body, headers } => {
            let mut answer = Answer {
                status: *status,
                headers: headers.clone(),
                body: body.clone().into(),
            };
            if !headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            {
                answer = answer.with_header("content-type", "application/json");
            }
            Some((answer, code_in(body)))
        }
        Fault::Garbage => Some((Answer::garbage(), "garbage".to_owned())),
        fault => {
            let error = ApiError::of(fault, conversation, model)?;
            Some((error.answer(), error.code.unwrap_or_default().to_owned()))
        }
    }
}

fn code_in(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["error"]["code"].as_str().unwrap_or_default().to_owned()
}
