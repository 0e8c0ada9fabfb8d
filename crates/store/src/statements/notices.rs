//! Immediate notices, written with the row that causes them. The key names kind and time, so that each is sent once.

use chrono::TimeDelta;
use diesel::prelude::*;
use domain::{IgnoreReason, OutgoingMessage};

use super::arrivals::MINUTE;
use super::intake::Intake;
use super::rows::{ASSISTANT, dialog_kind, display_name};
use super::times::Stamped as _;
use crate::schema::{dialogs, outbox};
use crate::{Outcome, Payload};

impl Intake<'_> {
    /// The bot serves private chats only.
    pub(super) fn joined_group(&mut self, id: i64, farewell: Option<&OutgoingMessage>) -> QueryResult<Outcome> {
        if let Some(farewell) = farewell {
            self.deliver(
                self.notice_key("group", MINUTE),
                Payload::Message(farewell.clone()),
                false,
            )?;
        }
        self.deliver(self.notice_key("leave", MINUTE), Payload::LeaveChat, false)?;
        self.ignore(id, IgnoreReason::Group)
    }

    pub(super) fn send_notice(&mut self, key: String, notice: &OutgoingMessage) -> QueryResult<()> {
        let name = self.update.profile.as_ref().map(display_name).unwrap_or_default();
        if self.is_noticed(&key)? {
            return Ok(());
        }
        diesel::insert_into(dialogs::table)
            .values((
                dialogs::user_id.eq(self.update.chat.0),
                dialogs::username.eq(name),
                dialogs::message.eq(&notice.reply.text),
                dialogs::role.eq(ASSISTANT),
                dialogs::timestamp.eq(self.now.stamp()),
                dialogs::kind.eq(dialog_kind::SERVICE),
            ))
            .execute(self.conn)?;
        self.deliver(key, Payload::Message(notice.clone()), true)
    }

    fn is_noticed(&mut self, key: &str) -> QueryResult<bool> {
        let same = outbox::table.filter(outbox::key.eq(key));
        diesel::select(diesel::dsl::exists(same)).get_result(self.conn)
    }

    /// One key for each interval of `length`.
    pub(super) fn notice_key(&self, kind: &str, length: TimeDelta) -> String {
        let number = self.now.timestamp() / length.num_seconds();
        format!("notice:{kind}:{}:{number}", self.update.chat)
    }
}
