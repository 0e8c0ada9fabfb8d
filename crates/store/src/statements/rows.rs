//! Conversions between rows and domain values: words of states, JSON columns.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, CustomerMessage, DialogId, InboxId, LeadSource, MessageId, Profile, ThreadId, UpdateId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::stored::{StoredNumber, StoredText, StoredTime};
use crate::schema::inbox;
use crate::{Conn, Customer, FormState, ThreadState, WaitingRow};

/// States of `inbox`.
pub(crate) mod inbox_state {
    pub(crate) const PENDING: &str = "pending";
    pub(crate) const IGNORED: &str = "ignored";
    pub(crate) const DONE: &str = "done";
    pub(crate) const FAILED: &str = "failed";
    pub(crate) const ALL: [&str; 4] = [PENDING, IGNORED, DONE, FAILED];
    /// No turn waits for them.
    pub(crate) const ENDED: [&str; 3] = [IGNORED, DONE, FAILED];
}

/// States of `outbox`.
pub(super) mod outbox_state {
    use diesel::expression::SqlLiteral;
    use diesel::sql_types::Text;

    use crate::DeliveryState;

    /// Literal, as in the partial index `outbox_dead`: SQLite does not use that index for a bound value.
    pub(crate) fn dead() -> SqlLiteral<Text> {
        diesel::dsl::sql("'dead'")
    }

    /// [`UNFINISHED`], literal as in the partial index `outbox_by_lane`.
    pub(crate) fn unfinished() -> [SqlLiteral<Text>; 3] {
        ["'scheduled'", "'executing'", "'retryable'"].map(diesel::dsl::sql)
    }

    pub(crate) const SCHEDULED: &str = DeliveryState::Scheduled.word();
    pub(crate) const EXECUTING: &str = DeliveryState::Executing.word();
    pub(crate) const RETRYABLE: &str = DeliveryState::Retryable.word();
    pub(crate) const COMPLETED: &str = DeliveryState::Completed.word();
    pub(crate) const DEAD: &str = DeliveryState::Dead.word();
    pub(crate) const CANCELLED: &str = DeliveryState::Cancelled.word();
    /// Not claimed.
    pub(crate) const WAITING: [&str; 2] = [SCHEDULED, RETRYABLE];
    /// Not in a final state.
    pub(crate) const UNFINISHED: [&str; 3] = [SCHEDULED, EXECUTING, RETRYABLE];
}

/// Kinds of `dialogs` rows; those in [`dialog_kind::HISTORY`] are given to a new thread.
pub(crate) mod dialog_kind {
    pub(crate) const TEXT: &str = "text";
    pub(crate) const COMMAND: &str = "command";
    pub(crate) const MEDIA: &str = "media";
    pub(crate) const CONTACT: &str = "contact";
    pub(crate) const EDIT: &str = "edit";
    pub(crate) const ANSWER: &str = "answer";
    pub(crate) const SERVICE: &str = "service";
    pub(crate) const FAILURE: &str = "failure";
    /// A failure reply that asks for a contact.
    pub(crate) const FORM: &str = "form";
    /// The messages between the customer and the model.
    pub(crate) const HISTORY: [&str; 3] = [TEXT, EDIT, ANSWER];
}

/// The reason of rows that ended because they do not parse.
pub(super) const UNREADABLE: &str = "unreadable";

pub(crate) const USER: &str = "user";
pub(crate) const ASSISTANT: &str = "assistant";

pub(crate) fn to_json<T: Serialize>(value: &T) -> QueryResult<String> {
    serde_json::to_string(value).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

pub(crate) fn from_json<T: DeserializeOwned>(stored: &str) -> QueryResult<T> {
    serde_json::from_str(stored).map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}

/// `username` is never NULL: without one it holds the customer's full name.
pub(super) fn display_name(profile: &Profile) -> String {
    profile.username.clone().unwrap_or_else(|| profile.full_name())
}

/// The columns of a row of `customers` that a conversation needs.
#[derive(Queryable, Selectable)]
#[diesel(table_name = crate::schema::customers)]
pub(super) struct CustomerRow {
    pub chat_id: i64,
    pub username: Option<StoredText>,
    pub first_name: StoredText,
    pub last_name: Option<StoredText>,
    pub language_code: Option<StoredText>,
    pub source: Option<StoredText>,
    pub greeted_at: Option<StoredTime>,
    pub blocked_at: Option<StoredTime>,
    pub media_hint_at: Option<StoredTime>,
    pub has_keyboard: bool,
    pub thread_id: Option<StoredText>,
    pub thread_suspect: bool,
    pub thread_since: Option<i64>,
    pub thread_input_tokens: i64,
    pub thread_used_at: Option<StoredTime>,
    pub form_since: Option<StoredTime>,
    pub form_asked_at: Option<StoredTime>,
    pub untold_lead: Option<StoredText>,
}

impl From<CustomerRow> for Customer {
    fn from(row: CustomerRow) -> Self {
        Self {
            chat: ChatId(row.chat_id),
            profile: Profile {
                first_name: row.first_name.into(),
                last_name: row.last_name.map(Into::into),
                username: row.username.map(Into::into),
                language_code: row.language_code.map(Into::into),
            },
            source: row.source.map(Into::into),
            is_blocked: row.blocked_at.is_some(),
            is_greeted: row.greeted_at.is_some(),
            has_keyboard: row.has_keyboard,
            form: FormState {
                since: row.form_since.and_then(StoredTime::utc),
                asked_at: row.form_asked_at.and_then(StoredTime::utc),
            },
            lead_at: None,
            lead_pending_for_model: row.untold_lead.as_deref().and_then(LeadSource::from_word),
            thread: ThreadState {
                id: row.thread_id.map(|id| ThreadId(id.into())),
                is_suspect: row.thread_suspect,
                since: row.thread_since.map(DialogId),
                last_input_tokens: row.thread_input_tokens,
                used_at: row.thread_used_at.and_then(StoredTime::utc),
            },
        }
    }
}

/// The recipient of a reply.
#[derive(Default, Queryable, Selectable)]
#[diesel(table_name = crate::schema::customers)]
pub(super) struct Addressee {
    username: Option<StoredText>,
    first_name: StoredText,
    last_name: Option<StoredText>,
    #[diesel(select_expression = crate::schema::customers::blocked_at.is_not_null())]
    pub(super) is_blocked: bool,
}

impl Addressee {
    pub(super) fn profile(self) -> Profile {
        Profile {
            first_name: self.first_name.into(),
            last_name: self.last_name.map(Into::into),
            username: self.username.map(Into::into),
            language_code: None,
        }
    }
}

/// The columns of a `pending` row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = crate::schema::inbox)]
pub(super) struct PendingRow {
    pub id: i64,
    pub update_id: i64,
    pub message_id: Option<i64>,
    pub content: Option<StoredText>,
    pub attempts: StoredNumber,
    pub panics: StoredNumber,
    pub received_at: StoredTime,
}

impl PendingRow {
    /// The row for its conversation; a time that does not parse becomes `now`.
    pub(super) fn into_waiting(self, now: DateTime<Utc>) -> WaitingRow {
        let message = read_content(self.content.as_deref());
        WaitingRow {
            id: InboxId(self.id),
            update: UpdateId(self.update_id),
            message_id: MessageId(self.message_id.unwrap_or_default()),
            is_unreadable: message.is_err(),
            message: message.unwrap_or_else(|_unreadable| CustomerMessage::text("")),
            received_at: self.received_at.utc().unwrap_or(now),
            attempts: self.attempts.count(),
            panics: self.panics.count(),
        }
    }
}

pub(super) fn read_content(content: Option<&str>) -> QueryResult<CustomerMessage> {
    from_json(content.unwrap_or("null"))
}

/// The chat's newest row in any state. One index lookup per state; a query over all states would scan every row of the chat.
pub(super) fn newest_row(conn: &mut Conn, chat: ChatId) -> QueryResult<Option<InboxId>> {
    let mut newest = None;
    for state in inbox_state::ALL {
        let of_state: Option<i64> = inbox::table
            .filter(inbox::chat_id.eq(chat.0))
            .filter(inbox::state.eq(state))
            .select(diesel::dsl::max(inbox::id))
            .first(conn)?;
        newest = newest.max(of_state);
    }
    Ok(newest.map(InboxId))
}

/// Counts messages in rows: an album is one message.
pub(super) fn messages() -> diesel::expression::SqlLiteral<diesel::sql_types::BigInt> {
    const ALBUM: &str = "CASE WHEN json_valid(content) THEN json_extract(content, '$.album') END";
    diesel::dsl::sql(&format!("COUNT(DISTINCT COALESCE({ALBUM}, id))"))
}
