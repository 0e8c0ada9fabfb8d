//! Changes of the customer at the end of a turn: thread, form, and notices shown. One UPDATE.

use chrono::{DateTime, Utc};
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamp};
use domain::{IgnoreReason, Keyboard};

use super::conversations::{pending, pending_edits};
use super::rows::inbox_state as state;
use super::threads::{end_others, remember};
use super::times::{Stamp, Stamped as _};
use crate::schema::{customers, dialogs, inbox};
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Conn, FinishTurn, FormUpdate, ReplyKind, ThreadUpdate};

/// `None`: as it was.
#[derive(Debug, Default, PartialEq, AsChangeset)]
#[diesel(table_name = customers)]
struct Changes<'a> {
    thread_id: Option<Option<&'a str>>,
    thread_suspect: Option<bool>,
    thread_since: Option<Option<i64>>,
    thread_input_tokens: Option<i64>,
    thread_used_at: Option<Stamp>,
    greeted_at: Option<Stamp>,
    media_hint_at: Option<Stamp>,
    has_keyboard: Option<bool>,
    form_since: Option<Option<Stamp>>,
    form_asked_at: Option<Option<Stamp>>,
}

impl FinishTurn {
    /// `known`: the thread the customer had.
    pub(super) fn change_customer(&self, conn: &mut Conn, known: Option<&str>, now: DateTime<Utc>) -> QueryResult<()> {
        let mut changes = self.thread_changes(conn, known, now)?;
        if let Some(reply) = &self.reply {
            let now = now.stamp();
            changes.greeted_at = (reply.kind == ReplyKind::Greeting).then_some(now);
            changes.media_hint_at = (reply.kind == ReplyKind::MediaHint).then_some(now);
            changes.has_keyboard = reply.keyboard().map(|shown| matches!(shown, Keyboard::Contact { .. }));
        }
        let now = Some(now.stamp());
        match self.form {
            FormUpdate::Keep => {}
            FormUpdate::Ask => changes.form_asked_at = Some(now),
            FormUpdate::Close => (changes.form_since, changes.form_asked_at) = (Some(None), Some(None)),
        }
        let is_open = case_when(customers::form_since.is_not_null(), customers::form_since);
        let opened = (self.form == FormUpdate::Ask)
            .then(|| customers::form_since.eq(is_open.otherwise(now.into_sql::<Nullable<Timestamp>>())));
        // Keep a pending lead of another source: it was recorded meanwhile.
        let announced = self.lead_announced.map(|announced| {
            let is_other = customers::untold_lead.ne(announced.word());
            customers::untold_lead.eq(case_when(is_other, customers::untold_lead))
        });
        if changes == Changes::default() && announced.is_none() {
            return Ok(());
        }
        diesel::update(customers::table.find(self.chat.0))
            .set((&changes, opened, announced))
            .kept()
            .run(conn)
    }

    fn thread_changes(&self, conn: &mut Conn, known: Option<&str>, now: DateTime<Utc>) -> QueryResult<Changes<'_>> {
        let unchanged = Changes::default();
        match &self.thread {
            ThreadUpdate::Keep => Ok(unchanged),
            ThreadUpdate::Suspect => Ok(Changes {
                thread_suspect: Some(true),
                ..unchanged
            }),
            ThreadUpdate::Used { id, input_tokens } => {
                // A thread already in use was listed, and all others ended, when it was new.
                if known != Some(id.0.as_str()) {
                    remember(conn, self.chat, id, now)?;
                    end_others(conn, self.chat, Some(id), "replaced", now)?;
                }
                Ok(Changes {
                    thread_id: Some(Some(&id.0)),
                    thread_suspect: Some(false),
                    thread_input_tokens: Some(*input_tokens),
                    thread_used_at: Some(now.stamp()),
                    ..unchanged
                })
            }
            ThreadUpdate::Reset => self.reset(conn, now),
        }
    }

    fn reset(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<Changes<'_>> {
        let first = self.rows.first().map_or(0, |first| first.0);
        diesel::update(pending(self.chat.0).filter(inbox::id.lt(first)))
            .set((
                inbox::state.eq(state::IGNORED),
                inbox::content.eq(None::<String>),
                inbox::reason.eq(IgnoreReason::Reset.word()),
                inbox::finished_at.eq(now.stamp()),
            ))
            .once(here!())
            .run(conn)?;
        self.forget_edits(conn, first)?;
        end_others(conn, self.chat, None, "reset", now)?;
        let since: Option<i64> = dialogs::table
            .filter(dialogs::user_id.eq(self.chat.0))
            .filter(dialogs::inbox_id.eq(first))
            .select(diesel::dsl::max(dialogs::id))
            .first(conn)?;
        Ok(Changes {
            thread_id: Some(None),
            thread_suspect: Some(false),
            thread_since: Some(since),
            thread_input_tokens: Some(0),
            ..Changes::default()
        })
    }

    /// Edits older than the reset belong to the old thread and are never passed to the model.
    fn forget_edits(&self, conn: &mut Conn, first: i64) -> QueryResult<()> {
        diesel::update(pending_edits(self.chat.0).filter(inbox::id.lt(first)))
            .set((inbox::turn_id.eq(first), inbox::content.eq(None::<String>)))
            .once(here!())
            .run(conn)?;
        Ok(())
    }
}
