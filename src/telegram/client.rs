//! The two clients of the Bot API: one that waits for updates, with a connection of its own, and one that sends.
//! A connection that is dead is found out within ten seconds, also while Telegram holds a `getUpdates` and nothing is sent.

use std::time::Duration;

use base::Clock;
use reqwest_telegram as reqwest;

use super::answer::CallError;
use super::api::Api;
use crate::config::TelegramConfig;

/// Where the Bot API is, unless `TELEGRAM_API_URL` says otherwise.
const TELEGRAM: &str = "https://api.telegram.org";
/// How long Telegram may hold a `getUpdates` open (Bot API, getUpdates: `timeout`).
pub(super) const LONG_POLL: Duration = Duration::from_secs(25);
/// What a held request may take on top before it counts as lost.
const POLL_GRACE: Duration = Duration::from_secs(10);
/// What any other call may take.
const CALL: Duration = Duration::from_secs(15);
/// What connecting may take: a server that is back must not wait behind an attempt that began before.
const CONNECT: Duration = Duration::from_secs(5);
/// A connection on which what was sent is not acknowledged for this long is dead.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);
/// A connection that is silent for this long is asked whether it lives, then again and again.
const SILENT: Duration = Duration::from_secs(3);
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// Unanswered questions after which it is dead, where the system knows no time for it.
const UNANSWERED: u32 = 7;

/// The Bot API cannot be reached with this configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TelegramError {
    /// A proxy or address that cannot be used.
    #[error("the Telegram client cannot be built: {0}")]
    Client(String),
    /// The token is refused (401).
    #[error("Telegram refuses the bot token")]
    Unauthorized,
    /// No answer, or none that could be read.
    #[error("Telegram is out of reach ({0})")]
    OutOfReach(&'static str),
    /// 409: another poller with the same token, or a webhook.
    #[error("this bot's updates go elsewhere: {0}")]
    Conflict(Rival),
    /// 429.
    #[error("Telegram asks to wait {} s", .0.as_secs())]
    RetryAfter(Duration),
}

/// Who else takes the bot's updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rival {
    /// Another process polls with the same token.
    Poller,
    /// A webhook is set.
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
    /// Sends.
    pub(super) sending: Api,
    /// Waits for updates, with a connection of its own.
    pub(super) polling: Api,
}

impl Clients {
    /// Both clients. Each answer is used to compare the clock with Telegram's.
    ///
    /// # Errors
    /// If proxy or address cannot be used.
    pub(crate) fn new(config: &TelegramConfig, clock: &Clock) -> Result<Self, TelegramError> {
        Ok(Self {
            sending: api(config, CALL, clock)?,
            polling: api(config, LONG_POLL + POLL_GRACE, clock)?,
        })
    }
}

fn api(config: &TelegramConfig, timeout: Duration, clock: &Clock) -> Result<Api, TelegramError> {
    let unusable = |what: &str| TelegramError::Client(what.to_owned());
    let mut client = reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .tcp_keepalive(SILENT)
        .tcp_keepalive_interval(ASK_AGAIN)
        .tcp_keepalive_retries(UNANSWERED);
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    {
        client = client.tcp_user_timeout(UNACKNOWLEDGED);
    }
    // Only what is configured: a proxy from the environment would be an invisible setting.
    client = client.no_proxy();
    for der in config.authorities.der() {
        let root = reqwest::Certificate::from_der(der).map_err(|_der| unusable("TLS_CA_FILE holds no certificate"))?;
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

/// What a failed call means to those who need the API as a whole.
pub(super) fn sort(error: CallError) -> TelegramError {
    match error {
        CallError::Token => TelegramError::Unauthorized,
        CallError::RetryAfter(wait) => TelegramError::RetryAfter(wait),
        CallError::Refused(refusal) if refusal.code == 409 => {
            let is_webhook = refusal.description.contains("webhook");
            TelegramError::Conflict(if is_webhook { Rival::Webhook } else { Rival::Poller })
        }
        CallError::Refused(_) => TelegramError::OutOfReach("refused"),
        CallError::Unsent(reason) | CallError::Lost(reason) => TelegramError::OutOfReach(reason),
    }
}
