//! What is settled with Telegram once at start: who the bot is, that no webhook stands in the way, and the command
//! menu in both languages.

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
use super::client::{Clients, TelegramError, sort};
use super::convert::BotIdentity;

/// Webhook and menus keep nobody waiting for longer than this.
const SETTLE: Duration = Duration::from_secs(5);

/// Who the bot is (Bot API, getMe).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its id and user name, by which updates are read.
    pub bot: BotIdentity,
    /// Its name as customers see it.
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

/// Asks who the bot is.
///
/// # Errors
/// If the token is refused or Telegram is out of reach.
pub(crate) async fn identify(clients: &Clients, steps: &Steps) -> Result<Identity, TelegramError> {
    let asking = async { found::<Me>(clients.sending.ask(&GetMe::new()).await) };
    let me = watched(steps, StepName::Identify, asking).await?;
    Ok(Identity {
        bot: BotIdentity {
            id: me.id,
            username: me.username,
        },
        name: me.first_name,
    })
}

/// What is read of answers; the rest may be of any form.
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

fn found<T>(answer: Result<Option<T>, CallError>) -> Result<T, TelegramError> {
    answer.and_then(|found| found.ok_or(UNREADABLE)).map_err(sort)
}

/// Removes a webhook and writes the menus, within the time that customers can be kept waiting for it.
pub(super) async fn settle(
    api: &Api,
    steps: &Steps,
    events: &Events,
    menus: &[(Option<Language>, Vec<MenuLine>)],
) -> Result<(), TelegramError> {
    let settling = async {
        remove_webhook(api, steps, events).await?;
        for (language, menu) in menus {
            if register_menu(api, steps, *language, menu).await? {
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
async fn remove_webhook(api: &Api, steps: &Steps, events: &Events) -> Result<(), TelegramError> {
    let asking = async { found::<Webhook>(api.ask(&GetWebhookInfo::new()).await) };
    let webhook = watched(steps, StepName::Webhook, asking).await?;
    if !webhook.url.is_empty() {
        let removing = async { api.call(&DeleteWebhook::new()).await.map_err(sort) };
        watched(steps, StepName::Webhook, removing).await?;
        let removed =
            Event::warn("telegram_poller", "webhook_removed").with("pending_updates", webhook.pending_update_count);
        events.emit(removed);
    }
    Ok(())
}

/// Registers the menu of one language, where it differs from what is registered.
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
    let asking = async { found::<Vec<BotCommand>>(api.ask(&GetMyCommands::new().language_code(code)).await) };
    if watched(steps, StepName::Menu, asking).await? == wanted {
        return Ok(false);
    }
    let setting = async {
        let menu = SetMyCommands::new(wanted).language_code(code);
        api.call(&menu).await.map_err(sort)
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
