//! One call of the Bot API: JSON over POST, and the raw answer. It uses teloxide's payload types but not its client. That one hides the
//! HTTP status, sleeps ten seconds after each 5xx, and turns unknown descriptions into a final error.

use std::sync::Arc;
use std::time::Duration;

use base::Clock;
use chrono::{DateTime, Utc};
use reqwest_telegram as reqwest;
use reqwest_telegram::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue, RETRY_AFTER};
use serde::Serialize;
use serde::de::DeserializeOwned;
use teloxide::payloads::{SendChatAction, SendMessage};
use teloxide::requests::Payload;

use super::answer::{CallError, HttpAnswer};
use crate::runtime::descriptors::{NO_DESCRIPTORS, are_descriptors_exhausted};
use crate::runtime::issuer::{UNKNOWN_ISSUER, is_issuer_unknown};

/// `getUpdates`, in teloxide's naming of payloads.
pub(super) const GET_UPDATES: &str = "GetUpdates";
/// The methods called for every message.
const FREQUENT: [&str; 3] = [GET_UPDATES, SendMessage::NAME, SendChatAction::NAME];

/// The API for one bot. Its URLs contain the token, so it does not implement `Debug`.
#[derive(Clone)]
pub(super) struct Api {
    client: reqwest::Client,
    addresses: Arc<Addresses>,
    clock: Clock,
}

struct Addresses {
    /// Ends with `botTOKEN`.
    base: reqwest::Url,
    /// The URLs of [`FREQUENT`], built once.
    frequent: Vec<(&'static str, reqwest::Url)>,
}

impl Api {
    /// `None` if `url` is not a valid base URL.
    pub(super) fn new(client: reqwest::Client, url: &str, token: &str, clock: Clock) -> Option<Self> {
        let mut base = reqwest::Url::parse(url).ok()?;
        base.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .push(&format!("bot{token}"));
        let addresses = Arc::new(Addresses {
            frequent: FREQUENT.map(|name| (name, address(&base, name))).into(),
            base,
        });
        Some(Self {
            client,
            addresses,
            clock,
        })
    }

    /// Calls the method of this payload and checks only for "ok".
    ///
    /// # Errors
    /// The error in the answer, or the reason why none arrived.
    pub(super) async fn call<P: Payload + Serialize + Sync>(&self, payload: &P) -> Result<(), CallError> {
        self.post(P::NAME, payload).await?.result().map(|_result| ())
    }

    /// Calls the method of this payload and reads the result; `None` if it has another shape.
    ///
    /// # Errors
    /// The error in the answer, or the reason why none arrived.
    pub(super) async fn ask<P, T>(&self, payload: &P) -> Result<Option<T>, CallError>
    where
        P: Payload + Serialize + Sync,
        T: DeserializeOwned,
    {
        self.post(P::NAME, payload).await?.read()
    }

    /// Calls a method by its teloxide name and returns any answer.
    ///
    /// # Errors
    /// If no answer arrives. The client's own error is dropped because its URL contains the token.
    pub(super) async fn post(&self, method: &str, body: &(impl Serialize + Sync)) -> Result<HttpAnswer, CallError> {
        let body = serde_json::to_vec(body).map_err(|_never| CallError::Unsent("request"))?;
        let began = self.clock.now();
        let request = self.client.post(self.addresses.of(method));
        let request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let response = request
            .body(body)
            .send()
            .await
            .map_err(|error| transport_error(&error))?;
        let status = response.status().as_u16();
        let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        if let Some(shown) = header(DATE).and_then(http_date) {
            self.clock.compare(began, shown);
        }
        let retry_after = header(RETRY_AFTER)
            .and_then(|seconds| seconds.trim().parse().ok())
            .map(Duration::from_secs);
        let body = response.text().await.map_err(|error| transport_error(&error))?;
        Ok(HttpAnswer {
            status,
            retry_after,
            body,
        })
    }
}

impl Addresses {
    fn of(&self, method: &str) -> reqwest::Url {
        let known = self.frequent.iter().find(|(name, _)| *name == method);
        known.map_or_else(|| address(&self.base, method), |(_, address)| address.clone())
    }
}

/// The address of a method: teloxide writes names as `SendMessage`, the documentation as `sendMessage`.
fn address(base: &reqwest::Url, method: &str) -> reqwest::Url {
    let mut address = base.clone();
    let (first, rest) = method.split_at(1);
    // `Api::new` has checked that the URL can have segments.
    if let Ok(mut segments) = address.path_segments_mut() {
        segments.push(&format!("{}{rest}", first.to_lowercase()));
    }
    address
}

/// RFC 9110, section 5.6.7, in the format all current servers send.
fn http_date(date: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(date)
        .ok()
        .map(|date| date.with_timezone(&Utc))
}

fn transport_error(error: &reqwest::Error) -> CallError {
    match error {
        error if error.is_connect() && are_descriptors_exhausted(error) => CallError::Unsent(NO_DESCRIPTORS),
        error if error.is_connect() && is_issuer_unknown(error) => CallError::Unsent(UNKNOWN_ISSUER),
        error if error.is_connect() => CallError::Unsent("connect"),
        error if error.is_timeout() => CallError::Lost("timeout"),
        _ => CallError::Lost("cut"),
    }
}
