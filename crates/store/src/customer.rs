//! A customer and what waits of theirs, as the rows say.

use chrono::{DateTime, Utc};
use domain::{ChatId, CustomerMessage, DialogId, InboxId, LeadSource, MessageId, Profile, ThreadId, UpdateId};

/// A row of `customers`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Their private chat, and their user id.
    pub chat: ChatId,
    /// How Telegram named them last.
    pub profile: Profile,
    /// The first deep-link payload (`/start avito3`): the referral.
    pub source: Option<String>,
    /// They stopped the bot: nothing is sent until they write again.
    pub is_blocked: bool,
    /// They have been greeted; later `/start`s are answered shortly.
    pub is_greeted: bool,
    /// The contact button is shown: the next reply takes it away.
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
    /// Since when it is open; `None`: it is not.
    pub since: Option<DateTime<Utc>>,
    /// When they were last asked.
    pub asked_at: Option<DateTime<Utc>>,
}

/// What is known of a customer's thread. The database rules, the thread is a cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreadState {
    /// The thread in use; `None` before the first turn and after `/reset`.
    pub id: Option<ThreadId>,
    /// A run on it may have been cut off: the next turn begins a new one.
    pub is_suspect: bool,
    /// Only `dialogs` rows after this one may be told to a new thread.
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
    /// What they sent, edits of it already applied; empty if it is unreadable.
    pub message: CustomerMessage,
    /// The stored message does not parse any more.
    pub is_unreadable: bool,
    /// When it was stored.
    pub received_at: DateTime<Utc>,
    /// How often this service died or was stopped while it waited.
    pub attempts: u32,
    /// How often its own turn panicked.
    pub panics: u32,
}

impl WaitingRow {
    /// When the customer asked, which may be long before it could be stored. A clock that runs behind Telegram's makes
    /// no message one from the future.
    pub fn asked_at(&self) -> DateTime<Utc> {
        let stored = self.received_at;
        self.message.sent_at.map_or(stored, |sent| sent.min(stored))
    }
}

/// An edit that no turn has told the model yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The edit's own inbox row.
    pub id: InboxId,
    /// The message that was changed.
    pub message_id: MessageId,
    /// Its new content.
    pub message: CustomerMessage,
}
