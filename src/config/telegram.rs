//! Settings of the Telegram edge.

use super::entry::{optional, secret, value};
use super::group::settings;
use super::values::{bot_token, http_url, number, proxy_url, without_password};
use super::{Authorities, Secret};

settings! {
    /// What the Telegram edge needs.
    pub struct TelegramConfig in "Telegram" {
        /// The bot's token as @BotFather gave it, like 123456:ABC… (required)
        token: Secret = secret("TELEGRAM_BOT_TOKEN", "TOKEN", bot_token),
        /// Address of another Bot API server; unset: Telegram's own
        api_url: Option<String> = optional("TELEGRAM_API_URL", "URL", http_url).private(without_password),
        /// Proxy on the way to Telegram: http://, https://, socks5:// or socks5h:// (host names are resolved by the proxy)
        proxy: Option<Secret> = optional("TELEGRAM_PROXY", "URL", proxy_url).private(without_password),
        /// Messages sent a second, over all chats; 0: unlimited
        rate_per_second: u32 = value("TELEGRAM_RATE_PER_SECOND", "N", "30", |text| number(text, 0, 1_000)),
        /// Messages sent a second to one chat, after a burst of 3; 0: unlimited
        chat_rate_per_second: u32 = value("TELEGRAM_CHAT_RATE_PER_SECOND", "N", "1", |text| number(text, 0, 1_000)),
    }
    and
    /// `TLS_CA_FILE`
    authorities: Authorities
}
