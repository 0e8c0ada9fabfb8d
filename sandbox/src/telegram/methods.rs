//! The supported methods of the Bot API, except those that deliver or poll.

use serde_json::{Map, Value, json};

use super::checks::chat_id;
use super::polling::get_updates;
use super::refused::Refused;
use super::sending::{edit_message_text, send_chat_action, send_message};
use super::state::Shared;

type Parameters = Map<String, Value>;

/// Calls a method by its documented name; answers with the JSON text of the result.
pub(crate) async fn call(shared: &Shared, method: &str, parameters: &Parameters) -> Result<String, Refused> {
    let result = match method {
        "getUpdates" => return get_updates(shared, parameters).await,
        "getMe" => Ok(get_me(shared)),
        "sendMessage" => send_message(shared, parameters),
        "editMessageText" => edit_message_text(shared, parameters),
        "sendChatAction" => send_chat_action(shared, parameters),
        "answerCallbackQuery" => answer_callback_query(shared, parameters),
        "setMyCommands" => set_my_commands(shared, parameters),
        "getMyCommands" => Ok(get_my_commands(shared, parameters)),
        "deleteMyCommands" => Ok(delete_my_commands(shared, parameters)),
        "deleteWebhook" => Ok(delete_webhook(shared, parameters)),
        "getWebhookInfo" => Ok(get_webhook_info(shared)),
        "leaveChat" => leave_chat(shared, parameters),
        _ => Err(Refused::new(404, "Not Found: method not found")),
    };
    result.map(|value| value.to_string())
}

fn get_me(shared: &Shared) -> Value {
    let mut me = shared.bot.user();
    me["can_join_groups"] = json!(true);
    me["can_read_all_group_messages"] = json!(false);
    me["supports_inline_queries"] = json!(false);
    me["can_connect_to_business"] = json!(false);
    me["has_main_web_app"] = json!(false);
    me
}

fn answer_callback_query(shared: &Shared, parameters: &Parameters) -> Result<Value, Refused> {
    let id = parameters
        .get("callback_query_id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match shared.state().taps.get_mut(id) {
        Some(is_answered) => {
            *is_answered = true;
            Ok(json!(true))
        }
        None => Err(Refused::new(
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        )),
    }
}

fn commands_key(parameters: &Parameters) -> (String, String) {
    let scope = parameters
        .get("scope")
        .cloned()
        .unwrap_or_else(|| json!({"type": "default"}));
    let language = parameters
        .get("language_code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    (scope.to_string(), language.to_owned())
}

fn set_my_commands(shared: &Shared, parameters: &Parameters) -> Result<Value, Refused> {
    let mut commands = Vec::new();
    for command in parameters
        .get("commands")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = command["command"].as_str().unwrap_or_default();
        let description = command["description"].as_str().unwrap_or_default();
        // core.telegram.org/bots/api#botcommand
        let named = (1..=32).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !named || !(1..=256).contains(&description.chars().count()) {
            shared
                .journal
                .violation(format!("setMyCommands: bad command {command}"));
            return Err(Refused::new(400, "Bad Request: BOT_COMMAND_INVALID"));
        }
        commands.push((name.to_owned(), description.to_owned()));
    }
    if commands.len() > 100 {
        shared
            .journal
            .violation(format!("setMyCommands: {} commands, more than 100", commands.len()));
        return Err(Refused::new(400, "Bad Request: BOT_COMMANDS_TOO_MUCH"));
    }
    shared.state().commands.insert(commands_key(parameters), commands);
    Ok(json!(true))
}

fn get_my_commands(shared: &Shared, parameters: &Parameters) -> Value {
    let state = shared.state();
    let commands = state.commands.get(&commands_key(parameters)).into_iter().flatten();
    commands
        .map(|(command, description)| json!({"command": command, "description": description}))
        .collect()
}

fn delete_my_commands(shared: &Shared, parameters: &Parameters) -> Value {
    shared.state().commands.remove(&commands_key(parameters));
    json!(true)
}

fn delete_webhook(shared: &Shared, parameters: &Parameters) -> Value {
    if parameters.get("drop_pending_updates") == Some(&json!(true)) {
        shared
            .journal
            .violation("deleteWebhook: drop_pending_updates throws updates away");
    }
    shared.state().webhook = None;
    json!(true)
}

fn get_webhook_info(shared: &Shared) -> Value {
    let state = shared.state();
    let mut info = json!({
        "url": state.webhook.clone().unwrap_or_default(),
        "has_custom_certificate": false,
        "pending_update_count": state.queue.len(),
    });
    if let Some(allowed) = state.queue.allowed() {
        info["allowed_updates"] = json!(allowed);
    }
    info
}

fn leave_chat(shared: &Shared, parameters: &Parameters) -> Result<Value, Refused> {
    let mut state = shared.state();
    let chat = parameters
        .get("chat_id")
        .and_then(chat_id)
        .and_then(|id| state.chats.get_mut(&id));
    match chat {
        Some(chat) if chat.title.is_none() => Err(Refused::new(
            400,
            "Bad Request: chat member status can't be changed in private chats",
        )),
        Some(chat) if chat.has_left => Err(Refused::new(
            403,
            "Forbidden: bot is not a member of the supergroup chat",
        )),
        Some(chat) => {
            chat.has_left = true;
            let id = chat.id;
            shared.membership(&mut state, id, "member", "left");
            Ok(json!(true))
        }
        None => Err(Refused::new(400, "Bad Request: chat not found")),
    }
}
