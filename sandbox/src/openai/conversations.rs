//! `/conversations` and their items (platform.openai.com/docs/api-reference/conversations).

use hyper::Method;
use serde_json::{Value, json};

use super::error::ApiError;
use super::input::items_of;
use super::request::metadata_error;
use super::state::{Conversation, Shared};
use crate::ids::unix_seconds;
use crate::journal::Event;
use crate::server::Call;

/// The most items of one call.
const ITEMS_LIMIT: usize = 20;

/// Answers a call below `/conversations`; `rest` is the remaining path.
pub(crate) fn call(shared: &Shared, call: &Call, body: &Value, rest: &[&str]) -> Result<Value, ApiError> {
    match (&call.method, rest) {
        (&Method::POST, []) => create(shared, body),
        (&Method::GET, [id]) => shared
            .state()
            .conversation(id)
            .map(|conversation| object(id, conversation)),
        (&Method::DELETE, [id]) => {
            let mut state = shared.state();
            state.conversation(id)?;
            state.conversations.remove(*id);
            Ok(json!({"id": id, "object": "conversation.deleted", "deleted": true}))
        }
        (&Method::GET, [id, "items"]) => list(shared, call, id),
        (&Method::POST, [id, "items"]) => add(shared, id, body),
        (&Method::GET, [id, "items", item]) => {
            let mut state = shared.state();
            let mut items = state.conversation(id)?.items.iter();
            items
                .find(|found| found["id"] == **item)
                .cloned()
                .ok_or_else(|| ApiError::no_item(item, id))
        }
        (&Method::DELETE, [id, "items", item]) => remove(shared, id, item),
        (method, _) => {
            shared
                .journal
                .violation(format!("openai: no such endpoint {method} {}", call.path));
            Err(ApiError::no_endpoint(method.as_str(), &call.path))
        }
    }
}

fn object(id: &str, conversation: &Conversation) -> Value {
    json!({"id": id, "object": "conversation", "created_at": conversation.created_at,
        "metadata": conversation.metadata})
}

fn create(shared: &Shared, body: &Value) -> Result<Value, ApiError> {
    let members = body.as_object().into_iter().flatten();
    if let Some((name, _)) = members
        .into_iter()
        .find(|(name, _)| !matches!(name.as_str(), "items" | "metadata"))
    {
        return Err(broken(
            shared,
            ApiError::bad(
                format!("Unknown parameter: '{name}'."),
                Some(name),
                Some("unknown_parameter"),
            ),
        ));
    }
    let metadata = if body["metadata"].is_null() {
        json!({})
    } else {
        body["metadata"].clone()
    };
    if let Some(fault) = metadata_error(&metadata) {
        return Err(broken(
            shared,
            ApiError::bad(fault, Some("metadata"), Some("invalid_value")),
        ));
    }
    let items = read_items(shared, &body["items"])?;
    let id = shared.ids.id("conv");
    let conversation = Conversation {
        created_at: unix_seconds(),
        metadata,
        items,
        is_locked: false,
    };
    let answer = object(&id, &conversation);
    let mut state = shared.state();
    state.conversations.insert(id.clone(), conversation);
    state.created.push(id.clone());
    drop(state);
    shared.journal.record(Event::ConversationCreated { conversation: id });
    Ok(answer)
}

fn broken(shared: &Shared, error: ApiError) -> ApiError {
    shared.journal.violation(format!("conversations: {}", error.message));
    error
}

fn read_items(shared: &Shared, items: &Value) -> Result<Vec<Value>, ApiError> {
    let items = items_of(items, &shared.ids).map_err(|error| broken(shared, error))?;
    if items.len() > ITEMS_LIMIT {
        let error = ApiError::bad("More than 20 items.", Some("items"), Some("array_above_max_length"));
        return Err(broken(shared, error));
    }
    Ok(items)
}

fn add(shared: &Shared, id: &str, body: &Value) -> Result<Value, ApiError> {
    let items = read_items(shared, &body["items"])?;
    let mut state = shared.state();
    let conversation = state.conversation(id)?;
    if conversation.is_locked {
        return Err(ApiError::locked());
    }
    conversation.items.extend(items.clone());
    Ok(page(&items, false))
}

fn remove(shared: &Shared, id: &str, item: &str) -> Result<Value, ApiError> {
    let mut state = shared.state();
    let conversation = state.conversation(id)?;
    let before = conversation.items.len();
    conversation.items.retain(|found| found["id"] != *item);
    if conversation.items.len() == before {
        return Err(ApiError::no_item(item, id));
    }
    Ok(object(id, conversation))
}

fn list(shared: &Shared, call: &Call, id: &str) -> Result<Value, ApiError> {
    let limit = match call.parameter("limit").map(str::parse) {
        None => ITEMS_LIMIT,
        Some(Ok(limit @ 1..=100)) => limit,
        Some(_) => {
            let error = ApiError::bad("'limit' is not 1 to 100.", Some("limit"), Some("invalid_value"));
            return Err(broken(shared, error));
        }
    };
    let mut state = shared.state();
    let mut items = state.conversation(id)?.items.clone();
    drop(state);
    if call.parameter("order") != Some("asc") {
        items.reverse();
    }
    if let Some(after) = call.parameter("after") {
        let position = items.iter().position(|item| item["id"] == *after);
        let position = position.ok_or_else(|| ApiError::no_item(after, id))?;
        items.drain(..=position);
    }
    let has_more = items.len() > limit;
    items.truncate(limit);
    Ok(page(&items, has_more))
}

fn page(items: &[Value], has_more: bool) -> Value {
    let id = |item: Option<&Value>| item.map(|item| item["id"].clone()).unwrap_or_default();
    json!({"object": "list", "data": items, "first_id": id(items.first()), "last_id": id(items.last()),
        "has_more": has_more})
}
