//! `sendMessage`, `editMessageText` and `sendChatAction`.

use serde_json::{Map, Value, json};

use super::checks::chat_id;
use super::refused::Refused;
use super::state::{Chat, Shared, State};
use super::{Reply, entities, markup};
use crate::ids::unix_seconds;
use crate::journal::Event;

/// core.telegram.org/bots/api#sendchataction
const ACTIONS: &[&str] = &[
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

type Parameters = Map<String, Value>;

pub(crate) fn send_message(shared: &Shared, parameters: &Parameters) -> Result<Value, Refused> {
    let (text, entities) = formatted(shared, "sendMessage", parameters)?;
    let mut state = shared.state();
    let chat = writable(&mut state, parameters)?;
    let replied = replied_message(chat, parameters)?;
    let message_id = chat.take_message_id();
    let mut message = json!({
        "message_id": message_id,
        "from": shared.bot.user(),
        "chat": chat.object(),
        "date": unix_seconds(),
        "text": text,
    });
    if !entities.is_empty() {
        message["entities"] = json!(entities);
    }
    // Only inline keyboards are part of a message.
    if let Some(markup) = parameters
        .get("reply_markup")
        .filter(|markup| markup.get("inline_keyboard").is_some())
    {
        message["reply_markup"] = markup.clone();
    }
    if shared.journal.is_kept() {
        chat.keep(message_id, message.clone());
    }
    if let Some(replied) = replied {
        message["reply_to_message"] = replied;
    }
    let id = chat.id;
    let at = shared.journal.record(Event::MessageDelivered {
        chat: id,
        message_id,
        text: text.clone(),
    });
    if shared.journal.is_kept() {
        chat.replies.push(Reply {
            message_id,
            text,
            entities,
            body: Value::Object(parameters.clone()),
            at,
        });
    }
    Ok(message)
}

pub(crate) fn edit_message_text(shared: &Shared, parameters: &Parameters) -> Result<Value, Refused> {
    let (text, entities) = formatted(shared, "editMessageText", parameters)?;
    let mut state = shared.state();
    let chat = writable(&mut state, parameters)?;
    let message_id = parameters.get("message_id").and_then(Value::as_i64).unwrap_or_default();
    let Some(message) = chat.messages.get_mut(&message_id) else {
        return Err(Refused::new(400, "Bad Request: message to edit not found"));
    };
    let Some(reply) = chat.replies.iter_mut().find(|reply| reply.message_id == message_id) else {
        return Err(Refused::new(400, "Bad Request: message can't be edited"));
    };
    if reply.text == text && reply.entities == entities {
        return Err(Refused::new(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup are exactly \
             the same as a current content and reply markup of the message",
        ));
    }
    message["text"] = json!(text);
    message["entities"] = json!(entities);
    message["edit_date"] = json!(unix_seconds());
    reply.text.clone_from(&text);
    reply.entities = entities;
    let message = message.clone();
    shared.journal.record(Event::MessageEdited {
        chat: chat.id,
        message_id,
        text,
    });
    Ok(message)
}

pub(crate) fn send_chat_action(shared: &Shared, parameters: &Parameters) -> Result<Value, Refused> {
    let action = parameters
        .get("action")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if !ACTIONS.contains(&action.as_str()) {
        shared
            .journal
            .violation(format!("sendChatAction: unknown action {action:?}"));
        return Err(Refused::new(400, "Bad Request: wrong parameter action in request"));
    }
    let mut state = shared.state();
    let chat = writable(&mut state, parameters)?.id;
    shared.journal.record(Event::ChatAction { chat, action });
    Ok(json!(true))
}

/// The text and the entities, checked together.
fn formatted(shared: &Shared, method: &str, parameters: &Parameters) -> Result<(String, Vec<Value>), Refused> {
    if parameters.contains_key("parse_mode") {
        shared
            .journal
            .violation(format!("{method}: parse_mode, where entities were agreed on"));
    }
    if let Some(fault) = markup::errors_of(parameters).into_iter().next() {
        shared.journal.violation(format!("{method}: {fault}"));
        return Err(Refused::new(400, format!("Bad Request: {fault}")));
    }
    let text = parameters.get("text").and_then(Value::as_str).unwrap_or_default();
    if let Some(description) = entities::length_error(text) {
        return Err(Refused::new(400, description));
    }
    let list = parameters
        .get("entities")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if let Some(fault) = entities::entity_error(text, &list) {
        shared.journal.violation(format!("{method}: {fault}"));
        return Err(Refused::new(400, format!("Bad Request: can't parse entities: {fault}")));
    }
    Ok((text.to_owned(), list))
}

/// The chat, if the bot may write to it.
fn writable<'a>(state: &'a mut State, parameters: &Parameters) -> Result<&'a mut Chat, Refused> {
    let chat = parameters
        .get("chat_id")
        .and_then(chat_id)
        .and_then(|id| state.chats.get_mut(&id));
    let Some(chat) = chat.filter(|chat| chat.is_open) else {
        return Err(Refused::new(400, "Bad Request: chat not found"));
    };
    if chat.is_blocked {
        return Err(Refused::new(403, "Forbidden: bot was blocked by the user"));
    }
    if chat.has_left {
        return Err(Refused::new(
            403,
            "Forbidden: bot is not a member of the supergroup chat",
        ));
    }
    if !chat.can_write {
        return Err(Refused::new(
            400,
            "Bad Request: not enough rights to send text messages to the chat",
        ));
    }
    Ok(chat)
}

fn replied_message(chat: &Chat, parameters: &Parameters) -> Result<Option<Value>, Refused> {
    let Some(reply) = parameters.get("reply_parameters") else {
        return Ok(None);
    };
    let message = reply["message_id"].as_i64().and_then(|id| chat.messages.get(&id));
    if message.is_none() && reply["allow_sending_without_reply"] != json!(true) {
        return Err(Refused::new(400, "Bad Request: message to be replied not found"));
    }
    Ok(message.cloned())
}
