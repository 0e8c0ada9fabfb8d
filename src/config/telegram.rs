//! Settings of the Telegram edge.

use super::entry::{optional, secret, value};
use super::group::settings;
use super::values::{bot_token, http_url, number, proxy_url, without_password};
use super::{Authorities, Secret};

settings! {
    /// What the Telegram edge needs.
    pub struct TelegramConfig in "Telegram" {
        /// Bot token from @BotFather, for example 123456:ABC… (required)
        token: Secret = secret("TELEGRAM_BOT_TOKEN", "TOKEN", bot_token),
        /// URL of the Bot API server (default: Telegram's own)
        api_url: Option<String> = optional("TELEGRAM_API_URL", "URL", http_url).private(without_password),
        /// Proxy for Telegram: http://, https://, socks5:// or socks5h:// (socks5h: the proxy resolves host names)
        proxy: Option<Secret> = optional("TELEGRAM_PROXY", "URL", proxy_url).private(without_password),
        /// Maximum messages sent per second across all chats (0: no limit)
        rate_per_second: u32 = value("TELEGRAM_RATE_PER_SECOND", "N", "30", |text| number(text, 0, 1_000)),
        /// Maximum messages sent per second to one chat, after a burst of 3 (0: no limit)
        chat_rate_per_second: u32 = value("TELEGRAM_CHAT_RATE_PER_SECOND", "N", "1", |text| number(text, 0, 1_000)),
    }
    and
    /// `TLS_CA_FILE`
    authorities: Authorities
}
