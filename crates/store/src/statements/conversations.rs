//! A conversation's rows: its initial state, and the history for a new thread.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, FailReason, HistoryLine, IgnoreReason, InboxId, MessageId, Profile};

use super::rows::{CustomerRow, PendingRow, USER, dialog_kind, inbox_state as state, newest_row, read_content};
use super::stored::{StoredNumber, StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{customers, dialogs, inbox, successful_dialogs, tool_effects};
use crate::{Access, Conn, Customer, Edit, FormState, Statement, ThreadState, WaitingRow};

/// Loads the state of a conversation: once when it starts, and again if it missed a row.
#[derive(Debug, Clone, Copy)]
pub struct LoadConversation {
    /// The customer's chat.
    pub chat: ChatId,
    /// Start of the day for which turns are counted.
    pub day_start: DateTime<Utc>,
}

/// The stored state of a conversation.
#[derive(Debug, Clone)]
pub struct ConversationState {
    /// The customer with their thread.
    pub customer: Customer,
    /// Their `pending` rows, oldest first.
    pub waiting: Vec<WaitingRow>,
    /// Edits that the model has not seen yet, oldest first.
    pub edits: Vec<Edit>,
    /// Rows of such edits that do not parse; for [`EndUnreadable`].
    pub unreadable_edits: Vec<InboxId>,
    /// Their newest row, in any state.
    pub newest: Option<InboxId>,
    /// When they last got the hint about supported message types.
    pub media_hint_at: Option<DateTime<Utc>>,
    /// Their turns with the model since `day_start`.
    pub turns_today: u64,
}

impl Statement for LoadConversation {
    type Output = ConversationState;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<ConversationState> {
        load(conn, self.chat, self.day_start, now)
    }
}

/// Loads the state after a panic of the conversation. A write, because it marks the thread as suspect and counts the panic on
/// the oldest waiting row.
#[derive(Debug, Clone, Copy)]
pub struct RecoverConversation {
    /// The customer's chat.
    pub chat: ChatId,
    /// The oldest waiting row and its panic count so far, so that a repeated commit counts once.
    pub row: Option<(InboxId, u32)>,
    /// As in [`LoadConversation`].
    pub day_start: DateTime<Utc>,
}

impl Statement for RecoverConversation {
    type Output = ConversationState;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<ConversationState> {
        if let Some((row, panics)) = self.row {
            let panics = i32::try_from(panics).unwrap_or(i32::MAX);
            let known = pending(self.chat.0).filter(inbox::id.eq(row.0));
            diesel::update(known.filter(inbox::panics.eq(panics)))
                .set(inbox::panics.eq(panics.saturating_add(1)))
                .execute(conn)?;
        }
        mark_suspect(conn, self.chat)?;
        load(conn, self.chat, self.day_start, now)
    }
}

/// Finds chats with `pending` rows, longest waiting first.
#[derive(Debug, Clone, Copy)]
pub struct FindWaitingChats {
    /// Maximum number of chats.
    pub limit: u32,
}

/// Chats with `pending` rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitingChats {
    /// Their chats.
    pub chats: Vec<WaitingChat>,
    /// Rows whose chat does not parse, so that they cannot be answered; for [`EndUnreadable`].
    pub unreadable: Vec<InboxId>,
}

/// A chat with a waiting row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitingChat {
    /// The chat.
    pub chat: ChatId,
    /// Its oldest `pending` row.
    pub oldest: InboxId,
}

impl Statement for FindWaitingChats {
    type Output = WaitingChats;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<WaitingChats> {
        let oldest = diesel::dsl::min(inbox::id);
        let rows: Vec<(StoredNumber, Option<i64>)> = inbox::table
            .filter(inbox::state.eq(state::PENDING))
            .group_by(inbox::chat_id)
            .order(oldest.asc())
            .limit(i64::from(self.limit))
            .select((inbox::chat_id, oldest))
            .load(conn)?;
        let mut found = WaitingChats::default();
        for (chat, oldest) in rows {
            let Some(oldest) = oldest.map(InboxId) else { continue };
            match chat.get().map(ChatId) {
                Some(chat) => found.chats.push(WaitingChat { chat, oldest }),
                None => found.unreadable.push(oldest),
            }
        }
        Ok(found)
    }
}

/// Loads the history for a new thread: the customer's finished turns since their last `/reset`, oldest first, and the effects of
/// tools.
#[derive(Debug, Clone, Copy)]
pub struct LoadHistory {
    /// The customer's chat.
    pub chat: ChatId,
    /// Maximum lines; the newest are kept.
    pub lines: u32,
    /// Maximum characters of all lines.
    pub chars: usize,
    /// Maximum characters of one customer text, the same limit as in its own turn.
    pub text_chars: usize,
    /// Leads last changed before this time do not count: a returning customer must be recorded again.
    pub leads_since: DateTime<Utc>,
}

/// The history for a new thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Messages, oldest first.
    pub lines: Vec<HistoryLine>,
    /// A contact of the customer was saved, in this turn or before, and its lead is recent enough.
    pub is_contact_saved: bool,
    /// Names of the tools that had an effect.
    pub effects: Vec<String>,
}

impl Statement for LoadHistory {
    type Output = History;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<History> {
        let (since, reset) = self.reset(conn)?;
        // By turn, not by id: a message sent while a turn ran has a lower id than that turn's answer. For the same reason `since`
        // alone would include an answer that was being written when the customer asked for a reset.
        let newest: Vec<(StoredText, StoredText, StoredText)> = dialogs::table
            .filter(dialogs::user_id.eq(self.chat.0))
            .filter(dialogs::turn_id.gt(reset))
            .filter(dialogs::kind.eq_any(dialog_kind::HISTORY))
            .filter(dialogs::id.gt(since))
            .order((dialogs::turn_id.desc(), dialogs::id.desc()))
            .limit(i64::from(self.lines))
            .select((dialogs::role, dialogs::kind, dialogs::message))
            .load(conn)?;
        let mut room = self.chars;
        let mut lines = Vec::new();
        for (role, kind, message) in newest {
            let mut message = String::from(message);
            if role == USER {
                // One long text must not displace the whole history.
                message = message.chars().take(self.text_chars).collect();
            }
            let length = message.chars().count();
            if length > room {
                break;
            }
            room -= length;
            lines.push(match (role.as_str(), kind.as_str()) {
                (USER, dialog_kind::EDIT) => HistoryLine::user(format!("[edited] {message}")),
                (USER, _) => HistoryLine::user(message),
                _ => HistoryLine::assistant(message),
            });
        }
        lines.reverse();
        let effects: Vec<StoredText> = tool_effects::table
            .filter(tool_effects::chat_id.eq(self.chat.0))
            .filter(tool_effects::turn_id.gt(reset))
            .select(tool_effects::tool)
            .distinct()
            .load(conn)?;
        let leads = successful_dialogs::table
            .filter(successful_dialogs::user_id.eq(self.chat.0))
            .filter(successful_dialogs::updated_at.gt(self.leads_since.stamp()))
            .filter(successful_dialogs::turn_id.gt(reset));
        Ok(History {
            lines,
            is_contact_saved: diesel::select(diesel::dsl::exists(leads)).get_result(conn)?,
            effects: effects.into_iter().map(String::from).collect(),
        })
    }
}

impl LoadHistory {
    /// The `dialogs` row and the turn of the last `/reset`: the history starts after them. 0 if there was none. If the stored
    /// value is unreadable, the history is empty.
    fn reset(&self, conn: &mut Conn) -> QueryResult<(i64, i64)> {
        let since: Option<Option<StoredNumber>> = customers::table
            .find(self.chat.0)
            .select(customers::thread_since)
            .first(conn)
            .optional()?;
        let since = since.flatten().map_or(0, |since| since.get().unwrap_or(i64::MAX));
        let turn: Option<Option<i64>> = dialogs::table
            .find(since)
            .select(dialogs::turn_id)
            .first(conn)
            .optional()?;
        Ok((since, turn.flatten().unwrap_or_default()))
    }
}

#[diesel::dsl::auto_type]
pub(super) fn pending(chat: i64) -> _ {
    let pending: &'static str = state::PENDING;
    inbox::table
        .filter(inbox::chat_id.eq(chat))
        .filter(inbox::state.eq(pending))
}

#[diesel::dsl::auto_type]
pub(super) fn pending_edits(chat: i64) -> _ {
    let ignored: &'static str = state::IGNORED;
    let edited: &'static str = IgnoreReason::Edited.word();
    inbox::table
        .filter(inbox::chat_id.eq(chat))
        .filter(inbox::state.eq(ignored))
        .filter(inbox::reason.eq(edited))
        .filter(inbox::turn_id.is_null())
}

pub(super) fn mark_suspect(conn: &mut Conn, chat: ChatId) -> QueryResult<()> {
    diesel::update(customers::table.find(chat.0))
        .set(customers::thread_suspect.eq(true))
        .execute(conn)?;
    Ok(())
}

pub(super) fn find_customer(conn: &mut Conn, chat: ChatId) -> QueryResult<(Customer, Option<DateTime<Utc>>)> {
    let row = customers::table
        .find(chat.0)
        .select(CustomerRow::as_select())
        .first(conn)
        .optional()?;
    Ok(match row {
        Some(row) => {
            let hint = row.media_hint_at.and_then(StoredTime::utc);
            (row.into(), hint)
        }
        None => (
            Customer {
                chat,
                profile: Profile::default(),
                source: None,
                is_blocked: false,
                is_greeted: false,
                has_keyboard: false,
                form: FormState::default(),
                lead_at: None,
                lead_pending_for_model: None,
                thread: ThreadState::default(),
            },
            None,
        ),
    })
}

fn load(conn: &mut Conn, chat: ChatId, day_start: DateTime<Utc>, now: DateTime<Utc>) -> QueryResult<ConversationState> {
    let (mut customer, media_hint_at) = find_customer(conn, chat)?;
    let lead_at: Option<StoredTime> = successful_dialogs::table
        .filter(successful_dialogs::user_id.eq(chat.0))
        .order(successful_dialogs::id.desc())
        .select(successful_dialogs::updated_at)
        .first(conn)
        .optional()?;
    customer.lead_at = lead_at.and_then(StoredTime::utc);
    let waiting: Vec<PendingRow> = pending(chat.0)
        .order(inbox::id.asc())
        .select(PendingRow::as_select())
        .load(conn)?;
    let (edits, unreadable_edits) = load_edits(conn, chat)?;
    Ok(ConversationState {
        customer,
        waiting: waiting.into_iter().map(|row| row.into_waiting(now)).collect(),
        edits,
        unreadable_edits,
        newest: newest_row(conn, chat)?,
        media_hint_at,
        turns_today: turns_since(conn, chat, day_start)?,
    })
}

fn turns_since(conn: &mut Conn, chat: ChatId, day_start: DateTime<Utc>) -> QueryResult<u64> {
    let turns: i64 = inbox::table
        .filter(inbox::chat_id.eq(chat.0))
        .filter(inbox::state.eq_any([state::DONE, state::FAILED]))
        .filter(inbox::received_at.ge(day_start.stamp()))
        .filter(inbox::runs.gt(0))
        .count()
        .get_result(conn)?;
    Ok(turns.unsigned_abs())
}

/// The pending edits, and the rows of those that do not parse.
fn load_edits(conn: &mut Conn, chat: ChatId) -> QueryResult<(Vec<Edit>, Vec<InboxId>)> {
    let rows: Vec<(i64, Option<i64>, Option<StoredText>)> = pending_edits(chat.0)
        .order(inbox::id.asc())
        .select((inbox::id, inbox::message_id, inbox::content))
        .load(conn)?;
    let (mut edits, mut unreadable) = (Vec::new(), Vec::new());
    for (id, message, content) in rows {
        match read_content(content.as_deref()) {
            Ok(content) => edits.push(Edit {
                id: InboxId(id),
                message_id: MessageId(message.unwrap_or_default()),
                message: content,
            }),
            Err(_unreadable) => unreadable.push(InboxId(id)),
        }
    }
    Ok((edits, unreadable))
}

/// Ends inbox rows that do not parse and that no turn can end: a `pending` row with an unreadable chat becomes
/// `failed (unreadable)`, an unreadable edit `ignored (unreadable)`.
#[derive(Debug, Clone)]
pub struct EndUnreadable {
    /// The rows.
    pub rows: Vec<InboxId>,
}

impl Statement for EndUnreadable {
    type Output = ();
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<()> {
        let rows = || inbox::table.filter(inbox::id.eq_any(self.rows.iter().map(|row| row.0)));
        diesel::update(rows().filter(inbox::state.eq(state::PENDING)))
            .set((
                inbox::state.eq(state::FAILED),
                inbox::reason.eq(FailReason::Unreadable.word()),
                inbox::finished_at.eq(now.stamp()),
            ))
            .execute(conn)?;
        let edits = rows().filter(inbox::state.eq(state::IGNORED));
        diesel::update(edits.filter(inbox::turn_id.is_null()))
            .set(inbox::reason.eq(IgnoreReason::Unreadable.word()))
            .execute(conn)?;
        Ok(())
    }
}
