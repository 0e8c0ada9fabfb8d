//! The two clients of the Bot API: one for long polling, with a separate connection, and one for sending.
//! A dead connection is detected within ten seconds, also while Telegram holds a `getUpdates` and no data flows.

use std::time::Duration;

use base::Clock;
use reqwest_telegram as reqwest;

use super::answer::CallError;
use super::api::Api;
use crate::config::TelegramConfig;

/// The default of `TELEGRAM_API_URL`.
const TELEGRAM: &str = "https://api.telegram.org";
/// How long Telegram may hold a `getUpdates` open (Bot API, getUpdates: `timeout`).
pub(super) const LONG_POLL: Duration = Duration::from_secs(25);
/// Extra time for a held request before it counts as lost.
const POLL_GRACE: Duration = Duration::from_secs(10);
/// For any call but `getUpdates`.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);
/// Short, so that an attempt begun during an outage does not delay the first one after it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection is dead if sent data stays unacknowledged for this long.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
/// Silence after which keepalive probes begin.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(3);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(1);
/// Unanswered probes after which the connection is dead, on systems without a TCP user timeout.
const KEEPALIVE_RETRIES: u32 = 7;

/// Why the Bot API cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TelegramError {
    /// An unusable proxy, certificate or URL.
    #[error("the Telegram client cannot be built: {0}")]
    Client(String),
    /// 401 or 404.
    #[error("Telegram refuses the bot token")]
    Unauthorized,
    /// No answer, or an unreadable one.
    #[error("Telegram is unreachable ({0})")]
    Unreachable(&'static str),
    /// 409: another poller with the same token, or a webhook.
    #[error("another consumer receives this bot's updates: {0}")]
    Conflict(Rival),
    /// 429.
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
}

/// The other consumer of the bot's updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// Another process with the same token.
    Poller,
    /// A webhook.
    Webhook,
}

impl std::fmt::Display for Rival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Poller => "another process polls with this token",
            Self::Webhook => "a webhook is set",
        })
    }
}

/// The clients of one service; clones share their connections.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(super) sending: Api,
    /// Uses a separate connection.
    pub(super) polling: Api,
}

impl Clients {
    /// Builds both clients. Each answer is used to compare the local clock with Telegram's.
    ///
    /// # Errors
    /// If the proxy, a certificate or the URL cannot be used.
    pub(crate) fn new(config: &TelegramConfig, clock: &Clock) -> Result<Self, TelegramError> {
        Ok(Self {
            sending: api(config, CALL_TIMEOUT, clock)?,
            polling: api(config, LONG_POLL + POLL_GRACE, clock)?,
        })
    }
}

fn api(config: &TelegramConfig, timeout: Duration, clock: &Clock) -> Result<Api, TelegramError> {
    let unusable = |what: &str| TelegramError::Client(what.to_owned());
    let mut client = reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .tcp_keepalive(KEEPALIVE_IDLE)
        .tcp_keepalive_interval(KEEPALIVE_INTERVAL)
        .tcp_keepalive_retries(KEEPALIVE_RETRIES);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    {
        client = client.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    // A proxy from the environment would be an invisible setting.
    client = client.no_proxy();
    for der in config.authorities.der() {
        let root = reqwest::Certificate::from_der(der)
            .map_err(|_der| unusable("TLS_CA_FILE does not contain a certificate"))?;
        client = client.add_root_certificate(root);
    }
    if let Some(proxy) = &config.proxy {
        let proxy =
            reqwest::Proxy::all(proxy.expose()).map_err(|_url| unusable("TELEGRAM_PROXY is not a proxy URL"))?;
        client = client.proxy(proxy);
    }
    let client = client.build().map_err(|_setup| unusable("no HTTP client"))?;
    let url = config.api_url.as_deref().unwrap_or(TELEGRAM);
    Api::new(client, url, config.token.expose(), clock.clone()).ok_or_else(|| unusable("TELEGRAM_API_URL is not a URL"))
}

/// Classifies an error of a call that belongs to no chat.
pub(super) fn classify(error: CallError) -> TelegramError {
    match error {
        CallError::Token => TelegramError::Unauthorized,
        CallError::RetryAfter(wait) => TelegramError::RetryAfter(wait),
        CallError::Refused(refusal) if refusal.code == 409 => {
            let is_webhook = refusal.description.contains("webhook");
            TelegramError::Conflict(if is_webhook { Rival::Webhook } else { Rival::Poller })
        }
        CallError::Refused(_) => TelegramError::Unreachable("refused"),
        CallError::Unsent(reason) | CallError::Lost(reason) => TelegramError::Unreachable(reason),
    }
}
