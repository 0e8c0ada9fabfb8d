//! Reading the rows of a chat, for as long as it takes.

use std::time::Duration;

use base::Event;
use chrono::TimeDelta;
use domain::{ChatId, InboxId};
use store::{ConversationState, DbError, EndUnreadable, LoadConversation, RecoverConversation};

use super::shared::Shared;
use crate::db::messages::persist;
use crate::runtime::StartReason;

/// After reading them failed.
const READ_AGAIN: TimeDelta = TimeDelta::seconds(1);
const READ_LIMIT: Duration = Duration::from_secs(30);

/// The rows of a chat; after a panic its oldest waiting row remembers it.
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
                shared.runtime.clock.after(READ_AGAIN).await;
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

/// Nothing can be told of these edits.
fn end_unreadable(shared: &Shared, chat: ChatId, rows: Vec<InboxId>) {
    if rows.is_empty() {
        return;
    }
    for row in &rows {
        let event = Event::error("conversation", "message_unreadable").chat(chat);
        shared.runtime.events.emit(event.with("row", row));
    }
    // A refusal is logged by the writer, and whoever reads the rows next meets them again.
    drop(shared.ports.end.command(EndUnreadable { rows }));
}
