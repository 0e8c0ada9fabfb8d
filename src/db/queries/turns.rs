//! The end of a turn, in one transaction.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{Delivery, DialogId, IgnoreReason, InboxId, Keyboard, Lane, Payload, TurnId, UpdateId};

use super::conversations::{find_customer, pending, suspect, untold_edits};
use super::lanes::{NewDelivery, enqueue};
use super::lead_origins::forget_contents;
use super::rows::{ASSISTANT, dialog_kind, display_name, inbox_state as state};
use super::threads::{end_others, remember};
use crate::db::Conn;
use crate::db::messages::{Ending, FinishTurn, FinishedReply, FinishedTurn, FormUpdate, ReplyKind, ThreadUpdate};
use crate::db::schema::{customers, dialogs, inbox};
use crate::db::statement::{Access, Statement};

impl Statement for FinishTurn {
    type Output = FinishedTurn;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<FinishedTurn> {
        let Some(first) = self.rows.first().copied() else {
            return Ok(FinishedTurn::default());
        };
        if !self.are_pending(conn)? {
            return Ok(FinishedTurn::default());
        }
        self.end_rows(conn, first.into(), now)?;
        self.keep_figures(conn, first)?;
        self.update_thread(conn, first, now)?;
        let mut deliveries = match &self.reply {
            Some(reply) => self.write_reply(conn, first, reply, now)?,
            None => Vec::new(),
        };
        let told = self.tell_of_it(conn, first, now)?;
        deliveries.extend(told.letters);
        Ok(FinishedTurn {
            is_written: true,
            deliveries,
            lead: told.lead,
            is_alert_raised: told.is_alert_raised,
        })
    }
}

impl FinishTurn {
    /// All of them or none: the reply answers every row, so with one of them ended elsewhere it fits none.
    fn are_pending(&self, conn: &mut Conn) -> QueryResult<bool> {
        let open: i64 = pending(self.chat.0)
            .filter(inbox::id.eq_any(self.rows.iter().map(|row| row.0)))
            .count()
            .get_result(conn)?;
        Ok(usize::try_from(open).is_ok_and(|open| open == self.rows.len()))
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
        if !self.edits.is_empty() {
            let told = self.edits.iter().map(|row| row.0);
            let edits = inbox::table.filter(inbox::id.eq_any(told));
            diesel::update(edits.filter(inbox::chat_id.eq(self.chat.0)))
                .set(inbox::turn_id.eq(turn.0))
                .execute(conn)?;
        }
        let told = self.rows.iter().chain(&self.edits).map(|row| row.0);
        forget_contents(conn, self.chat, told.clone().collect())?;
        let words = dialogs::table.filter(dialogs::inbox_id.eq_any(told));
        diesel::update(words.filter(dialogs::user_id.eq(self.chat.0)))
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
                inbox::content.eq(None::<String>),
                inbox::reason.eq(IgnoreReason::Reset.word()),
                inbox::finished_at.eq(now.naive_utc()),
            ))
            .execute(conn)?;
        self.forget_edits(conn, first)?;
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

    /// Edits older than the reset are words of the old thread: they count as told.
    fn forget_edits(&self, conn: &mut Conn, first: InboxId) -> QueryResult<()> {
        diesel::update(untold_edits(self.chat.0).filter(inbox::id.lt(first.0)))
            .set((inbox::turn_id.eq(first.0), inbox::content.eq(None::<String>)))
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
                dialogs::kind.eq(self.kind_of(reply.kind)),
                dialogs::turn_id.eq(turn.0),
            ))
            .returning(dialogs::id)
            .get_result(conn)?;
        self.mark_customer(conn, reply, now)?;
        let mut deliveries = Vec::new();
        for (n, part) in (1..).zip(&reply.parts) {
            let new = NewDelivery {
                key: format!("reply:{turn}:{n}"),
                lane: Lane::chat(self.chat),
                chat: self.chat,
                payload: &Payload::Message(part.clone()),
                due: now,
                dialog: Some(DialogId(dialog)),
                update: Some(UpdateId(update)),
                lead: None,
                is_blocked: customer.is_blocked,
            };
            deliveries.extend(enqueue(conn, now, &new)?);
        }
        Ok(deliveries)
    }

    fn kind_of(&self, kind: ReplyKind) -> &'static str {
        match kind {
            ReplyKind::Answer => dialog_kind::ANSWER,
            ReplyKind::Service | ReplyKind::Greeting | ReplyKind::MediaHint => dialog_kind::SERVICE,
            ReplyKind::Failure if self.form == FormUpdate::Ask => dialog_kind::FORM,
            ReplyKind::Failure => dialog_kind::FAILURE,
        }
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
