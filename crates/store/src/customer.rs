//! A customer and their pending messages, as stored.

use chrono::{DateTime, Utc};
use domain::{ChatId, CustomerMessage, DialogId, InboxId, LeadSource, MessageId, Profile, ThreadId, UpdateId};

/// A row of `customers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Their private chat; its id is also their user id.
    pub chat: ChatId,
    /// Their newest profile from Telegram.
    pub profile: Profile,
    /// The first deep-link payload (`/start avito3`): the referral.
    pub source: Option<String>,
    /// They stopped the bot: nothing is sent until they write again.
    pub is_blocked: bool,
    /// They have been greeted; a later `/start` gets a short answer.
    pub is_greeted: bool,
    /// The contact button is shown; the next reply removes it.
    pub has_keyboard: bool,
    /// The form that asks for a contact while the model cannot answer.
    pub form: FormState,
    /// When their newest lead changed last.
    pub lead_at: Option<DateTime<Utc>>,
    /// A lead that was recorded without the model; the next turn mentions it to the model.
    pub lead_pending_for_model: Option<LeadSource>,
    /// Their thread.
    pub thread: ThreadState,
}

/// The form: one text that asks for phone and name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FormState {
    /// When it was opened; `None` if it is closed.
    pub since: Option<DateTime<Utc>>,
    /// When they were last asked.
    pub asked_at: Option<DateTime<Utc>>,
}

/// What is known of a customer's thread. The database is authoritative; the thread is a cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadState {
    /// The thread in use; `None` before the first turn and after `/reset`.
    pub id: Option<ThreadId>,
    /// A run on it may have been interrupted: the next turn starts a new thread.
    pub is_suspect: bool,
    /// Only `dialogs` rows after this one may be given to a new thread.
    pub since: Option<DialogId>,
    /// Input tokens of the last run on it, as billed.
    pub last_input_tokens: i64,
    /// When the last turn on it ended.
    pub used_at: Option<DateTime<Utc>>,
}

/// An inbox row in state `pending`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    /// Its row.
    pub id: InboxId,
    /// The update it came with.
    pub update: UpdateId,
    /// The customer's message.
    pub message_id: MessageId,
    /// What they sent, with edits applied; empty if it is unreadable.
    pub message: CustomerMessage,
    /// The stored message does not parse.
    pub is_unreadable: bool,
    /// When it was stored.
    pub received_at: DateTime<Utc>,
    /// Quick deaths of the service while this row waited, counted by recovery at start.
    pub attempts: u32,
    /// How often its own turn panicked.
    pub panics: u32,
}

impl WaitingRow {
    /// When the customer asked, which may be long before the message was stored. Never later than that, even if the local clock
    /// runs behind Telegram's.
    pub fn asked_at(&self) -> DateTime<Utc> {
        let stored = self.received_at;
        self.message.sent_at.map_or(stored, |sent| sent.min(stored))
    }
}

/// An edit that the model has not seen yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The edit's own inbox row.
    pub id: InboxId,
    /// The edited message.
    pub message_id: MessageId,
    /// Its new content.
    pub message: CustomerMessage,
}
