//! The setup with Telegram at start: the bot's identity, the removal of a webhook, and the command menus.

use std::time::Duration;

use base::{Event, Events, StepName, Steps};
use domain::Language;
use serde::Deserialize;
use teloxide::payloads::{
    DeleteWebhook, GetMe, GetMyCommands, GetMyCommandsSetters, GetWebhookInfo, SetMyCommands, SetMyCommandsSetters,
};
use teloxide::types::BotCommand;

use super::answer::{CallError, UNREADABLE};
use super::api::Api;
use super::client::{Clients, TelegramError, classify};
use super::convert::BotIdentity;

/// The longest time that webhook and menus may delay polling.
const SETUP_TIMEOUT: Duration = Duration::from_secs(5);

/// The bot's account (Bot API, getMe).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its id and user name, needed to read updates.
    pub bot: BotIdentity,
    /// The name customers see.
    pub name: String,
}

/// One line of the command menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MenuLine {
    /// Without the slash.
    pub command: &'static str,
    /// At most 256 characters.
    pub description: String,
}

/// Loads the bot's account.
///
/// # Errors
/// If Telegram rejects the token or is unreachable.
pub(crate) async fn identify(clients: &Clients, steps: &Steps) -> Result<Identity, TelegramError> {
    let asking = async { readable::<Me>(clients.sending.ask(&GetMe::new()).await) };
    let me = watched(steps, StepName::Identify, asking).await?;
    Ok(Identity {
        bot: BotIdentity {
            id: me.id,
            username: me.username,
        },
        name: me.first_name,
    })
}

/// Only the fields that are needed, so that the rest of the answer may have any shape.
#[derive(Deserialize)]
struct Me {
    id: i64,
    #[serde(default)]
    first_name: String,
    username: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Webhook {
    url: String,
    pending_update_count: u32,
}

fn readable<T>(answer: Result<Option<T>, CallError>) -> Result<T, TelegramError> {
    answer.and_then(|read| read.ok_or(UNREADABLE)).map_err(classify)
}

/// Removes a webhook and registers the menus, within [`SETUP_TIMEOUT`].
pub(super) async fn set_up(
    api: &Api,
    steps: &Steps,
    events: &Events,
    menus: &[(Option<Language>, Vec<MenuLine>)],
) -> Result<(), TelegramError> {
    let setup = async {
        remove_webhook(api, steps, events).await?;
        for (language, menu) in menus {
            if register_menu(api, steps, *language, menu).await? {
                let language = language.map_or("other", Language::code);
                events.emit(Event::info("telegram_poller", "menu_registered").with("language", language));
            }
        }
        Ok(())
    };
    let done = tokio::time::timeout(SETUP_TIMEOUT, setup).await;
    done.unwrap_or(Err(TelegramError::Unreachable("timeout")))
}

/// Removes a webhook left by another program; pending updates are kept (Bot API, deleteWebhook: `drop_pending_updates`).
async fn remove_webhook(api: &Api, steps: &Steps, events: &Events) -> Result<(), TelegramError> {
    let asking = async { readable::<Webhook>(api.ask(&GetWebhookInfo::new()).await) };
    let webhook = watched(steps, StepName::Webhook, asking).await?;
    if !webhook.url.is_empty() {
        let removing = async { api.call(&DeleteWebhook::new()).await.map_err(classify) };
        watched(steps, StepName::Webhook, removing).await?;
        let removed =
            Event::warn("telegram_poller", "webhook_removed").with("pending_updates", webhook.pending_update_count);
        events.emit(removed);
    }
    Ok(())
}

/// Registers the menu of one language unless it is already registered.
async fn register_menu(
    api: &Api,
    steps: &Steps,
    language: Option<Language>,
    menu: &[MenuLine],
) -> Result<bool, TelegramError> {
    let code = language.map_or("", Language::code);
    let wanted: Vec<BotCommand> = menu
        .iter()
        .map(|line| BotCommand::new(line.command, line.description.clone()))
        .collect();
    let asking = async { readable::<Vec<BotCommand>>(api.ask(&GetMyCommands::new().language_code(code)).await) };
    if watched(steps, StepName::Menu, asking).await? == wanted {
        return Ok(false);
    }
    let setting = async {
        let menu = SetMyCommands::new(wanted).language_code(code);
        api.call(&menu).await.map_err(classify)
    };
    watched(steps, StepName::Menu, setting).await?;
    Ok(true)
}

/// Makes a polling or setup call as a step. All of these calls are safe to repeat.
pub(super) async fn watched<T>(
    steps: &Steps,
    name: StepName,
    call: impl Future<Output = Result<T, TelegramError>> + Send,
) -> Result<T, TelegramError> {
    let fault = |_moment| TelegramError::Unreachable("step");
    steps.call(name, fault, call).await
}
