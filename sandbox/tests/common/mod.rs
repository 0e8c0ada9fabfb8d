//! A plain HTTP client of the stand-ins.
#![expect(dead_code, reason = "each test file uses its own part of it")]

pub(crate) mod smtp;

use std::time::Duration;

use sandbox::{Echo, Sandbox};
use serde_json::{Value, json};

pub(crate) const LIMIT: Duration = Duration::from_secs(5);

pub(crate) fn start() -> Sandbox {
    Sandbox::answering(Echo).expect("the sandbox starts")
}

/// A sandbox and a client of it.
pub(crate) fn with_client() -> (Sandbox, Client) {
    let sandbox = start();
    let client = Client::of(&sandbox);
    (sandbox, client)
}

/// The same after a customer has written.
pub(crate) fn with_customer() -> (Sandbox, Client) {
    let (sandbox, client) = with_client();
    sandbox.telegram().say(42, "hello");
    (sandbox, client)
}

/// A plain client. In a build of the whole workspace reqwest has TLS, which needs its provider and roots even for
/// `http://`.
pub(crate) fn http() -> reqwest::Client {
    // Another test of the process may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([]);
    client.build().expect("a client")
}

pub(crate) struct Client {
    http: reqwest::Client,
    telegram: String,
    openai: String,
    key: String,
}

impl Client {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let telegram = format!("{}/bot{}", sandbox.telegram().url(), sandbox.telegram().token());
        let openai = sandbox.openai().url();
        let key = sandbox.openai().api_key().to_owned();
        Self {
            http: http(),
            telegram,
            openai,
            key,
        }
    }

    pub(crate) async fn telegram_raw(&self, method: &str, body: &Value) -> reqwest::Result<(u16, String)> {
        let url = format!("{}/{method}", self.telegram);
        let response = self.http.post(url).json(body).send().await?;
        let status = response.status().as_u16();
        Ok((status, response.text().await?))
    }

    /// The header `Date` of an answer.
    pub(crate) async fn telegram_date(&self) -> Option<String> {
        let url = format!("{}/getMe", self.telegram);
        let response = self.http.post(url).send().await.expect("an answer");
        let date = response.headers().get("date")?;
        Some(date.to_str().expect("ASCII").to_owned())
    }

    pub(crate) async fn telegram(&self, method: &str, body: Value) -> (u16, Value) {
        let (status, body) = self.telegram_raw(method, &body).await.expect("an answer");
        (status, serde_json::from_str(&body).expect("JSON"))
    }

    /// Sends a plain text.
    pub(crate) async fn send(&self, chat: i64, text: &str) -> (u16, Value) {
        self.telegram("sendMessage", json!({"chat_id": chat, "text": text}))
            .await
    }

    pub(crate) async fn updates(&self, offset: i64) -> Vec<i64> {
        let (status, body) = self.telegram("GetUpdates", json!({"offset": offset})).await;
        assert_eq!(status, 200, "{body}");
        body["result"]
            .as_array()
            .unwrap()
            .iter()
            .map(|update| update["update_id"].as_i64().unwrap())
            .collect()
    }

    pub(crate) async fn openai_raw(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> reqwest::Result<(u16, String)> {
        let url = format!("{}/{path}", self.openai);
        let response = self
            .http
            .request(method, url)
            .bearer_auth(&self.key)
            .json(body)
            .send()
            .await?;
        let status = response.status().as_u16();
        Ok((status, response.text().await?))
    }

    pub(crate) async fn openai(&self, path: &str, body: Value) -> (u16, Value) {
        let (status, body) = self
            .openai_raw(reqwest::Method::POST, path, &body)
            .await
            .expect("an answer");
        (status, serde_json::from_str(&body).expect("JSON"))
    }

    pub(crate) async fn openai_get(&self, path: &str) -> (u16, Value) {
        let (status, body) = self
            .openai_raw(reqwest::Method::GET, path, &json!({}))
            .await
            .expect("an answer");
        (status, serde_json::from_str(&body).expect("JSON"))
    }

    pub(crate) async fn conversation(&self) -> String {
        let (status, body) = self.openai("conversations", json!({})).await;
        assert_eq!(status, 200, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn run(&self, conversation: &str, input: Value) -> (u16, Value) {
        self.openai(
            "responses",
            json!({"model": "gpt-5.5", "conversation": conversation, "input": input}),
        )
        .await
    }
}

/// The text of a response.
pub(crate) fn text(response: &Value) -> &str {
    response["output"][0]["content"][0]["text"].as_str().unwrap_or_default()
}
