//! The content of a report, read between the borders of its period in bounded parts. Rows beyond the limits of a page are only
//! counted.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::{AbsenceKind, ChatId, DeliveryId, LeadId, LeadSource, ReportNotice};
use pages::{Absence, DeadLetter, ReportGap, ReportLead, ReportPage, Unstored};

use super::absences::last_poll;
use super::past_week::past_week;
use super::refused::refused_addresses;
use super::report_dialogs;
use super::report_reader::{Bounds, Reader, known, left_out, most};
use super::rows::outbox_state as state;
use super::stored::{InOrder, StoredText, StoredTime};
use super::times::Stamped as _;
use crate::schema::{absences, floods, gaps, outbox, reports, successful_dialogs};
use crate::{Conn, Way};

/// A letter that waits longer than this is listed.
const HELD: TimeDelta = TimeDelta::hours(1);
/// Without a poll for this long, updates are not being fetched.
const AWAY: TimeDelta = TimeDelta::minutes(5);

/// Bytes of a lead without its facts.
const LEAD: usize = 200;
/// Maximum flooding customers named.
const FLOODERS: i64 = 3;

/// Reads the page.
pub(crate) fn report_page(conn: &mut Conn, notice: ReportNotice, now: DateTime<Utc>) -> QueryResult<ReportPage> {
    report_page_within(conn, notice, now, Bounds::default())
}

/// Reads the page within these limits.
pub(crate) fn report_page_within(
    conn: &mut Conn,
    notice: ReportNotice,
    now: DateTime<Utc>,
    bounds: Bounds,
) -> QueryResult<ReportPage> {
    let mut reader = Reader::new(conn, notice.period, now, bounds);
    let past_week = past_week(reader.conn, notice.period)?;
    let (dialogs, not_listed) = report_dialogs::read(&mut reader)?;
    reader.beyond.dialogs = not_listed;
    Ok(ReportPage {
        notice,
        past_week,
        dialogs,
        turns: reader.turns()?,
        unanswered: reader.unanswered()?,
        leads: reader.leads()?,
        gaps: reader.gaps()?,
        dead: reader.dead()?,
        held_letters: held_letters(reader.conn, now)?,
        refused: refused_addresses(reader.conn)?,
        absences: reader.absences()?,
        away_since: last_poll(reader.conn)?.filter(|polled| now - *polled > AWAY),
        unstored: reader.unstored()?,
        beyond: reader.beyond,
    })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = successful_dialogs)]
struct LeadRow {
    id: i64,
    user_id: i64,
    contact_info: StoredText,
    created_at: StoredTime,
    source: StoredText,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct DeadRow {
    id: i64,
    chat_id: i64,
    lane: StoredText,
    address: Option<StoredText>,
    reason: Option<StoredText>,
    finished_at: Option<StoredTime>,
    dialog_id: Option<i64>,
}

impl DeadRow {
    fn is_reply(&self) -> bool {
        self.address.is_none() && Way::of_lane(&self.lane) == Way::Chat
    }
}

impl Reader<'_> {
    fn leads(&mut self) -> QueryResult<Vec<ReportLead>> {
        let (mut leads, mut room) = (Vec::new(), Some(self.bounds.leads));
        let mut after = self.period.after.lead;
        loop {
            let rows: Vec<LeadRow> = successful_dialogs::table
                .filter(successful_dialogs::id.gt(after))
                .filter(successful_dialogs::id.le(self.period.upto.lead))
                .order(successful_dialogs::id.asc())
                .limit(self.bounds.rows)
                .select(LeadRow::as_select())
                .load(self.conn)?;
            let Some(last) = rows.last() else { return Ok(leads) };
            after = last.id;
            let mut times = InOrder::new(rows.iter().map(|row| row.created_at), self.period.since);
            for row in rows {
                let at = times.next(row.created_at);
                room = room.and_then(|room| room.checked_sub(row.contact_info.len() + LEAD));
                if room.is_none() {
                    self.beyond.leads += 1;
                    continue;
                }
                let customer = self.customer(row.user_id)?;
                leads.push(ReportLead {
                    lead: LeadId(row.id),
                    chat: ChatId(row.user_id),
                    profile: customer.profile,
                    came_from: customer.source,
                    at,
                    source: LeadSource::from_word(&row.source).unwrap_or(LeadSource::Text),
                    facts: known(&row.contact_info),
                });
            }
        }
    }

    fn gaps(&mut self) -> QueryResult<Vec<ReportGap>> {
        let (after, upto) = (self.period.after.gap, self.period.upto.gap);
        let asked = || gaps::table.filter(gaps::id.gt(after)).filter(gaps::id.le(upto));
        let rows: Vec<(i64, StoredText, StoredTime)> = asked()
            .order(gaps::id.asc())
            .limit(most(self.bounds.listed))
            .select((gaps::chat_id, gaps::question, gaps::created_at))
            .load(self.conn)?;
        self.beyond.gaps = left_out(asked().count().get_result(self.conn)?, &rows);
        let mut times = InOrder::new(rows.iter().map(|row| row.2), self.period.since);
        let listed = rows.into_iter().map(|(chat, question, at)| {
            Ok(ReportGap {
                at: times.next(at),
                profile: self.profile(chat)?,
                question: question.into(),
            })
        });
        listed.collect()
    }

    fn dead(&mut self) -> QueryResult<Vec<DeadLetter>> {
        let (mut dead, mut after) = (Vec::new(), 0);
        loop {
            // Groups are not customers: their undelivered notices are not listed.
            let rows = outbox::table
                .filter(outbox::state.eq(state::dead()))
                .filter(outbox::key.not_like("notice:leave:%"))
                .filter(outbox::key.not_like("notice:group:%"))
                .filter(outbox::id.gt(after))
                .order(outbox::id.asc())
                .limit(self.bounds.rows)
                .select(DeadRow::as_select())
                .into_boxed();
            let rows = match self.period.report {
                Some(report) => rows.filter(outbox::report_id.eq(report.0)),
                None => rows.filter(outbox::report_id.is_null()),
            };
            let rows: Vec<DeadRow> = rows.load(self.conn)?;
            let Some(last) = rows.last() else { return Ok(dead) };
            after = last.id;
            for row in rows {
                match (dead.len() < self.bounds.listed, row.is_reply()) {
                    (true, _) => dead.push(self.dead_letter(row)?),
                    (false, false) => self.beyond.dead_letters += 1,
                    (false, true) => self.beyond.dead_replies += 1,
                }
            }
        }
    }

    fn dead_letter(&mut self, row: DeadRow) -> QueryResult<DeadLetter> {
        let profile = match row.chat_id {
            0 => None,
            chat => Some(self.profile(chat)?),
        };
        Ok(DeadLetter {
            delivery: DeliveryId(row.id),
            dialog: row.dialog_id,
            to: (!row.is_reply()).then(|| row.address.unwrap_or(row.lane).into()),
            profile,
            at: row.finished_at.and_then(StoredTime::utc),
            reason: row.reason.unwrap_or_default().into(),
        })
    }

    fn absences(&mut self) -> QueryResult<Vec<Absence>> {
        let (mut listed, mut after) = (Vec::new(), self.period.after.absence);
        loop {
            let rows: Vec<(i64, StoredText, StoredTime, StoredTime)> = absences::table
                .filter(absences::id.gt(after))
                .filter(absences::id.le(self.period.upto.absence))
                .order(absences::id.asc())
                .limit(self.bounds.rows)
                .select((absences::id, absences::kind, absences::began_at, absences::ended_at))
                .load(self.conn)?;
            let Some(last) = rows.last() else { return Ok(listed) };
            after = last.0;
            for (_, kind, began, ended) in rows {
                let Some((began, ended)) = began.utc().zip(ended.utc()) else {
                    continue;
                };
                let absence = Absence {
                    kind: AbsenceKind::from_word(&kind).unwrap_or(AbsenceKind::Unreachable),
                    began,
                    ended,
                };
                if listed.len() < self.bounds.listed {
                    listed.push(absence);
                } else {
                    self.beyond.absences += 1;
                    self.beyond.away += absence.span();
                }
            }
        }
    }

    /// Messages that were only counted, and their most frequent senders.
    fn unstored(&mut self) -> QueryResult<Unstored> {
        let report = match self.period.report {
            Some(report) => report.0,
            None => {
                let open: Option<i64> = reports::table.select(diesel::dsl::max(reports::id)).first(self.conn)?;
                open.unwrap_or_default()
            }
        };
        let own = || floods::table.filter(floods::report_id.eq(report));
        let mut messages = 0;
        let mut after = i64::MIN;
        loop {
            let rows: Vec<(i64, i64)> = own()
                .filter(floods::chat_id.gt(after))
                .order(floods::chat_id.asc())
                .limit(self.bounds.rows)
                .select((floods::chat_id, floods::messages))
                .load(self.conn)?;
            let Some((last, _)) = rows.last() else { break };
            after = *last;
            messages += rows.iter().map(|(_, messages)| messages.unsigned_abs()).sum::<u64>();
        }
        let most: Vec<(i64, i64)> = own()
            .order((floods::messages.desc(), floods::chat_id.asc()))
            .limit(FLOODERS)
            .select((floods::chat_id, floods::messages))
            .load(self.conn)?;
        let most = most
            .into_iter()
            .map(|(chat, sent)| Ok((self.profile(chat)?, sent.unsigned_abs())));
        Ok(Unstored {
            messages,
            most: most.collect::<QueryResult<_>>()?,
        })
    }
}

/// Letters not accepted for an hour, including those queued behind them. Reports are not counted.
fn held_letters(conn: &mut Conn, now: DateTime<Utc>) -> QueryResult<u64> {
    let hour_ago = (now - HELD).stamp();
    let is_overdue = outbox::state.eq(state::RETRYABLE).or(outbox::due_at.lt(hour_ago));
    let held: i64 = outbox::table
        .filter(outbox::state.eq_any(state::UNFINISHED))
        .filter(outbox::address.is_not_null())
        .filter(outbox::key.not_like("report%"))
        .filter(outbox::created_at.lt(hour_ago))
        .filter(is_overdue)
        .count()
        .get_result(conn)?;
    Ok(held.unsigned_abs())
}
