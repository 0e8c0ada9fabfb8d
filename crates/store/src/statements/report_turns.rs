//! The turns of a report: figures of answered turns, and the questions the model did not answer.

use chrono::TimeDelta;
use diesel::prelude::*;
use pages::{ReportTurn, TurnOutcome, Unanswered};

use super::report_reader::{Reader, left_out, most};
use super::rows::{USER, dialog_kind, inbox_state};
use super::stored::{InOrder, StoredText, StoredTime};
use crate::schema::{dialogs, inbox};

/// Maximum messages shown of a failed turn, and characters of each.
const ASKED: i64 = 20;
const QUESTION: usize = 600;
impl Reader<'_> {
    /// A turn belongs to the period in which its reply was stored.
    pub(super) fn turns(&mut self) -> QueryResult<Vec<ReportTurn>> {
        type Row = (
            i64,
            StoredText,
            StoredText,
            Option<StoredText>,
            StoredTime,
            Option<StoredTime>,
            i64,
            i64,
        );
        let turn = |(_, kind, state, reason, received, finished, input_tokens, output_tokens): Row| ReportTurn {
            outcome: match kind.as_str() {
                _ if state == inbox_state::FAILED => TurnOutcome::Failed {
                    reason: reason.unwrap_or_default().into(),
                    is_form: kind == dialog_kind::FORM,
                },
                dialog_kind::ANSWER => TurnOutcome::Answered,
                _ => TurnOutcome::Service,
            },
            took: finished
                .and_then(StoredTime::utc)
                .zip(received.utc())
                .map_or(TimeDelta::zero(), |(finished, received)| {
                    (finished - received).max(TimeDelta::zero())
                }),
            input_tokens,
            output_tokens,
        };
        let mut turns = Vec::new();
        let mut after = self.period.after.dialog;
        loop {
            let rows: Vec<Row> = dialogs::table
                .inner_join(inbox::table.on(inbox::id.nullable().eq(dialogs::turn_id)))
                .filter(dialogs::id.gt(after))
                .filter(dialogs::id.le(self.period.upto.dialog))
                .filter(dialogs::role.ne(USER))
                .order(dialogs::id.asc())
                .limit(self.bounds.rows)
                .select((
                    dialogs::id,
                    dialogs::kind,
                    inbox::state,
                    inbox::reason,
                    inbox::received_at,
                    inbox::finished_at,
                    inbox::input_tokens,
                    inbox::output_tokens,
                ))
                .load(self.conn)?;
            let Some(last) = rows.last() else { return Ok(turns) };
            after = last.0;
            for turn in rows.into_iter().map(turn) {
                match turns.len() < self.bounds.timed {
                    true => turns.push(turn),
                    false => self.beyond.turns.add(turn),
                }
            }
        }
    }

    pub(super) fn unanswered(&mut self) -> QueryResult<Vec<Unanswered>> {
        let (after, upto) = (self.period.after.dialog, self.period.upto.dialog);
        let failed = || {
            dialogs::table
                .inner_join(inbox::table.on(inbox::id.nullable().eq(dialogs::turn_id)))
                .filter(dialogs::id.gt(after))
                .filter(dialogs::id.le(upto))
                .filter(dialogs::role.ne(USER))
                .filter(inbox::state.eq(inbox_state::FAILED))
        };
        let rows: Vec<(i64, Option<i64>, StoredTime, Option<StoredText>)> = failed()
            .order(dialogs::id.asc())
            .limit(most(self.bounds.listed))
            .select((dialogs::user_id, dialogs::turn_id, dialogs::timestamp, inbox::reason))
            .load(self.conn)?;
        self.beyond.unanswered = left_out(failed().count().get_result(self.conn)?, &rows);
        let mut times = InOrder::new(rows.iter().map(|row| row.2), self.period.since);
        let unanswered = rows.into_iter().map(|(chat, turn, at, reason)| {
            let words: Vec<StoredText> = dialogs::table
                .filter(dialogs::user_id.eq(chat))
                .filter(dialogs::turn_id.eq(turn))
                .filter(dialogs::role.eq(USER))
                .order(dialogs::id.asc())
                .limit(ASKED)
                .select(dialogs::message)
                .load(self.conn)?;
            let words: Vec<String> = words
                .iter()
                .map(|words| words.chars().take(QUESTION).collect())
                .collect();
            Ok(Unanswered {
                profile: self.profile(chat)?,
                at: times.next(at),
                question: words.join("\n"),
                reason: reason.unwrap_or_default().into(),
            })
        });
        unanswered.collect()
    }
}
