//! The dialogs of a report. Their rows are read in parts, dialog by dialog, and kept while the report's table has room for them;
//! the rest is counted.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChatId, LeadId, Period};
use pages::{DialogLine, DialogsBeyond, ReportDialog, Rest, Speaker};

use super::fates::fate_of;
use super::report_reader::{Reader, known};
use super::rows::{USER, dialog_kind};
use super::snapshot::Words;
use super::stored::{InOrder, StoredText, StoredTime};
use crate::Conn;
use crate::schema::{dialogs, successful_dialogs};

/// Bytes of a line and of a dialog without their text.
const LINE: usize = 100;
const DIALOG: usize = 400;

/// Reads the dialogs in the order in which they began.
pub(super) fn read(reader: &mut Reader<'_>) -> QueryResult<(Vec<ReportDialog>, DialogsBeyond)> {
    let (mut kept, mut beyond) = (Vec::new(), DialogsBeyond::default());
    let mut room = Some(reader.bounds.lines);
    let mut met = HashSet::new();
    let (mut after, upto) = (reader.period.after.dialog, reader.period.upto.dialog);
    loop {
        let rows: Vec<(i64, i64)> = dialogs::table
            .filter(dialogs::id.gt(after))
            .filter(dialogs::id.le(upto))
            .order(dialogs::id.asc())
            .limit(reader.bounds.rows)
            .select((dialogs::id, dialogs::user_id))
            .load(reader.conn)?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        for (id, chat) in rows {
            if met.contains(&chat) || !is_first(reader.conn, reader.period, chat, id)? {
                continue;
            }
            if met.len() < reader.bounds.remembered {
                met.insert(chat);
            }
            let mut dialog = about(reader, chat)?;
            room = room.and_then(|room| room.checked_sub(DIALOG));
            read_lines(reader, &mut dialog, id, &mut room)?;
            if room.is_some() || kept.len() < reader.bounds.shown || !dialog.lines.is_empty() {
                kept.push(dialog);
            } else {
                beyond.add(&dialog);
            }
        }
    }
    Ok((kept, beyond))
}

/// Whether the chat's first row of the period is this one.
fn is_first(conn: &mut Conn, period: Period, chat: i64, id: i64) -> QueryResult<bool> {
    let before = dialogs::table
        .filter(dialogs::user_id.eq(chat))
        .filter(dialogs::id.gt(period.after.dialog))
        .filter(dialogs::id.lt(id));
    diesel::select(diesel::dsl::exists(before))
        .get_result(conn)
        .map(|exists: bool| !exists)
}

/// Reads the lines from `first` on: into the dialog while there is room, else into its rest.
fn read_lines(
    reader: &mut Reader<'_>,
    dialog: &mut ReportDialog,
    first: i64,
    room: &mut Option<usize>,
) -> QueryResult<()> {
    let mut after = first - 1;
    loop {
        let rows: Vec<Words> = dialogs::table
            .filter(dialogs::user_id.eq(dialog.chat.0))
            .filter(dialogs::id.gt(after))
            .filter(dialogs::id.le(reader.period.upto.dialog))
            .order(dialogs::id.asc())
            .limit(reader.bounds.rows)
            .select(Words::as_select())
            .load(reader.conn)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        let mut times = InOrder::new(rows.iter().map(|words| words.timestamp), reader.period.since);
        for words in rows {
            let at = times.next(words.timestamp);
            let line = line(reader, words, at)?;
            *room = room.and_then(|room| room.checked_sub(line.text.len() + LINE));
            match room {
                Some(_) => dialog.lines.push(line),
                None => dialog.rest.add(line),
            }
        }
    }
}

fn line(reader: &mut Reader<'_>, words: Words, at: DateTime<Utc>) -> QueryResult<DialogLine> {
    let speaker = match words.role == USER {
        true => Speaker::Customer,
        false => {
            let fate = fate_of(reader.conn, words.id, words.delivered_at, words.lost, reader.now)?;
            Speaker::Us(fate)
        }
    };
    Ok(DialogLine {
        at,
        speaker,
        is_edit: words.kind == dialog_kind::EDIT,
        is_markdown: words.kind == dialog_kind::ANSWER,
        text: words.message.into(),
    })
}

/// A dialog before any of its lines is read.
fn about(reader: &mut Reader<'_>, chat: i64) -> QueryResult<ReportDialog> {
    let (after, upto) = (reader.period.after, reader.period.upto);
    let earlier = dialogs::table
        .filter(dialogs::user_id.eq(chat))
        .filter(dialogs::id.le(after.dialog));
    let is_new = !diesel::select(diesel::dsl::exists(earlier)).get_result::<bool>(reader.conn)?;
    let lead: Option<(i64, StoredText, StoredTime)> = successful_dialogs::table
        .filter(successful_dialogs::user_id.eq(chat))
        .filter(successful_dialogs::id.le(upto.lead))
        .order(successful_dialogs::id.desc())
        .select((
            successful_dialogs::id,
            successful_dialogs::contact_info,
            successful_dialogs::updated_at,
        ))
        .first(reader.conn)
        .optional()?;
    let Period { since, until, .. } = reader.period;
    let is_changed = |at: StoredTime| at.utc().is_some_and(|at| (since..=until).contains(&at));
    let has_left_contact = lead
        .as_ref()
        .is_some_and(|(id, _, at)| *id > after.lead || is_changed(*at));
    let (lead, facts) = lead.map(|(id, facts, _)| (id, known(&facts))).unzip();
    let customer = reader.customer(chat)?;
    Ok(ReportDialog {
        chat: ChatId(chat),
        profile: customer.profile,
        came_from: customer.source,
        is_new,
        lead: lead.map(LeadId),
        is_lead_new: lead.is_some_and(|lead| lead > after.lead),
        has_left_contact,
        facts,
        lines: Vec::new(),
        rest: Rest::default(),
    })
}
