//! A conversation's rows: what it begins with, what a new thread is told, the end of a turn.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::intake::display_name;
use super::lanes::{NewDelivery, enqueue};
use super::rows::{ASSISTANT, CustomerRow, PendingRow, USER, dialog_kind, inbox_state as state, read_content, utc};
use super::threads::{end_others, remember};
use crate::db::Conn;
use crate::db::actor::{Access, Statement};
use crate::db::messages::{
    ConversationState, Ending, FindWaitingChats, FinishTurn, FinishedReply, FinishedTurn, LoadConversation,
    LoadHistory, RecoverConversation, ReplyKind, ThreadUpdate, WaitingChat,
};
use crate::db::schema::{customers, dialogs, inbox};
use crate::domain::{
    ChatId, Customer, Delivery, DialogId, Edit, HistoryLine, IgnoreReason, InboxId, Keyboard, MessageId, Payload,
    ThreadState, TurnId, UpdateId,
};

impl Statement for LoadConversation {
    type Output = ConversationState;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<ConversationState> {
        load(conn, self.chat)
    }
}

impl Statement for RecoverConversation {
    type Output = ConversationState;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<ConversationState> {
        if let Some((row, panics)) = self.row {
            let panics = i32::try_from(panics).unwrap_or(i32::MAX);
            diesel::update(
                pending(self.chat.0)
                    .filter(inbox::id.eq(row.0))
                    .filter(inbox::panics.eq(panics)),
            )
            .set(inbox::panics.eq(panics.saturating_add(1)))
            .execute(conn)?;
        }
        suspect(conn, self.chat)?;
        load(conn, self.chat)
    }
}

impl Statement for FindWaitingChats {
    type Output = Vec<WaitingChat>;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<Vec<WaitingChat>> {
        let oldest = diesel::dsl::min(inbox::id);
        let rows: Vec<(i64, Option<i64>)> = inbox::table
            .filter(inbox::state.eq(state::PENDING))
            .group_by(inbox::chat_id)
            .order(oldest.asc())
            .limit(i64::from(self.limit))
            .select((inbox::chat_id, oldest))
            .load(conn)?;
        let chats = rows.into_iter().filter_map(|(chat, oldest)| {
            Some(WaitingChat {
                chat: ChatId(chat),
                oldest: InboxId(oldest?),
            })
        });
        Ok(chats.collect())
    }
}

impl Statement for LoadHistory {
    type Output = Vec<HistoryLine>;
    const ACCESS: Access = Access::Read;

    fn run(&self, conn: &mut Conn, _now: DateTime<Utc>) -> QueryResult<Vec<HistoryLine>> {
        let since: Option<Option<i64>> = customers::table
            .find(self.chat.0)
            .select(customers::thread_since)
            .first(conn)
            .optional()?;
        // By turn, not by id: what a customer wrote while a turn ran stands before that turn's answer.
        let newest: Vec<(String, String, String)> = dialogs::table
            .filter(dialogs::user_id.eq(self.chat.0))
            .filter(dialogs::turn_id.is_not_null())
            .filter(dialogs::kind.eq_any(dialog_kind::HISTORY))
            .filter(dialogs::id.gt(since.flatten().unwrap_or(0)))
            .order((dialogs::turn_id.desc(), dialogs::id.desc()))
            .limit(i64::from(self.lines))
            .select((dialogs::role, dialogs::kind, dialogs::message))
            .load(conn)?;
        let mut room = self.chars;
        let mut lines = Vec::new();
        for (role, kind, message) in newest {
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
        Ok(lines)
    }
}

impl Statement for FinishTurn {
    type Output = FinishedTurn;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<FinishedTurn> {
        let Some(first) = self.rows.first().copied() else {
            return Ok(FinishedTurn::default());
        };
        // A turn that somebody else ended in part has a reply already, under the key this one would use.
        if !self.is_open(conn)? {
            return Ok(FinishedTurn::default());
        }
        self.end_rows(conn, first.into(), now)?;
        self.keep_figures(conn, first)?;
        self.update_thread(conn, first, now)?;
        let deliveries = match &self.reply {
            Some(reply) => self.write_reply(conn, first, reply, now)?,
            None => Vec::new(),
        };
        Ok(FinishedTurn {
            is_written: true,
            deliveries,
        })
    }
}

impl FinishTurn {
    fn is_open(&self, conn: &mut Conn) -> QueryResult<bool> {
        let pending: i64 = pending(self.chat.0)
            .filter(inbox::id.eq_any(self.rows.iter().map(|row| row.0)))
            .count()
            .get_result(conn)?;
        Ok(usize::try_from(pending) == Ok(self.rows.len()))
    }

    fn end_rows(&self, conn: &mut Conn, turn: TurnId, now: DateTime<Utc>) -> QueryResult<()> {
        let (state, reason) = match self.ending {
            Ending::Done => (state::DONE, None),
            Ending::Failed(reason) => (state::FAILED, Some(reason.word())),
        };
        diesel::update(inbox::table.filter(inbox::id.eq_any(self.rows.iter().map(|row| row.0))))
            .set((
                inbox::state.eq(state),
                inbox::reason.eq(reason),
                inbox::turn_id.eq(turn.0),
                inbox::finished_at.eq(now.naive_utc()),
            ))
            .execute(conn)?;
        let told = self.rows.iter().chain(&self.edits).map(|row| row.0);
        diesel::update(inbox::table.filter(inbox::id.eq_any(self.edits.iter().map(|row| row.0))))
            .set(inbox::turn_id.eq(turn.0))
            .execute(conn)?;
        diesel::update(dialogs::table.filter(dialogs::inbox_id.eq_any(told)))
            .set(dialogs::turn_id.eq(turn.0))
            .execute(conn)?;
        Ok(())
    }

    fn keep_figures(&self, conn: &mut Conn, first: InboxId) -> QueryResult<()> {
        let figures = &self.figures;
        diesel::update(inbox::table.find(first.0))
            .set((
                inbox::started_at.eq(figures.started_at.map(|at| at.naive_utc())),
                inbox::runs.eq(i32::try_from(figures.runs).unwrap_or(i32::MAX)),
                inbox::tool_calls.eq(i32::try_from(figures.tool_calls).unwrap_or(i32::MAX)),
                inbox::input_tokens.eq(figures.input_tokens),
                inbox::output_tokens.eq(figures.output_tokens),
            ))
            .execute(conn)?;
        Ok(())
    }

    fn update_thread(&self, conn: &mut Conn, first: InboxId, now: DateTime<Utc>) -> QueryResult<()> {
        match &self.thread {
            ThreadUpdate::Keep => Ok(()),
            ThreadUpdate::Suspect => suspect(conn, self.chat),
            ThreadUpdate::Used { id, input_tokens } => {
                remember(conn, self.chat, id, now)?;
                end_others(conn, self.chat, Some(id), "replaced", now)?;
                diesel::update(customers::table.find(self.chat.0))
                    .set((
                        customers::thread_id.eq(&id.0),
                        customers::thread_suspect.eq(false),
                        customers::thread_input_tokens.eq(input_tokens),
                        customers::thread_used_at.eq(now.naive_utc()),
                    ))
                    .execute(conn)?;
                Ok(())
            }
            ThreadUpdate::Reset => self.reset(conn, first, now),
        }
    }

    fn reset(&self, conn: &mut Conn, first: InboxId, now: DateTime<Utc>) -> QueryResult<()> {
        diesel::update(pending(self.chat.0).filter(inbox::id.lt(first.0)))
            .set((
                inbox::state.eq(state::IGNORED),
                inbox::reason.eq(IgnoreReason::Reset.word()),
                inbox::finished_at.eq(now.naive_utc()),
            ))
            .execute(conn)?;
        end_others(conn, self.chat, None, "reset", now)?;
        let since: Option<i64> = dialogs::table
            .filter(dialogs::user_id.eq(self.chat.0))
            .filter(dialogs::inbox_id.eq(first.0))
            .select(diesel::dsl::max(dialogs::id))
            .first(conn)?;
        diesel::update(customers::table.find(self.chat.0))
            .set((
                customers::thread_id.eq(None::<String>),
                customers::thread_suspect.eq(false),
                customers::thread_since.eq(since),
                customers::thread_input_tokens.eq(0),
            ))
            .execute(conn)?;
        Ok(())
    }

    fn write_reply(
        &self,
        conn: &mut Conn,
        first: InboxId,
        reply: &FinishedReply,
        now: DateTime<Utc>,
    ) -> QueryResult<Vec<Delivery>> {
        let turn = TurnId::from(first);
        let customer = find_customer(conn, self.chat)?.0;
        let update: i64 = inbox::table.find(first.0).select(inbox::update_id).first(conn)?;
        let dialog: i64 = diesel::insert_into(dialogs::table)
            .values((
                dialogs::user_id.eq(self.chat.0),
                dialogs::username.eq(display_name(&customer.profile)),
                dialogs::message.eq(&reply.text),
                dialogs::role.eq(ASSISTANT),
                dialogs::timestamp.eq(now.naive_utc()),
                dialogs::kind.eq(kind_of(reply.kind)),
                dialogs::turn_id.eq(turn.0),
            ))
            .returning(dialogs::id)
            .get_result(conn)?;
        self.mark_customer(conn, reply, now)?;
        let mut deliveries = Vec::new();
        for (n, part) in (1..).zip(&reply.parts) {
            let new = NewDelivery {
                key: format!("reply:{turn}:{n}"),
                chat: self.chat,
                payload: &Payload::Message(part.clone()),
                dialog: Some(DialogId(dialog)),
                update: UpdateId(update),
                is_blocked: customer.is_blocked,
            };
            deliveries.extend(enqueue(conn, now, &new)?);
        }
        Ok(deliveries)
    }

    fn mark_customer(&self, conn: &mut Conn, reply: &FinishedReply, now: DateTime<Utc>) -> QueryResult<()> {
        let own = customers::table.find(self.chat.0);
        let now = now.naive_utc();
        match reply.kind {
            ReplyKind::Greeting => diesel::update(own).set(customers::greeted_at.eq(now)).execute(conn)?,
            ReplyKind::MediaHint => diesel::update(own)
                .set(customers::media_hint_at.eq(now))
                .execute(conn)?,
            ReplyKind::Answer | ReplyKind::Service | ReplyKind::Failure => 0,
        };
        if let Some(keyboard) = reply.keyboard() {
            let is_shown = matches!(keyboard, Keyboard::Contact { .. });
            diesel::update(own)
                .set(customers::has_keyboard.eq(is_shown))
                .execute(conn)?;
        }
        Ok(())
    }
}

fn kind_of(kind: ReplyKind) -> &'static str {
    match kind {
        ReplyKind::Answer => dialog_kind::ANSWER,
        ReplyKind::Service | ReplyKind::Greeting | ReplyKind::MediaHint => dialog_kind::SERVICE,
        ReplyKind::Failure => dialog_kind::FAILURE,
    }
}

#[diesel::dsl::auto_type]
fn pending(chat: i64) -> _ {
    let pending: &'static str = state::PENDING;
    inbox::table
        .filter(inbox::chat_id.eq(chat))
        .filter(inbox::state.eq(pending))
}

fn suspect(conn: &mut Conn, chat: ChatId) -> QueryResult<()> {
    diesel::update(customers::table.find(chat.0))
        .set(customers::thread_suspect.eq(true))
        .execute(conn)?;
    Ok(())
}

fn find_customer(conn: &mut Conn, chat: ChatId) -> QueryResult<(Customer, Option<NaiveDateTime>)> {
    let row = customers::table
        .find(chat.0)
        .select(CustomerRow::as_select())
        .first(conn)
        .optional()?;
    Ok(match row {
        Some(row) => {
            let hint = row.media_hint_at;
            (row.into(), hint)
        }
        None => (
            Customer {
                chat,
                profile: crate::domain::Profile::default(),
                source: None,
                is_blocked: false,
                is_greeted: false,
                has_keyboard: false,
                thread: ThreadState::default(),
            },
            None,
        ),
    })
}

fn load(conn: &mut Conn, chat: ChatId) -> QueryResult<ConversationState> {
    let (customer, media_hint_at) = find_customer(conn, chat)?;
    let waiting: Vec<PendingRow> = pending(chat.0)
        .order(inbox::id.asc())
        .select(PendingRow::as_select())
        .load(conn)?;
    let newest: Option<i64> = inbox::table
        .filter(inbox::chat_id.eq(chat.0))
        .select(diesel::dsl::max(inbox::id))
        .first(conn)?;
    Ok(ConversationState {
        customer,
        waiting: waiting
            .into_iter()
            .map(PendingRow::into_waiting)
            .collect::<QueryResult<_>>()?,
        edits: load_edits(conn, chat)?,
        newest: newest.map(InboxId),
        media_hint_at: media_hint_at.map(utc),
    })
}

fn load_edits(conn: &mut Conn, chat: ChatId) -> QueryResult<Vec<Edit>> {
    let rows: Vec<(i64, Option<i64>, Option<String>)> = inbox::table
        .filter(inbox::chat_id.eq(chat.0))
        .filter(inbox::reason.eq(IgnoreReason::Edited.word()))
        .filter(inbox::turn_id.is_null())
        .order(inbox::id.asc())
        .select((inbox::id, inbox::message_id, inbox::content))
        .load(conn)?;
    let edits = rows.into_iter().map(|(id, message, content)| {
        Ok(Edit {
            id: InboxId(id),
            message_id: MessageId(message.unwrap_or_default()),
            message: read_content(content.as_deref())?,
        })
    });
    edits.collect()
}
