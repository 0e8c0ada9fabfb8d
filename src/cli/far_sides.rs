//! What `check` asks of Telegram and OpenAI: each is called once, with the configured key, address and proxy, and
//! nothing is changed there.

use std::future::Future;

use super::findings::Finding;
use crate::assistant::check;
use crate::config::Config;
use crate::telegram::{Clients, TelegramError, identify};

/// Whether the token is good and Telegram within reach.
pub(super) fn telegram(config: &Config) -> Finding {
    const NAME: &str = "Telegram";
    let asked = wait_for(async {
        let identity = identify(&Clients::new(&config.telegram)?).await?;
        Ok::<_, TelegramError>(identity)
    });
    match asked {
        Some(Ok(identity)) => {
            let username = identity.bot.username.unwrap_or_default();
            Finding::ok(NAME, format!("@{username}, {}", identity.name))
        }
        Some(Err(TelegramError::Unauthorized)) => Finding::fail(
            NAME,
            "refuses TELEGRAM_BOT_TOKEN; copy it from @BotFather again, or make a new one there",
        ),
        Some(Err(error)) => Finding::fail(NAME, format!("{error}; see TELEGRAM_API_URL and TELEGRAM_PROXY")),
        None => no_runtime(NAME),
    }
}

/// Whether the key is good, OpenAI within reach and the model there, and for how long.
pub(super) fn openai(config: &Config) -> Finding {
    const NAME: &str = "OpenAI";
    match wait_for(check(&config.openai)) {
        Some(Ok(model)) => match model.shutdown_date {
            Some(date) => Finding::warn(NAME, format!("{} ends on {date}; set OPENAI_MODEL before", model.name)),
            None => Finding::ok(NAME, model.name),
        },
        Some(Err(error)) => Finding::fail(
            NAME,
            format!("{error}; see OPENAI_API_KEY, OPENAI_MODEL, OPENAI_BASE_URL and OPENAI_PROXY"),
        ),
        None => no_runtime(NAME),
    }
}

fn no_runtime(name: &str) -> Finding {
    Finding::fail(name, "cannot be asked: this machine gives no threads")
}

fn wait_for<T>(asking: impl Future<Output = T>) -> Option<T> {
    // Another check may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    Some(runtime.block_on(asking))
}
