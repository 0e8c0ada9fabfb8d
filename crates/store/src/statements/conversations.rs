//! A conversation's rows: what it begins with, and what a new thread is told.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, FailReason, HistoryLine, IgnoreReason, InboxId, MessageId, Profile};

use super::rows::{CustomerRow, PendingRow, USER, dialog_kind, inbox_state as state, newest_row, read_content};
use super::stored::{StoredNumber, StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{customers, dialogs, inbox, successful_dialogs, tool_effects};
use crate::{Access, Conn, Customer, Edit, FormState, Statement, ThreadState, WaitingRow};

/// Everything a conversation needs to begin. Asked once in its life, and again when it missed a row.
#[derive(Debug, Clone, Copy)]
pub struct LoadConversation {
    /// Whose.
    pub chat: ChatId,
    /// When the day began in which turns are counted.
    pub day_start: DateTime<Utc>,
}

/// A conversation as its rows tell it.
#[derive(Debug, Clone)]
pub struct ConversationState {
    /// The customer with his thread.
    pub customer: Customer,
    /// His `pending` rows, oldest first.
    pub waiting: Vec<WaitingRow>,
    /// Edits no turn has told the model yet, oldest first.
    pub edits: Vec<Edit>,
    /// The rows of such edits that do not parse any more; for [`EndUnreadable`].
    pub unreadable_edits: Vec<InboxId>,
    /// His newest row, whatever its state.
    pub newest: Option<InboxId>,
    /// When he was last told what is understood.
    pub media_hint_at: Option<DateTime<Utc>>,
    /// Turns of the model he had since the day began.
    pub turns_today: u64,
}

impl Statement for LoadConversation {
    type Output = ConversationState;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<ConversationState> {
        load(conn, self.chat, self.day_start, now)
    }
}

/// The same after the conversation panicked: a write, because the thread becomes suspect and the oldest waiting
/// row remembers the panic.
#[derive(Debug, Clone, Copy)]
pub struct RecoverConversation {
    /// Whose.
    pub chat: ChatId,
    /// The oldest waiting row with the panics it remembers so far: counted up from there, so that a repeated
    /// commit counts once.
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
        suspect(conn, self.chat)?;
        load(conn, self.chat, self.day_start, now)
    }
}

/// Chats with `pending` rows, those that wait longest first.
#[derive(Debug, Clone, Copy)]
pub struct FindWaitingChats {
    /// At most so many.
    pub limit: u32,
}

/// Who waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaitingChats {
    /// Their chats.
    pub chats: Vec<WaitingChat>,
    /// Rows whose chat does not parse, so that nobody can be answered; for [`EndUnreadable`].
    pub unreadable: Vec<InboxId>,
}

/// A chat with a row that waits.
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

/// What a new thread is told of the past: this customer's finished turns since his last
/// `/reset`, oldest first, and what was done for him.
#[derive(Debug, Clone, Copy)]
pub struct LoadHistory {
    /// Whose.
    pub chat: ChatId,
    /// At most so many lines,
    pub lines: u32,
    /// within so many characters; the newest win.
    pub chars: usize,
    /// Characters of one text of the customer: those the model was given when he wrote it.
    pub text_chars: usize,
    /// Leads that changed before are not told: a returning customer has to be recorded anew.
    pub leads_since: DateTime<Utc>,
}

/// The past of a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// What was said, oldest first.
    pub lines: Vec<HistoryLine>,
    /// A contact of his was saved, in this turn or before it, and still counts as left.
    pub is_contact_saved: bool,
    /// The tools that have had an effect, by name.
    pub effects: Vec<String>,
}

impl Statement for LoadHistory {
    type Output = History;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<History> {
        let (since, reset) = self.reset(conn)?;
        // By turn, not by id: what a customer wrote while a turn ran has a lower id than that turn's answer. For the
        // same reason `since` alone would let the answer pass that was under way when the customer asked for a reset.
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
                // One long text must not cost the whole past.
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
    /// The words and the turn of the last `/reset`, which end what may be told; 0 before every row. Where nobody can tell
    /// any more, nothing may be told.
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
pub(super) fn untold_edits(chat: i64) -> _ {
    let ignored: &'static str = state::IGNORED;
    let edited: &'static str = IgnoreReason::Edited.word();
    inbox::table
        .filter(inbox::chat_id.eq(chat))
        .filter(inbox::state.eq(ignored))
        .filter(inbox::reason.eq(edited))
        .filter(inbox::turn_id.is_null())
}

pub(super) fn suspect(conn: &mut Conn, chat: ChatId) -> QueryResult<()> {
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

/// The edits that no turn has told yet, and the rows of those that do not parse.
fn load_edits(conn: &mut Conn, chat: ChatId) -> QueryResult<(Vec<Edit>, Vec<InboxId>)> {
    let rows: Vec<(i64, Option<i64>, Option<StoredText>)> = untold_edits(chat.0)
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
            Err(_told_by_its_row) => unreadable.push(InboxId(id)),
        }
    }
    Ok((edits, unreadable))
}

/// Ends inbox rows that do not parse and that no turn can end: a `pending` one whose chat is unknown becomes
/// `failed (unreadable)`, an edit nobody can tell the model `ignored (unreadable)`.
#[derive(Debug, Clone)]
pub struct EndUnreadable {
    /// Which.
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
