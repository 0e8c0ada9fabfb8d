//! What is settled with Telegram once at start: who the bot is, that no webhook stands in the way, and the command
//! menu in both languages.

use teloxide::Bot;
use teloxide::payloads::{GetMyCommandsSetters, SetMyCommandsSetters};
use teloxide::prelude::Requester;
use teloxide::types::BotCommand;

use super::client::{Clients, TelegramError, sort};
use super::convert::BotIdentity;
use crate::domain::Language;
use crate::runtime::{Event, Events};

/// Who the bot is (Bot API, getMe).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id and user name, by which updates are read.
    pub bot: BotIdentity,
    /// Its name as customers see it.
    pub name: String,
}

/// One line of the command menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuLine {
    /// Without the slash.
    pub command: &'static str,
    /// At most 256 characters.
    pub description: String,
}

/// Asks who the bot is.
///
/// # Errors
/// If the token is refused or Telegram is out of reach.
pub async fn identify(clients: &Clients) -> Result<Identity, TelegramError> {
    let me = clients.sending.get_me().await.map_err(|error| sort(&error))?;
    Ok(Identity {
        bot: BotIdentity {
            id: i64::try_from(me.id.0).unwrap_or_default(),
            username: Some(me.username().to_owned()),
        },
        name: me.first_name.clone(),
    })
}

/// Removes a left-over webhook; updates that wait are kept (Bot API, deleteWebhook: `drop_pending_updates`).
pub(super) async fn remove_webhook(bot: &Bot, events: &Events) -> Result<(), TelegramError> {
    let webhook = bot.get_webhook_info().await.map_err(|error| sort(&error))?;
    if webhook.url.is_some() {
        bot.delete_webhook().await.map_err(|error| sort(&error))?;
        let removed = Event::warn("telegram_poller", "webhook_removed").with("waiting", webhook.pending_update_count);
        events.emit(removed);
    }
    Ok(())
}

/// Registers the menu of one language, where it differs from what is registered.
pub(super) async fn register_menu(
    bot: &Bot,
    language: Option<Language>,
    menu: &[MenuLine],
) -> Result<bool, TelegramError> {
    let code = language.map_or("", Language::code);
    let wanted: Vec<BotCommand> = menu
        .iter()
        .map(|line| BotCommand::new(line.command, line.description.clone()))
        .collect();
    let registered = bot
        .get_my_commands()
        .language_code(code)
        .await
        .map_err(|error| sort(&error))?;
    if registered == wanted {
        return Ok(false);
    }
    bot.set_my_commands(wanted)
        .language_code(code)
        .await
        .map_err(|error| sort(&error))?;
    Ok(true)
}
