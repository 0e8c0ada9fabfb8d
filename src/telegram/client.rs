//! The two clients of the Bot API: one that waits for updates, with a connection of its own, and one that sends.
//! Both are teloxide's, with our time-outs, proxy and server address. A `Bot` is never printed: its `Debug` shows
//! the token.

use std::time::Duration;

use reqwest_telegram as reqwest;
use teloxide::Bot;

use crate::config::TelegramConfig;
use crate::runtime::descriptors::{NO_DESCRIPTORS, are_descriptors_exhausted};

/// How long Telegram may hold a `getUpdates` open (Bot API, getUpdates: `timeout`).
pub(super) const LONG_POLL: Duration = Duration::from_secs(25);
/// What a held request may take on top before it counts as lost.
const POLL_GRACE: Duration = Duration::from_secs(10);
/// teloxide sleeps ten seconds inside a call that met a 5xx; nobody waits for a call longer than this.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// What sending one message may take.
const SEND: Duration = Duration::from_secs(15);

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
    #[error("Telegram asks to wait {0} s")]
    RetryAfter(u64),
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
pub struct Clients {
    /// Sends.
    pub(super) sending: Bot,
    /// Waits for updates, with a connection of its own.
    pub(super) polling: Bot,
}

impl Clients {
    /// Both clients.
    ///
    /// # Errors
    /// If proxy or address cannot be used.
    pub fn new(config: &TelegramConfig) -> Result<Self, TelegramError> {
        Ok(Self {
            sending: bot(config, SEND)?,
            polling: bot(config, LONG_POLL + POLL_GRACE)?,
        })
    }
}

fn bot(config: &TelegramConfig, timeout: Duration) -> Result<Bot, TelegramError> {
    let unusable = |what: &str| TelegramError::Client(what.to_owned());
    let mut client = teloxide::net::default_reqwest_settings().timeout(timeout);
    // Only what is configured: a proxy from the environment would be an invisible setting.
    client = client.no_proxy();
    if let Some(proxy) = &config.proxy {
        let proxy =
            reqwest::Proxy::all(proxy.expose()).map_err(|_url| unusable("TELEGRAM_PROXY is not a proxy URL"))?;
        client = client.proxy(proxy);
    }
    let client = client.build().map_err(|_setup| unusable("no HTTP client"))?;
    let bot = Bot::with_client(config.token.expose(), client);
    match &config.api_url {
        Some(url) => {
            let url = url.parse().map_err(|_url| unusable("TELEGRAM_API_URL is not a URL"))?;
            Ok(bot.set_api_url(url))
        }
        None => Ok(bot),
    }
}

/// Sorts a failed request of the poller; nothing of its text is kept, a URL in it would hold the token.
pub(super) fn sort(error: &teloxide::RequestError) -> TelegramError {
    use teloxide::{ApiError, RequestError};
    match error {
        RequestError::Api(ApiError::InvalidToken) => TelegramError::Unauthorized,
        RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => TelegramError::Conflict(Rival::Poller),
        RequestError::Api(ApiError::CantGetUpdates) => TelegramError::Conflict(Rival::Webhook),
        RequestError::RetryAfter(wait) => TelegramError::RetryAfter(u64::from(wait.seconds())),
        RequestError::Network(error) => TelegramError::OutOfReach(kind(error)),
        RequestError::InvalidJson { .. } => TelegramError::OutOfReach("unreadable"),
        _ => TelegramError::OutOfReach("refused"),
    }
}

/// What became of a request that brought no answer.
pub(super) fn kind(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_connect() => unconnected(error),
        error if error.is_timeout() => "timeout",
        _ => "cut",
    }
}

/// Why there was no connection.
pub(super) fn unconnected(error: &reqwest::Error) -> &'static str {
    match are_descriptors_exhausted(error) {
        true => NO_DESCRIPTORS,
        false => "connect",
    }
}
