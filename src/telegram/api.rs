//! One call of the Bot API: JSON over POST, and the answer as it came. Not teloxide's own: that hides the HTTP status, sleeps ten seconds
//! at each 5xx, and makes a final error of descriptions it does not know. Its payload types are used.

use std::time::Duration;

use base::Clock;
use chrono::{DateTime, Utc};
use reqwest_telegram as reqwest;
use serde::Serialize;
use teloxide::requests::Payload;

use super::answer::{CallError, HttpAnswer};
use crate::runtime::descriptors::{NO_DESCRIPTORS, are_descriptors_exhausted};
use crate::runtime::issuer::{UNKNOWN_ISSUER, is_issuer_unknown};

/// The API for one bot. It holds the token in its address, so it cannot be printed.
#[derive(Clone)]
pub(super) struct Api {
    client: reqwest::Client,
    /// Ends with `botTOKEN`.
    base: reqwest::Url,
    clock: Clock,
}

impl Api {
    /// `None` if the address cannot be one of an API.
    pub(super) fn new(client: reqwest::Client, url: &str, token: &str, clock: Clock) -> Option<Self> {
        let mut base = reqwest::Url::parse(url).ok()?;
        base.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .push(&format!("bot{token}"));
        Some(Self { client, base, clock })
    }

    /// Calls the method of this payload; the body of an answer that says "ok".
    ///
    /// # Errors
    /// What the answer says instead, or why there is none.
    pub(super) async fn call<P: Payload + Serialize + Sync>(&self, payload: &P) -> Result<String, CallError> {
        // teloxide writes names as `SendMessage`, the documentation as `sendMessage`.
        let (first, rest) = P::NAME.split_at(1);
        let answer = self.post(&format!("{}{rest}", first.to_lowercase()), payload).await?;
        answer.judge().map(|()| answer.body)
    }

    /// Calls a method; whatever comes back.
    ///
    /// # Errors
    /// If no answer comes back. Nothing of the client's own error is kept: its address holds the token.
    pub(super) async fn post(&self, method: &str, body: &(impl Serialize + Sync)) -> Result<HttpAnswer, CallError> {
        let body = serde_json::to_vec(body).map_err(|_never| CallError::Unsent("request"))?;
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| CallError::Unsent("address"))?
            .push(method);
        let began = self.clock.now();
        let request = self.client.post(url).header("content-type", "application/json");
        let response = request.body(body).send().await.map_err(|error| unanswered(&error))?;
        let status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(shown) = header("date").and_then(http_date) {
            self.clock.compare(began, shown);
        }
        let retry_after = header("retry-after")
            .and_then(|seconds| seconds.trim().parse().ok())
            .map(Duration::from_secs);
        let body = response.text().await.map_err(|error| unanswered(&error))?;
        Ok(HttpAnswer {
            status,
            retry_after,
            body,
        })
    }
}

/// RFC 9110, section 5.6.7, in the form that every server sends.
fn http_date(date: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(date)
        .ok()
        .map(|date| date.with_timezone(&Utc))
}

/// What became of a request that brought no answer.
fn unanswered(error: &reqwest::Error) -> CallError {
    match error {
        error if error.is_connect() && are_descriptors_exhausted(error) => CallError::Unsent(NO_DESCRIPTORS),
        error if error.is_connect() && is_issuer_unknown(error) => CallError::Unsent(UNKNOWN_ISSUER),
        error if error.is_connect() => CallError::Unsent("connect"),
        error if error.is_timeout() => CallError::Lost("timeout"),
        _ => CallError::Lost("cut"),
    }
}
