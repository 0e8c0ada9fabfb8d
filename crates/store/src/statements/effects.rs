//! Stored results of tool calls, found by the same call in a repeated turn.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, TurnId};

use super::stored::StoredText;
use super::times::Stamped as _;
use crate::schema::{gaps, tool_effects};
use crate::sqlite::prepared::{Keep as _, here};
use crate::{Access, Conn, Statement};

/// A tool call, identified by its turn and arguments.
pub(super) struct Effect<'a> {
    pub chat: ChatId,
    pub turn: TurnId,
    pub tool: &'static str,
    pub fingerprint: &'a str,
}

impl Effect<'_> {
    /// The stored result.
    pub(super) fn output(&self, conn: &mut Conn) -> QueryResult<Option<StoredText>> {
        tool_effects::table
            .filter(tool_effects::turn_id.eq(self.turn.0))
            .filter(tool_effects::tool.eq(self.tool))
            .filter(tool_effects::fingerprint.eq(self.fingerprint))
            .select(tool_effects::output)
            .first(conn)
            .optional()
    }

    /// Stores the result, replacing an earlier one.
    pub(super) fn keep(&self, conn: &mut Conn, now: DateTime<Utc>, output: &str) -> QueryResult<()> {
        diesel::insert_into(tool_effects::table)
            .values((
                tool_effects::chat_id.eq(self.chat.0),
                tool_effects::turn_id.eq(self.turn.0),
                tool_effects::tool.eq(self.tool),
                tool_effects::fingerprint.eq(self.fingerprint),
                tool_effects::output.eq(output),
                tool_effects::created_at.eq(now.stamp()),
            ))
            .on_conflict((tool_effects::turn_id, tool_effects::tool, tool_effects::fingerprint))
            .do_update()
            .set(tool_effects::output.eq(output))
            .once(here!())
            .run(conn)?;
        Ok(())
    }
}

/// Records a question that the owner's facts do not answer. The same question in a repeated turn gets the stored output.
#[derive(Debug, Clone)]
pub struct RecordGap {
    /// The customer's chat.
    pub chat: ChatId,
    /// The turn.
    pub turn: TurnId,
    /// Hash of the normalised question.
    pub fingerprint: String,
    /// The question, in the model's words.
    pub question: String,
    /// The output for the model, unless one is stored already.
    pub output: String,
}

impl Statement for RecordGap {
    type Output = String;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<String> {
        let effect = Effect {
            chat: self.chat,
            turn: self.turn,
            tool: "report_gap",
            fingerprint: &self.fingerprint,
        };
        if let Some(output) = effect.output(conn)? {
            return Ok(output.into());
        }
        diesel::insert_into(gaps::table)
            .values((
                gaps::chat_id.eq(self.chat.0),
                gaps::turn_id.eq(self.turn.0),
                gaps::question.eq(&self.question),
                gaps::created_at.eq(now.stamp()),
            ))
            .once(here!())
            .run(conn)?;
        effect.keep(conn, now, &self.output)?;
        Ok(self.output.clone())
    }
}
