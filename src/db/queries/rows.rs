//! Between rows and domain values: the words of states, JSON columns, times.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::Conn;
use crate::db::schema::inbox;
use crate::domain::{
    ChatId, Customer, CustomerMessage, DialogId, FormState, InboxId, LeadSource, MessageId, Profile, ThreadId,
    ThreadState, UpdateId, WaitingRow,
};

/// States of `inbox`.
pub(super) mod inbox_state {
    pub const PENDING: &str = "pending";
    pub const IGNORED: &str = "ignored";
    pub const DONE: &str = "done";
    pub const FAILED: &str = "failed";
    pub const ALL: [&str; 4] = [PENDING, IGNORED, DONE, FAILED];
}

/// States of `outbox`.
pub(super) mod outbox_state {
    use crate::domain::DeliveryState;

    pub const SCHEDULED: &str = DeliveryState::Scheduled.word();
    pub const EXECUTING: &str = DeliveryState::Executing.word();
    pub const RETRYABLE: &str = DeliveryState::Retryable.word();
    pub const COMPLETED: &str = DeliveryState::Completed.word();
    pub const DEAD: &str = DeliveryState::Dead.word();
    pub const CANCELLED: &str = DeliveryState::Cancelled.word();
    /// In nobody's hands.
    pub const WAITING: [&str; 2] = [SCHEDULED, RETRYABLE];
    /// Not at an end yet.
    pub const UNFINISHED: [&str; 3] = [SCHEDULED, EXECUTING, RETRYABLE];
}

/// Kinds of `dialogs` rows; those of [`dialog_kind::HISTORY`] are told to a new thread.
pub(super) mod dialog_kind {
    pub const TEXT: &str = "text";
    pub const COMMAND: &str = "command";
    pub const MEDIA: &str = "media";
    pub const CONTACT: &str = "contact";
    pub const EDIT: &str = "edit";
    pub const ANSWER: &str = "answer";
    pub const SERVICE: &str = "service";
    pub const FAILURE: &str = "failure";
    /// A failure that asks for the contact.
    pub const FORM: &str = "form";
    /// What belongs to the conversation between the customer and the model.
    pub const HISTORY: [&str; 3] = [TEXT, EDIT, ANSWER];
}

pub(in crate::db) const USER: &str = "user";
pub(super) const ASSISTANT: &str = "assistant";

pub(in crate::db) fn utc(stored: NaiveDateTime) -> DateTime<Utc> {
    stored.and_utc()
}

pub(super) fn to_json<T: Serialize>(value: &T) -> QueryResult<String> {
    serde_json::to_string(value).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))
}

pub(in crate::db) fn from_json<T: DeserializeOwned>(stored: &str) -> QueryResult<T> {
    serde_json::from_str(stored).map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}

/// The columns of a row of `customers` that a conversation needs.
#[derive(Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::customers)]
pub(super) struct CustomerRow {
    pub chat_id: i64,
    pub username: Option<String>,
    pub first_name: String,
    pub last_name: Option<String>,
    pub language_code: Option<String>,
    pub source: Option<String>,
    pub greeted_at: Option<NaiveDateTime>,
    pub blocked_at: Option<NaiveDateTime>,
    pub media_hint_at: Option<NaiveDateTime>,
    pub has_keyboard: bool,
    pub thread_id: Option<String>,
    pub thread_suspect: bool,
    pub thread_since: Option<i64>,
    pub thread_input_tokens: i64,
    pub thread_used_at: Option<NaiveDateTime>,
    pub form_since: Option<NaiveDateTime>,
    pub form_asked_at: Option<NaiveDateTime>,
    pub untold_lead: Option<String>,
}

impl From<CustomerRow> for Customer {
    fn from(row: CustomerRow) -> Self {
        Self {
            chat: ChatId(row.chat_id),
            profile: Profile {
                first_name: row.first_name,
                last_name: row.last_name,
                username: row.username,
                language_code: row.language_code,
            },
            source: row.source,
            is_blocked: row.blocked_at.is_some(),
            is_greeted: row.greeted_at.is_some(),
            has_keyboard: row.has_keyboard,
            form: FormState {
                since: row.form_since.map(utc),
                asked_at: row.form_asked_at.map(utc),
            },
            lead_at: None,
            untold_lead: row.untold_lead.as_deref().and_then(LeadSource::from_word),
            thread: ThreadState {
                id: row.thread_id.map(ThreadId),
                is_suspect: row.thread_suspect,
                since: row.thread_since.map(DialogId),
                last_input_tokens: row.thread_input_tokens,
                used_at: row.thread_used_at.map(utc),
            },
        }
    }
}

/// The columns of a `pending` row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::inbox)]
pub(super) struct PendingRow {
    pub id: i64,
    pub update_id: i64,
    pub message_id: Option<i64>,
    pub content: Option<String>,
    pub attempts: i32,
    pub panics: i32,
    pub received_at: NaiveDateTime,
}

impl PendingRow {
    pub(super) fn into_waiting(self) -> QueryResult<WaitingRow> {
        Ok(WaitingRow {
            id: InboxId(self.id),
            update: UpdateId(self.update_id),
            message_id: MessageId(self.message_id.unwrap_or_default()),
            message: read_content(self.content.as_deref())?,
            received_at: utc(self.received_at),
            attempts: self.attempts.unsigned_abs(),
            panics: self.panics.unsigned_abs(),
        })
    }
}

pub(super) fn read_content(content: Option<&str>) -> QueryResult<CustomerMessage> {
    from_json(content.unwrap_or("null"))
}

/// The chat's newest row, whatever its state. Asked state by state: each answer is one step down an index, where the
/// chat's rows together would all have to be walked.
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

/// How many messages rows are: an album is one.
pub(super) fn messages() -> diesel::expression::SqlLiteral<diesel::sql_types::BigInt> {
    const ALBUM: &str = "CASE WHEN json_valid(content) THEN json_extract(content, '$.album') END";
    diesel::dsl::sql(&format!("COUNT(DISTINCT COALESCE({ALBUM}, id))"))
}
