//! `getUpdates` (core.telegram.org/bots/api#getupdates): long polling by one caller at a time.

use std::time::Duration;

use serde_json::{Map, Value};

use super::refused::{Refused, TERMINATED};
use super::state::Shared;
use crate::journal::Event;

const WEBHOOK: &str =
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
/// The maximum of the real server, whatever is requested.
const LONGEST_WAIT_SECONDS: u64 = 50;
const DEFAULT_LIMIT: usize = 100;

/// Answers with the JSON text of the batch: its members need not be valid JSON.
pub(crate) async fn get_updates(shared: &Shared, parameters: &Map<String, Value>) -> Result<String, Refused> {
    let place = take_place(shared, parameters)?;
    let limit = limit(shared, parameters);
    let timeout = parameters
        .get("timeout")
        .and_then(Value::as_u64)
        .unwrap_or(0)
        .min(LONGEST_WAIT_SECONDS);
    let mut bell = shared.bell.subscribe();
    let end = tokio::time::sleep(Duration::from_secs(timeout));
    tokio::pin!(end);
    loop {
        bell.borrow_and_update();
        if let Some(batch) = look(shared, place, limit)? {
            return Ok(batch);
        }
        tokio::select! {
            () = &mut end => return Ok("[]".to_owned()),
            _ = bell.changed() => {}
        }
    }
}

/// Confirms updates below the offset and ends the wait of any earlier call.
fn take_place(shared: &Shared, parameters: &Map<String, Value>) -> Result<u64, Refused> {
    let mut state = shared.state();
    if state.webhook.is_some() {
        return Err(Refused::new(409, WEBHOOK));
    }
    let offset = parameters.get("offset").and_then(Value::as_i64).unwrap_or(0);
    if offset < 0 {
        shared
            .journal
            .violation(format!("getUpdates: offset {offset} throws updates away"));
        return Err(Refused::new(400, "Bad Request: negative offset"));
    }
    if let Some(below) = state.queue.confirm(offset) {
        shared.journal.record(Event::UpdatesConfirmed { below });
    }
    if let Some(kinds) = parameters.get("allowed_updates").and_then(Value::as_array) {
        state
            .queue
            .allow(kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    }
    state.poller += 1;
    let place = state.poller;
    drop(state);
    shared.ring();
    Ok(place)
}

fn limit(shared: &Shared, parameters: &Map<String, Value>) -> usize {
    let Some(limit) = parameters.get("limit").and_then(Value::as_i64) else {
        return DEFAULT_LIMIT;
    };
    if !(1..=100).contains(&limit) {
        shared
            .journal
            .violation(format!("getUpdates: limit {limit} is not 1 to 100"));
    }
    usize::try_from(limit.clamp(1, 100)).unwrap_or(DEFAULT_LIMIT)
}

fn look(shared: &Shared, place: u64, limit: usize) -> Result<Option<String>, Refused> {
    let mut state = shared.state();
    if state.poller != place {
        return Err(Refused::new(409, TERMINATED));
    }
    if state.webhook.is_some() {
        return Err(Refused::new(409, WEBHOOK));
    }
    let Some(batch) = state.queue.batch(limit) else {
        return Ok(None);
    };
    for item in &batch {
        shared.journal.record(Event::UpdateDelivered { update_id: item.id });
    }
    let members: Vec<&str> = batch.iter().map(|item| item.json.as_str()).collect();
    Ok(Some(format!("[{}]", members.join(","))))
}
