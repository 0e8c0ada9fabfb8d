//! Tool effects with their keys.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, TurnId};

use super::stored::StoredText;
use crate::schema::{gaps, tool_effects};
use crate::{Access, Conn, Statement};

/// Records a question the owner's facts do not answer. The same question in a repeated turn finds its effect and
/// gets the stored output.
#[derive(Debug, Clone)]
pub struct RecordGap {
    /// Who asked.
    pub chat: ChatId,
    /// In which turn.
    pub turn: TurnId,
    /// Hash of the normalised question.
    pub fingerprint: String,
    /// The question, in the model's words.
    pub question: String,
    /// What the model is told, unless it was told before.
    pub output: String,
}

impl Statement for RecordGap {
    type Output = String;
    const ACCESS: Access = Access::Write;

    fn run(&self, conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<String> {
        let known: Option<StoredText> = tool_effects::table
            .filter(tool_effects::turn_id.eq(self.turn.0))
            .filter(tool_effects::tool.eq("report_gap"))
            .filter(tool_effects::fingerprint.eq(&self.fingerprint))
            .select(tool_effects::output)
            .first(conn)
            .optional()?;
        if let Some(output) = known {
            return Ok(output.into());
        }
        diesel::insert_into(gaps::table)
            .values((
                gaps::chat_id.eq(self.chat.0),
                gaps::turn_id.eq(self.turn.0),
                gaps::question.eq(&self.question),
                gaps::created_at.eq(now.naive_utc()),
            ))
            .execute(conn)?;
        diesel::insert_into(tool_effects::table)
            .values((
                tool_effects::chat_id.eq(self.chat.0),
                tool_effects::turn_id.eq(self.turn.0),
                tool_effects::tool.eq("report_gap"),
                tool_effects::fingerprint.eq(&self.fingerprint),
                tool_effects::output.eq(&self.output),
                tool_effects::created_at.eq(now.naive_utc()),
            ))
            .execute(conn)?;
        Ok(self.output.clone())
    }
}
