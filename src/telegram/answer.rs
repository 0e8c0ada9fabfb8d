//! Classifies answers of the Bot API. The status and the `error_code` decide, never the description: descriptions change, and a 5xx may
//! carry an error body too. Only a 400 or 403 in the documented form is about this request, only a 401 or 404 about the token.
//! Everything else is transient.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

/// The upper bound of a `retry_after`.
pub(super) const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// The lower bound of a `retry_after`, also used if a 429 names none.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The parts of an HTTP answer that are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HttpAnswer {
    pub status: u16,
    /// `Retry-After`, which a proxy in front of the Bot API may send.
    pub retry_after: Option<Duration>,
    pub body: String,
}

/// Why a call was not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CallError {
    /// No connection: certainly not executed.
    Unsent(&'static str),
    /// No answer, a 5xx, or an unrecognised answer: it may have been executed.
    Lost(&'static str),
    /// 429.
    RetryAfter(Duration),
    /// 401 or 404: the token is rejected.
    Token,
    /// Any other 4xx: not executed.
    Refused(Refusal),
}

/// A 4xx in the documented form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub code: u16,
    pub description: String,
}

/// An unrecognised answer.
pub(super) const UNREADABLE: CallError = CallError::Lost("unreadable");

/// core.telegram.org/bots/api#making-requests. A field of an undocumented type makes the whole answer unrecognised.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope<'a> {
    ok: Option<bool>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Value>,
    /// Of any type; not decoded here.
    #[serde(borrow)]
    result: Option<&'a RawValue>,
}

impl HttpAnswer {
    /// The raw result of an "ok"; `None` if it has none.
    ///
    /// # Errors
    /// The error in the answer.
    pub(super) fn result(&self) -> Result<Option<&RawValue>, CallError> {
        let envelope: Option<Envelope<'_>> = serde_json::from_str(&self.body).ok();
        let is_read = envelope.is_some();
        let Envelope {
            ok,
            error_code,
            description,
            parameters,
            result,
        } = envelope.unwrap_or_default();
        let codes = [Some(self.status), error_code];
        if codes.contains(&Some(429)) {
            let asked = parameters
                .as_ref()
                .and_then(|parameters| seconds(&parameters["retry_after"]));
            let asked = asked.or(self.retry_after).unwrap_or(SHORTEST_WAIT);
            return Err(CallError::RetryAfter(asked.clamp(SHORTEST_WAIT, LONGEST_WAIT)));
        }
        if codes.into_iter().flatten().any(|code| code >= 500) {
            return Err(CallError::Lost("server error"));
        }
        match (ok, error_code) {
            (Some(true), _) if self.status < 300 => Ok(result),
            (Some(false), Some(401 | 404)) => Err(CallError::Token),
            (Some(false), Some(code @ 400..500)) if is_read => Err(CallError::Refused(Refusal {
                code,
                description: description.unwrap_or_default(),
            })),
            _ => Err(UNREADABLE),
        }
    }

    /// The parsed result of an "ok"; `None` if it has another shape.
    ///
    /// # Errors
    /// The error in the answer.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, CallError> {
        let result = self.result()?;
        Ok(result.and_then(|result| serde_json::from_str(result.get()).ok()))
    }
}

/// Seconds as a number or a string.
fn seconds(value: &Value) -> Option<Duration> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    // An overflow is above the upper bound anyway.
    (number >= 0.0).then(|| Duration::try_from_secs_f64(number).unwrap_or(LONGEST_WAIT))
}

impl Refusal {
    /// The bot cannot reach the chat: it was blocked or removed, or the account is deleted or unknown. The texts are Telegram's.
    pub(super) fn is_closed_chat(&self) -> bool {
        const CLOSED: &[&str] = &[
            "bot was blocked",
            "user is deactivated",
            "bot was kicked",
            "bot is not a member",
            "bot can't initiate conversation",
            "bot can't send messages to bots",
            "chat was deleted",
            "chat not found",
            "user not found",
            "chat was deactivated",
            "chat was upgraded",
            "user_is_blocked",
            "input_user_deactivated",
            "peer_id_invalid",
        ];
        self.is_about_request() && self.contains(CLOSED)
    }

    /// The bot is in the chat but may not write there.
    pub(super) fn is_muted_chat(&self) -> bool {
        self.is_about_request()
            && self.contains(&["have no rights to send", "not enough rights", "chat_write_forbidden"])
    }

    /// The entities are invalid, not the text.
    pub(super) fn is_about_entities(&self) -> bool {
        self.code == 400 && self.contains(&["entit"])
    }

    /// Only 400 and 403 are about this chat or this text.
    pub(super) fn is_about_request(&self) -> bool {
        matches!(self.code, 400 | 403)
    }

    fn contains(&self, phrases: &[&str]) -> bool {
        let description = self.description.to_ascii_lowercase();
        phrases.iter().any(|phrase| description.contains(phrase))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parsed(status: u16, body: &str) -> Result<(), CallError> {
        let answer = HttpAnswer {
            status,
            retry_after: None,
            body: body.to_owned(),
        };
        answer.result().map(|_result| ())
    }

    fn refused(code: u16, description: &str) -> Refusal {
        Refusal {
            code,
            description: description.to_owned(),
        }
    }

    #[test]
    fn status_and_error_code_decide_never_the_description() {
        const SERVER: CallError = CallError::Lost("server error");
        let error = |code: u16, words: &str| json!({"ok": false, "error_code": code, "description": words}).to_string();
        let blocked = "Forbidden: bot was blocked by the user";
        let cases = [
            (200, r#"{"ok":true,"result":{}}"#.to_owned(), Ok(())),
            (502, error(502, "Bad Gateway"), Err(SERVER)),
            (500, error(500, "Internal Server Error"), Err(SERVER)),
            (504, error(504, blocked), Err(SERVER)),
            (200, error(502, "Bad Gateway"), Err(SERVER)),
            (502, error(400, blocked), Err(SERVER)),
            (503, "<html>".to_owned(), Err(SERVER)),
            (502, r#"{"ok":true,"result":{}}"#.to_owned(), Err(SERVER)),
            (401, error(401, "Unauthorized"), Err(CallError::Token)),
            (404, error(404, "Not Found"), Err(CallError::Token)),
            (404, "<html>no such page</html>".to_owned(), Err(UNREADABLE)),
            (403, "<html>captive portal</html>".to_owned(), Err(UNREADABLE)),
            (403, r#"{"ok":false,"description":"x"}"#.to_owned(), Err(UNREADABLE)),
            (400, r#"{"error_code":400}"#.to_owned(), Err(UNREADABLE)),
            (400, r#"{"ok":"no","error_code":400}"#.to_owned(), Err(UNREADABLE)),
            (302, r#"{"ok":true}"#.to_owned(), Err(UNREADABLE)),
            (200, error(302, "Moved"), Err(UNREADABLE)),
            (200, "[]".to_owned(), Err(UNREADABLE)),
            (200, "null".to_owned(), Err(UNREADABLE)),
            (403, error(403, blocked), Err(CallError::Refused(refused(403, blocked)))),
            (
                409,
                error(409, "Conflict"),
                Err(CallError::Refused(refused(409, "Conflict"))),
            ),
        ];
        for (status, body, expected) in cases {
            assert_eq!(parsed(status, &body), expected, "{status} {body}");
        }
    }

    #[test]
    fn retry_after_is_read_in_any_form_and_capped_at_an_hour() {
        let parsed_wait = |seconds: Value| {
            let body = json!({"ok": false, "error_code": 429, "parameters": {"retry_after": seconds}});
            parsed(429, &body.to_string())
        };
        let waits = [
            (json!(7), 7),
            (json!(0), 1),
            (json!("35"), 35),
            (json!(u64::MAX), 3600),
            (json!(1e300), 3600),
            (json!(-5), 1),
            (json!(null), 1),
        ];
        for (seconds, expected) in waits {
            let expected = Err(CallError::RetryAfter(Duration::from_secs(expected)));
            assert_eq!(parsed_wait(seconds.clone()), expected, "{seconds}");
        }
        let of_a_proxy = HttpAnswer {
            status: 429,
            retry_after: Some(Duration::from_secs(9)),
            body: "<html>slow down</html>".into(),
        };
        assert_eq!(
            of_a_proxy.result().err(),
            Some(CallError::RetryAfter(Duration::from_secs(9)))
        );
    }

    #[test]
    fn chat_errors_are_recognised_by_their_descriptions() {
        for (code, words) in [
            (403, "Forbidden: bot was blocked by the user"),
            (403, "Forbidden: user is deactivated"),
            (403, "Forbidden: bot can't initiate conversation with a user"),
            (403, "Forbidden: bot was kicked from the supergroup chat"),
            (400, "Bad Request: chat not found"),
            (400, "Bad Request: PEER_ID_INVALID"),
            (400, "Bad Request: group chat was upgraded to a supergroup chat"),
        ] {
            assert!(refused(code, words).is_closed_chat(), "{words}");
        }
        let muted = refused(400, "Bad Request: have no rights to send a message");
        assert!(muted.is_muted_chat() && !muted.is_closed_chat());
        for (code, words) in [
            (403, "Forbidden: something new"),
            (400, "Bad Request: message text is empty"),
            (409, "Conflict: chat not found"),
        ] {
            assert!(!refused(code, words).is_closed_chat(), "{words}");
        }
        assert!(refused(400, "Bad Request: can't parse entities: x").is_about_entities());
        assert!(refused(400, "Bad Request: ENTITY_BOUNDS_INVALID").is_about_entities());
    }

    proptest! {
        #[test]
        fn an_unrecognised_answer_never_rejects_the_request(status in 100_u16..600, body in ".{0,80}", code in any::<Option<i64>>(), ok in any::<Option<bool>>()) {
            let known = json!({"ok": ok, "error_code": code, "description": body}).to_string();
            for body in [body, known] {
                if let Err(CallError::Refused(refusal)) = parsed(status, &body) {
                    prop_assert_eq!(ok, Some(false));
                    prop_assert_eq!(code, Some(i64::from(refusal.code)));
                    prop_assert!(!refusal.is_closed_chat() && !refusal.is_muted_chat(), "{}", refusal.description);
                    prop_assert!((400..500).contains(&refusal.code) && status < 500 && status != 429);
                }
            }
        }
    }
}
