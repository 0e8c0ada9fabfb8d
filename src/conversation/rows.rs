//! Reads the rows of a chat and retries until it succeeds.

use std::time::Duration;

use base::Event;
use chrono::TimeDelta;
use domain::{ChatId, InboxId};
use store::{ConversationState, DbError, EndUnreadable, LoadConversation, RecoverConversation};

use super::shared::Shared;
use crate::db::messages::persist;
use crate::runtime::StartReason;

const RETRY_AFTER: TimeDelta = TimeDelta::seconds(1);
const READ_LIMIT: Duration = Duration::from_secs(30);

/// After a panic it also counts the panic in the oldest waiting row.
pub(super) async fn load(shared: &Shared, chat: ChatId, reason: StartReason) -> ConversationState {
    loop {
        match try_load(shared, chat, reason).await {
            Ok(mut state) => {
                end_unreadable(shared, chat, std::mem::take(&mut state.unreadable_edits));
                return state;
            }
            Err(error) => {
                let event = Event::warn("conversation", "conversation_load_failed").chat(chat);
                shared.runtime.events.emit(event.with("reason", error));
                shared.runtime.clock.after(RETRY_AFTER).await;
            }
        }
    }
}

async fn try_load(shared: &Shared, chat: ChatId, reason: StartReason) -> Result<ConversationState, DbError> {
    let (ports, day_start) = (&shared.ports, shared.day_start());
    let known = ports.load.ask(LoadConversation { chat, day_start }, READ_LIMIT).await;
    let known = known.unwrap_or(Err(DbError::Stopped))?;
    match reason {
        StartReason::Initial => Ok(known),
        StartReason::AfterPanic => {
            let row = known.waiting.first().map(|row| (row.id, row.panics));
            persist(&ports.recover, &RecoverConversation { chat, row, day_start }).await
        }
    }
}

/// Unreadable edits cannot be passed to the model.
fn end_unreadable(shared: &Shared, chat: ChatId, rows: Vec<InboxId>) {
    if rows.is_empty() {
        return;
    }
    for row in &rows {
        let event = Event::error("conversation", "message_unreadable").chat(chat);
        shared.runtime.events.emit(event.with("row", row));
    }
    // The writer logs an error, and the next read finds them again.
    drop(shared.ports.end.command(EndUnreadable { rows }));
}
