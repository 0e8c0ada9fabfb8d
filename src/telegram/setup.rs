//! What is settled with Telegram once at start: who the bot is, that no webhook stands in the way, and the command
//! menu in both languages.

use std::time::Duration;

use teloxide::Bot;
use teloxide::payloads::{GetMyCommandsSetters, SetMyCommandsSetters};
use teloxide::prelude::Requester;
use teloxide::types::BotCommand;

use super::client::{Clients, PATIENCE, TelegramError, sort};
use super::convert::BotIdentity;
use crate::domain::Language;
use crate::runtime::{Event, Events, StepName, Steps};

/// Webhook and menus keep nobody waiting for longer than this.
const SETTLE: Duration = Duration::from_secs(5);

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
pub async fn identify(clients: &Clients, steps: &Steps) -> Result<Identity, TelegramError> {
    let asking = async {
        let asked = tokio::time::timeout(PATIENCE, clients.sending.get_me().into_future()).await;
        let me = asked.map_err(|_elapsed| TelegramError::OutOfReach("timeout"))?;
        me.map_err(|error| sort(&error))
    };
    let me = watched(steps, StepName::Identify, asking).await?;
    Ok(Identity {
        bot: BotIdentity {
            id: i64::try_from(me.id.0).unwrap_or_default(),
            username: Some(me.username().to_owned()),
        },
        name: me.first_name.clone(),
    })
}

/// Removes a webhook and writes the menus, within the time that customers can be kept waiting for it.
pub(super) async fn settle(
    bot: &Bot,
    steps: &Steps,
    events: &Events,
    menus: &[(Option<Language>, Vec<MenuLine>)],
) -> Result<(), TelegramError> {
    let settling = async {
        remove_webhook(bot, steps, events).await?;
        for (language, menu) in menus {
            if register_menu(bot, steps, *language, menu).await? {
                let language = language.map_or("other", Language::code);
                events.emit(Event::info("telegram_poller", "menu_registered").with("language", language));
            }
        }
        Ok(())
    };
    let settled = tokio::time::timeout(SETTLE, settling).await;
    settled.unwrap_or(Err(TelegramError::OutOfReach("timeout")))
}

/// Removes a left-over webhook; updates that wait are kept (Bot API, deleteWebhook: `drop_pending_updates`).
async fn remove_webhook(bot: &Bot, steps: &Steps, events: &Events) -> Result<(), TelegramError> {
    let asking = async { bot.get_webhook_info().await.map_err(|error| sort(&error)) };
    let webhook = watched(steps, StepName::Webhook, asking).await?;
    if webhook.url.is_some() {
        let removing = async { bot.delete_webhook().await.map_err(|error| sort(&error)) };
        watched(steps, StepName::Webhook, removing).await?;
        let removed = Event::warn("telegram_poller", "webhook_removed").with("waiting", webhook.pending_update_count);
        events.emit(removed);
    }
    Ok(())
}

/// Registers the menu of one language, where it differs from what is registered.
async fn register_menu(
    bot: &Bot,
    steps: &Steps,
    language: Option<Language>,
    menu: &[MenuLine],
) -> Result<bool, TelegramError> {
    let code = language.map_or("", Language::code);
    let wanted: Vec<BotCommand> = menu
        .iter()
        .map(|line| BotCommand::new(line.command, line.description.clone()))
        .collect();
    let asking = async {
        let asked = bot.get_my_commands().language_code(code).await;
        asked.map_err(|error| sort(&error))
    };
    if watched(steps, StepName::Menu, asking).await? == wanted {
        return Ok(false);
    }
    let setting = async {
        let set = bot.set_my_commands(wanted).language_code(code).await;
        set.map_err(|error| sort(&error))
    };
    watched(steps, StepName::Menu, setting).await?;
    Ok(true)
}

/// A call of this side of the edge as a step. None of them does harm when it is made again.
pub(super) async fn watched<T>(
    steps: &Steps,
    name: StepName,
    call: impl Future<Output = Result<T, TelegramError>> + Send,
) -> Result<T, TelegramError> {
    let fault = |_moment| TelegramError::OutOfReach("step");
    steps.call(name, fault, call).await
}
